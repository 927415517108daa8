import ArgumentParser
import Foundation
import Volfefe

/// `volfefe cron`: what `volfefe work` puts into a queue at its times.
struct CronCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron", abstract: "Show, add, run, pause and remove cron entries.",
        discussion: """
            An entry looks for contents that miss a verdict and puts in a job for each, or runs
            a phase, or looks at the gates. It runs once per time, however many `volfefe work`
            there are, and in its own time zone.

              volfefe cron add nightly "30 2 * * *" --time-zone Europe/Berlin
              volfefe cron add hourly @hourly --source truth_social --since 7d --missed skip
              volfefe cron add names @daily --phase ner
              volfefe cron add watch "*/10 * * * *" --gates
              volfefe cron run nightly

            Entries may also stand under `cron:` in volfefe.yaml, and as the schedules of phases;
            `volfefe work` reads these.
            """,
        subcommands: [List.self, Add.self, Run.self, Pause.self, Resume.self, Remove.self],
        defaultSubcommand: List.self)

    /// `volfefe cron list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show every entry with its last and next time, in its own time zone.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions

        func run() async throws {
            try await reportingErrors {
                let entries = try await Store.reading(global).cronEntries()
                let grid = Self.grid(entries)
                try format.show(entries, grid: grid) {
                    entries.isEmpty ? "no cron entries: volfefe cron add NAME SCHEDULE" : grid.rendered()
                }
                return .done
            }
        }

        private static func grid(_ entries: [CronEntry]) -> Grid {
            var grid = Grid([
                "<name", "<schedule", "<time zone", "<missed", "<kind", "<queue", "<last", "<next", "<from",
            ])
            for entry in entries {
                let next = entry.isPaused ? "paused" : entry.nextAt?.shown(in: entry.timeZone) ?? "–"
                grid.add(
                    .text(entry.name), .text(entry.schedule), .text(entry.timeZone), .text(entry.missed.rawValue),
                    .text(entry.kind), .text(entry.queue), .text(entry.lastAt?.shown(in: entry.timeZone) ?? "–"),
                    .text(next), .text(entry.origin.rawValue))
            }
            return grid
        }
    }

    /// `volfefe cron add`
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "add", abstract: "Add an entry, or change the one of that name.",
            discussion: """
                A schedule is minute, hour, day of the month, month and day of the week
                (*, 5, 1-5, mon-fri, */15, lists with commas), or @hourly, @daily, @weekly,
                @monthly, @yearly. With both days given, one of them is enough.

                Where clocks change, a fixed hour runs exactly once that day: at the first moment
                after a gap, and the first time round when it comes twice. A schedule for every
                hour follows the time that passes.
                """)

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name of the entry.") var name: String
        @Argument(help: "Its schedule, in quotes.") var schedule: String
        @Option(name: .customLong("time-zone"), help: "Time zone of the schedule, such as Europe/Berlin.")
        var timeZone = "UTC"
        @Option(name: .long, help: "Times when nobody was there: one (the last of them), all, or skip.")
        var missed: MissedRuns = .one
        @Option(name: .long, help: "Queue of its jobs (default: default; of phases: phases).") var queue: String?
        @Option(name: .long, help: "0 goes first, 9 last.") var priority = 5
        @Option(name: .shortAndLong, help: "Only contents of this source.") var source: String?
        @Option(name: .long, help: "Only contents published so long ago at most: 12h, 7d.") var since: Span?
        @Option(name: .long, help: "Run this phase over what misses it; one job at a time.") var phase: Phase?
        @Flag(name: .long, help: "Look at the gates, and tell the alert command what has changed.") var gates = false

        func validate() throws {
            if phase != nil, since != nil { throw ValidationError("--phase goes with --source alone.") }
            if gates, phase != nil || since != nil || source != nil {
                throw ValidationError("--gates looks at all gates; it takes no --phase, --source or --since.")
            }
            if name.isEmpty || queue?.isEmpty == true { throw ValidationError("Names must not be empty.") }
            if !(0...9).contains(priority) { throw ValidationError("--priority must be from 0 (first) to 9 (last).") }
        }

        func run() async throws {
            try await reportingErrors {
                let (kind, arguments) = try work()
                let usual = kind == PhaseOrder.kind ? CronEntry.phaseQueue : PlacementOptions.usualQueue
                let entry = try CronEntry(
                    name: name, schedule: schedule, timeZone: timeZone, missed: missed, kind: kind,
                    arguments: arguments, queue: queue ?? usual, priority: priority)
                let isNew = try await Store.writing(global).setCron(entry)
                let next = try entry.next(after: Date())?.shown(in: timeZone) ?? "never"
                Terminal.say("\(isNew ? "added" : "changed") the cron entry \(name); next: \(next)")
                return .done
            }
        }

        /// The kind of its jobs, and their arguments.
        private func work() throws -> (kind: String, arguments: String?) {
            if gates { return (GateHandler.name, nil) }
            if let phase { return (PhaseOrder.kind, PhaseOrder(phase: phase, source: source).arguments) }
            let filter = ContentFilter(source: source, sinceSeconds: since?.seconds)
            return (EnqueueHandler.name, try JSON.line(filter))
        }
    }

    /// `volfefe cron run`
    struct Run: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "run", abstract: "Put in an entry's job now, once, whatever its schedule says.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name of the entry.") var name: String

        func run() async throws {
            try await reportingErrors {
                guard let job = try await Store.writing(global).runCron(name) else { throw CronCommand.missing(name) }
                Terminal.say("job \(job) put in")
                return .done
            }
        }
    }

    /// `volfefe cron pause`
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "pause", abstract: "Run an entry no more.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name of the entry.") var name: String

        func run() async throws {
            try await reportingErrors {
                guard try await Store.writing(global).setPaused(true, cron: name) else {
                    throw CronCommand.missing(name)
                }
                Terminal.say("the cron entry \(name) is paused")
                return .done
            }
        }
    }

    /// `volfefe cron resume`
    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "resume", abstract: "Run a paused entry again; what fell into the pause was not missed.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name of the entry.") var name: String

        func run() async throws {
            try await reportingErrors {
                guard try await Store.writing(global).setPaused(false, cron: name) else {
                    throw CronCommand.missing(name)
                }
                Terminal.say("the cron entry \(name) goes on")
                return .done
            }
        }
    }

    /// `volfefe cron remove`
    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove", abstract: "Remove an entry; jobs that it has put in stay.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "Name of the entry.") var name: String

        func run() async throws {
            try await reportingErrors {
                guard try await Store.writing(global).removeCron(name) else { throw CronCommand.missing(name) }
                Terminal.say("removed the cron entry \(name)")
                return .done
            }
        }
    }

    fileprivate static func missing(_ name: String) -> CommandError {
        CommandError(.notFound, "there is no cron entry \"\(name)\"; volfefe cron list shows those that are.")
    }
}

extension MissedRuns: ExpressibleByArgument {}

extension Date {
    /// `2026-11-21 17:04 +01:00`, by the clock of the zone; `UTC` where that is what it shows.
    fileprivate func shown(in zone: String) -> String {
        guard self < .distantFuture else { return "never" }
        let offset = (TimeZone(identifier: zone) ?? .gmt).secondsFromGMT(for: self)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let minutes = abs(offset) / 60
        let name = offset == 0 ? "UTC" : "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
        return "\(addingTimeInterval(Double(offset)).shown.prefix(16)) \(name)"
    }
}
