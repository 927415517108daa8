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

            A soak sends waves of texts that crash, hold up or mislead their workers, kills
            workers and supervisors, and checks after each wave that every text has every
            model's row once but for those that must be set aside.

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

    @Option(name: .long, help: "Mixed chaos for so long, such as 60s, 10m or 1h.")
    var soak: SoakDuration?

    @Option(name: .long, help: "Makes a soak choose as an earlier one did (default: by chance).")
    var seed: UInt64?

    func validate() throws {
        guard faults || list || soak != nil else { throw ValidationError("Give --faults or --soak DURATION.") }
        if soak != nil, faults || list || full || only != nil {
            throw ValidationError("--soak and the rows of --faults exclude each other.")
        }
        if seed != nil, soak == nil { throw ValidationError("--seed is for --soak.") }
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
            // A wave that was begun is finished, however slow the machine is.
            return try await Interruption.handling(grace: .seconds(600)) { interruption in
                let isWell =
                    if let soak {
                        try await run(soak, tools, interruption.stop)
                    } else {
                        try await run(faults, tools, interruption.stop)
                    }
                return interruption.exitStatus ?? (isWell ? .done : .someFailed)
            }
        }
    }

    private func run(_ faults: [Fault], _ tools: Bench.Tools, _ stop: StopRequest) async throws -> Bool {
        let rows = try await FaultRun(faults: faults, isFull: full, tools: tools).run(stop: stop)
        try format.show(rows, human: FaultRun.table)
        return rows.allSatisfy { $0.verdict != .failed }
    }

    private func run(_ soak: SoakDuration, _ tools: Bench.Tools, _ stop: StopRequest) async throws -> Bool {
        let seed = seed ?? UInt64.random(in: 1...999_999)
        let tally = try await Soak(duration: soak.duration, workers: global.workers ?? 2, seed: seed, tools: tools)
            .run(stop: stop)
        if Terminal.talksToPerson { Terminal.write(Array("\r\u{1B}[K".utf8), to: 2) }
        try format.show(tally) { $0.rendered }
        return tally.violations.isEmpty
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

/// A time such as 60s, 10m or 1h.
struct SoakDuration: ExpressibleByArgument {
    let duration: Duration

    init?(argument: String) {
        let units = ["s": 1, "m": 60, "h": 3_600]
        guard let unit = argument.last.flatMap({ units[String($0)] }), let count = Int(argument.dropLast()),
            (1...1_000_000).contains(count)
        else { return nil }
        duration = .seconds(count * unit)
    }
}
