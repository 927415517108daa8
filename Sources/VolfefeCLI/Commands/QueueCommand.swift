import ArgumentParser
import Foundation
import Volfefe

/// `volfefe queue`: the queues, and what is done to them while processes work on them.
struct QueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "Show, pause, resume, scale and drain queues, live.",
        discussion: """
            What is set holds for every `volfefe work` from its next claim on (within
            `job_poll`), and stays when they end.
            """,
        subcommands: [List.self, Pause.self, Resume.self, Scale.self, Drain.self], defaultSubcommand: List.self)

    /// `volfefe queue list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "list", abstract: "Show every queue with its jobs in each state.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions

        func run() async throws {
            try await reportingErrors {
                let queues = try await Store.reading(global).queues()
                let grid = Self.grid(queues)
                try format.show(queues, grid: grid) {
                    queues.isEmpty ? "there is no queue yet: volfefe enqueue makes one" : grid.rendered()
                }
                return .done
            }
        }

        private static func grid(_ queues: [QueueStatus]) -> Grid {
            var grid = Grid(["<queue", "<state", "<concurrency"] + JobState.allCases.map(\.rawValue) + ["<oldest"])
            for queue in queues {
                let counts = JobState.allCases.map { Grid.Cell.count(queue.counts[$0.rawValue] ?? 0) }
                let head: [Grid.Cell] = [
                    .text(queue.name), .text(queue.isPaused ? "paused" : "open"),
                    .text(queue.concurrency.map(String.init) ?? "auto"),
                ]
                grid.add(cells: head + counts + [.text(queue.oldestSeconds?.spanned ?? "–")])
            }
            return grid
        }
    }

    /// `volfefe queue pause`
    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "pause", abstract: "Take nothing more from a queue; what is executing goes on.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The queue.") var name: String

        func run() async throws {
            try await reportingErrors {
                try QueueCommand.existing(name, await Store.writing(global).setPaused(true, queue: name))
                Terminal.say("the queue \(name) is paused; volfefe queue resume \(name) lets it go on")
                return .done
            }
        }
    }

    /// `volfefe queue resume`
    struct Resume: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "resume", abstract: "Let a paused queue go on.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The queue.") var name: String

        func run() async throws {
            try await reportingErrors {
                try QueueCommand.existing(name, await Store.writing(global).setPaused(false, queue: name))
                Terminal.say("the queue \(name) goes on")
                return .done
            }
        }
    }

    /// `volfefe queue scale`
    struct Scale: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "scale", abstract: "Set how many jobs of a queue one `volfefe work` has in hand at once.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The queue.") var name: String
        @Argument(help: "Jobs at once, from 1 to 100000; auto: as many as fill the workers.") var concurrency: String

        func validate() throws {
            guard concurrency == "auto" || Int(concurrency).map((1...100_000).contains) == true else {
                throw ValidationError("\"\(concurrency)\": give a whole number from 1 to 100000, or auto.")
            }
        }

        func run() async throws {
            try await reportingErrors {
                let store = try Store.writing(global)
                try QueueCommand.existing(name, await store.scale(name, to: Int(concurrency)))
                Terminal.say("the queue \(name) has a concurrency of \(concurrency)")
                return .done
            }
        }
    }

    /// `volfefe queue drain`
    struct Drain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "drain", abstract: "Pause a queue and wait until nothing of it is executing.",
            discussion: "Exit status: 0 drained; 75 something is still executing after --timeout. It stays paused.")

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The queue.") var name: String
        @Option(name: .long, help: "How long to wait.") var timeout = Span(.seconds(600))

        func run() async throws {
            try await reportingErrors {
                let store = try Store.writing(global)
                try QueueCommand.existing(name, await store.setPaused(true, queue: name))
                let deadline = ContinuousClock.now + timeout.duration
                let executing = JobFilter(states: [.executing], queue: name)
                return try await Interruption.handling { interruption in
                    while let left = try await store.jobCounts(executing)[.executing] {
                        if let status = interruption.exitStatus { return status }
                        if ContinuousClock.now > deadline {
                            throw CommandError(
                                .temporary, "\(left.grouped) jobs of \(name) are still executing; it stays paused.")
                        }
                        // A dead owner's jobs would be executing for ever.
                        try await store.interruptDeadRuns()
                        try await Task.sleep(for: .milliseconds(200))
                    }
                    Terminal.say("the queue \(name) is drained and paused; volfefe queue resume \(name) lets it go on")
                    return .done
                }
            }
        }
    }

    fileprivate static func existing(_ name: String, _ isThere: Bool) throws {
        guard isThere else {
            throw CommandError(.notFound, "there is no queue \"\(name)\"; volfefe queue list shows those that are.")
        }
    }
}

extension Store {
    /// The database of the settings, for writing; it must be there.
    static func writing(_ global: GlobalOptions) throws -> Store {
        let configuration = try LoadedSettings(global).configuration
        guard FileManager.default.fileExists(atPath: configuration.database) else {
            throw StoreError.noDatabase(path: configuration.database)
        }
        return try Store(
            path: configuration.database, busyTimeout: configuration.busyTimeout, syncCommits: configuration.syncCommits
        )
    }
}
