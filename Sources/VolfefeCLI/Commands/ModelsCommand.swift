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
            commandName: "list", abstract: "Show the registry: every model of volfefe.yaml, active or not.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        func run() async throws {
            try await reportingErrors {
                let configuration = try LoadedSettings(global).configuration
                let active = Set(configuration.activeModels.map(\.id))
                try format.show(configuration.models) { models in
                    var table = Table(
                        ("model", .left), ("active", .left), ("version", .left), ("engine", .left), ("source", .left),
                        ("labels", .left), ("weight", .right), ("profiles", .left), ("revision", .left))
                    for model in models {
                        table.add(
                            model.id, active.contains(model.id) ? "yes" : "no", model.version, model.engine,
                            model.source,
                            model.labels.map(\.sentiment.rawValue).joined(separator: ","), model.weight.digits(2),
                            model.profiles.joined(separator: ","), model.revision?.shortRevision ?? "–")
                    }
                    return table.rendered()
                }
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
            abstract: "Make what the engines run: merge, convert, verify, cache.",
            discussion: """
                Shipped models are also prepared by themselves on first use. Models of a hub need the packages of
                requirements-hub.txt, and --download once: it is the only thing that ever uses the network.

                  volfefe models prepare
                  volfefe models prepare --profile hub --download
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Option(name: .long, help: "Only this model; repeat for several.")
        var model: [String] = []

        @Flag(name: .long, help: "Fetch missing weights of hub models.")
        var download = false

        func run() async throws {
            try await Preparation(global, models: model, flags: download ? ["--download"] : [], json: format.json).run()
        }
    }
}
