import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe workers`: the workers of the running supervisors, and their replacement.
struct WorkersCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "workers", abstract: "Show the workers of running supervisors, or replace them.",
        subcommands: [List.self, Reset.self], defaultSubcommand: List.self)

    /// `volfefe workers list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show every worker of every running supervisor.",
            discussion: "Exit status: 0 done; 69 no supervisor is running, or one does not answer.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Option(name: .long, help: "Only the workers of the supervisor with this process id.")
        var pid: Int32?

        func run() async throws {
            try await reportingErrors {
                let folder = RuntimeFolder(try LoadedSettings(global).configuration.runtimeDirectory)
                let survey = try Survey.take(in: folder, pid: pid)
                if format.json || !survey.reports.isEmpty {
                    let lines = survey.reports.flatMap { report in
                        report.pool.workers.map { WorkerLine(supervisor: report.pid, worker: $0) }
                    }
                    try format.show(lines) { _ in WorkersTable(survey.reports).rendered() }
                }
                survey.sayWhatIsMissing(pid: pid)
                return survey.isEmpty || !survey.silent.isEmpty ? .noWorker : .done
            }
        }
    }

    /// `volfefe workers reset`
    struct Reset: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "reset", abstract: "Replace every worker of every running supervisor.",
            discussion: """
                A worker finishes the request that it has before it goes. Waits until every worker
                is a new one that serves.

                  volfefe workers reset --rolling      always somebody serves

                Exit status: 0 done; 1 a supervisor ended meanwhile, or no new worker became ready
                within `start_timeout`; 69 no supervisor is running.
                """)

        @OptionGroup var global: GlobalOptions

        @Flag(name: .long, help: "One worker after the other, each when its successor is ready.")
        var rolling = false

        @Option(name: .long, help: "Only the workers of the supervisor with this process id.")
        var pid: Int32?

        func run() async throws {
            try await reportingErrors {
                let configuration = try LoadedSettings(global).configuration
                let folder = RuntimeFolder(configuration.runtimeDirectory)
                let survey = try Survey.take(in: folder, pid: pid)
                survey.sayWhatIsMissing(pid: pid)
                guard !survey.reports.isEmpty else { return .noWorker }
                let reset = WorkersReset(
                    client: ControlClient(folder: folder), rolling: rolling, patience: configuration.startTimeout)
                return try await reset.run(survey.reports) ? .done : .someFailed
            }
        }
    }
}

/// One element of `volfefe workers --json`: a worker, and whose it is.
private struct WorkerLine: Encodable {
    let supervisor: Int32
    let worker: PoolSnapshot.Worker

    func encode(to encoder: any Encoder) throws {
        try worker.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(supervisor, forKey: .supervisor)
    }

    private enum CodingKeys: String, CodingKey { case supervisor }
}
