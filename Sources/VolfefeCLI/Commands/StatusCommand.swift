import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe status`: how the running supervisors are, as they say themselves.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the running supervisors, their workers and models are.",
        discussion: """
            Every command that runs models is a supervisor while it runs, and answers over a
            socket in the folder `runtime_dir`. Ready means: enough workers serve, and every
            enabled model has really answered within `health_window`.

              volfefe status
              volfefe status --watch
              volfefe status --json | jq '.[].pool.state'

            Exit status: 0 all are ready; 1 one is degraded or draining; 69 one is unready or
            does not answer, or none is running. With --watch: 0 when the last one has ended,
            130 when stopped by Ctrl-C, 69 when none was running at first.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Flag(name: .shortAndLong, help: "Show it again every second, until Ctrl-C or until no supervisor is left.")
    var watch = false

    @Option(name: .long, help: "Only the supervisor with this process id.")
    var pid: Int32?

    func run() async throws {
        try await reportingErrors {
            let folder = RuntimeFolder(try LoadedSettings(global).configuration.runtimeDirectory)
            if watch { return try await StatusWatch(folder: folder, pid: pid, showsJSON: format.json).run() }
            let survey = try Survey.take(in: folder, pid: pid)
            if format.json {
                Terminal.show(try JSON.line(survey.reports))
            } else if !survey.reports.isEmpty {
                Terminal.show(survey.rendered())
            }
            survey.sayWhatIsMissing(pid: pid)
            return survey.exitStatus
        }
    }
}
