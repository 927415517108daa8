import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe models`: the registry, and the files behind it.
struct ModelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "models",
        abstract: "List, verify and prepare the models of the registry.",
        discussion: "The registry is the list `models:` in volfefe.yaml; docs/models.md says how to add to it.",
        subcommands: [List.self, Verify.self, Prepare.self], defaultSubcommand: List.self)

    /// `volfefe models list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show the registry: every model of volfefe.yaml, and what runs it here.",
            discussion: """
                The engine, and its speed and closeness as multiples of and differences from the reference (ONNX Runtime in
                fp32), as `volfefe models prepare` measured them on this machine. Nothing is loaded.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await reportingErrors {
                let configuration = try LoadedSettings(global).configuration
                let models = await ListedModel.all(configuration, supervisor: try? Supervisor(global))
                try format.show(models) { $0.table }
                if let advice = models.advice { Terminal.say(advice) }
                return .done
            }
        }
    }

    /// `volfefe models verify`
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Hash the prepared files again and compare them with what is pinned.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Option(name: .long, help: "Only this model; repeat for several.")
        var model: [String] = []

        func run() async throws {
            try await Preparation(global, models: model, flags: ["--verify"], json: format.json).run()
        }
    }

    /// `volfefe models prepare`
    struct Prepare: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prepare",
            abstract: "Make what the engines run, and pick the fastest engine that says the same.",
            discussion: """
                Models are merged or converted and cached. For those with `engine: auto`, every installed engine and precision
                is then measured side by side and compared with ONNX Runtime in fp32; the fastest that agrees on 99.5 % of the
                texts, with a mean difference of probabilities of .005 or less, runs from then on. That takes a minute per
                model, once for a machine. The texts are yours (--texts, or --database for what is stored), else shipped ones.

                Shipped models are also prepared by themselves on first use. Models of a hub need the packages of
                requirements-hub.txt, and --download once: it is the only thing that ever uses the network.

                  volfefe models prepare
                  volfefe models prepare --database posts.db --measure
                  volfefe models prepare --profile hub --download
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Option(name: .long, help: "Only this model; repeat for several.")
        var model: [String] = []

        @Flag(name: .long, help: "Fetch missing weights of hub models.")
        var download = false

        @Flag(name: .long, help: "Measure the engines again, whatever is known.")
        var measure = false

        @Option(name: .long, help: "Measure on these texts: one per line, or .jsonl with `text`.")
        var texts: String?

        func run() async throws {
            let flags = [download ? "--download" : nil, measure ? "--measure" : nil, "--progress"].compactMap { $0 }
            try await reportingErrors {
                let store = try texts == nil && global.database != nil ? storedTexts() : nil
                try await ComparisonTexts.withFlags(file: texts, store: store) { named in
                    try await Preparation(global, models: model, flags: flags + named, json: format.json).run()
                }
                return .done
            }
        }

        private func storedTexts() throws -> Store {
            let supervisor = try Supervisor(global)
            try supervisor.requireDatabase()
            return try supervisor.openStore(readOnly: true)
        }
    }
}
