import ArgumentParser
import Foundation
import Volfefe

/// `volfefe selftest`: shows that this installation survives what it promises to survive.
struct SelftestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "selftest",
        abstract: "Make faults happen to this installation and look whether it survives them.",
        discussion: """
            Every row runs this program on workers that misbehave, in a temporary folder, and
            then looks at the database, the exit status, the processes left and the memory.

              volfefe selftest --faults                  all rows, a few minutes
              volfefe selftest --faults --only R8,R19    some of them
              volfefe selftest --faults --full           with the counts of the fault list
              volfefe selftest --list                    what there is, without running it
              volfefe selftest --soak 1h                 mixed chaos, invariants checked

            Exit status: 0 when nothing failed (skipped rows say why), 1 otherwise.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Flag(name: .long, help: "Run the rows of the fault list.")
    var faults = false

    @Option(name: .long, help: "Only these rows, separated by commas.")
    var only: String?

    @Flag(name: .long, help: "Counts of the fault list: 10,000 restarts, a million lines; half an hour.")
    var full = false

    @Flag(name: .long, help: "List the rows and run none.")
    var list = false

    func validate() throws {
        guard faults || list else { throw ValidationError("Give --faults or --soak DURATION (or --list).") }
        _ = try chosen()
    }

    func run() async throws {
        try await reportingErrors {
            let faults = try chosen()
            if list {
                Terminal.show(FaultRun.list(faults))
                return .done
            }
            let settings = try LoadedSettings(global)
            let tools = Bench.Tools(
                installation: settings.installation,
                python: try settings.installation.python(settings.configuration.python))
            Bench.removeOrphans()
            let run = FaultRun(faults: faults, isFull: full, tools: tools)
            return try await Interruption.handling { interruption in
                let rows = try await run.run(stop: interruption.stop)
                try format.show(rows, human: FaultRun.table)
                return interruption.exitStatus ?? (rows.contains { $0.verdict == .failed } ? .someFailed : .done)
            }
        }
    }

    /// The rows of `--only`, or all.
    private func chosen() throws -> [Fault] {
        guard let only else { return Fault.all }
        return try only.split(separator: ",").map { word in
            let id = word.trimmingSpaces.uppercased()
            guard let fault = Fault.all.first(where: { $0.id == id }) else {
                let known = Fault.all.map(\.id).joined(separator: ", ")
                throw ValidationError("There is no fault \"\(id)\" in the list; known are \(known).")
            }
            return fault
        }
    }
}
