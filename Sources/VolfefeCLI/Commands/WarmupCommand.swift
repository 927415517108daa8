import ArgumentParser
import Inference
import Volfefe

/// `volfefe warmup`: prepares, loads and runs every model once, and says how long each step takes.
struct WarmupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warmup",
        abstract: "Prepare, load and run every model; show load, first and second call.",
        discussion: """
            Nothing is stored. The first call of a model in a process is slower than the next ones; workers make it before
            they are ready, so no text waits for it.

              volfefe warmup
              volfefe warmup --model vader --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Option(name: .long, help: "Warm up only this model; repeat for several.")
    var model: [String] = []

    func run() async throws {
        try await reportingErrors {
            let supervisor = try Supervisor(global, onlyModels: model)
            let begun = ContinuousClock.now
            let ready = try await Interruption.handling { _ in
                try await supervisor.withPool(workers: 1) { try await $0.ready() }
            }
            let total = (ContinuousClock.now - begun) / .milliseconds(1)
            try format.show(WarmupReport(totalMs: total, ready: ready)) { report in
                var table = Table(
                    ("model", .left), ("version", .left), ("engine", .left), ("precision", .left), ("load ms", .right),
                    ("first ms", .right), ("second ms", .right), ("revision", .left))
                for model in report.ready.models {
                    table.add(
                        model.id, model.version, "\(model.engine) \(model.engineVersion)", model.precision,
                        model.loadMs.digits(0), model.firstCallMs.digits(1), model.secondCallMs.digits(1),
                        model.revision.shortRevision)
                }
                return table.rendered()
            }
            Terminal.say("ready in \((total / 1000).digits(2)) s, launch included")
            return .done
        }
    }
}

private struct WarmupReport: Encodable {
    let totalMs: Double
    let ready: WorkerReady

    enum CodingKeys: String, CodingKey {
        case ready
        case totalMs = "total_ms"
    }
}

extension String {
    /// `sha256:0123456789ab…`, for tables.
    var shortRevision: String { count > 19 ? String(prefix(19)) + "…" : self }
}
