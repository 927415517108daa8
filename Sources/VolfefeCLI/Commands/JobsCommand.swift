import ArgumentParser
import Volfefe

/// `volfefe jobs`: the jobs, and what a person does to them.
struct JobsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "jobs", abstract: "Show jobs; retry, cancel or discard them; look at the dead letters.",
        discussion: """
            A job that fails is tried again, up to `job_attempts` times; then it is a dead
            letter and stays until somebody acts.

              volfefe jobs dead
              volfefe jobs retry --dead
              volfefe jobs cancel --queue recent
              volfefe jobs list --state retryable --json
            """,
        subcommands: [List.self, Show.self, Dead.self, Retry.self, Cancel.self, Discard.self],
        defaultSubcommand: List.self)

    /// `volfefe jobs list`
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "list", abstract: "Show jobs, newest first.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions
        @OptionGroup var filter: JobFilterOptions
        @Option(name: .shortAndLong, help: "So many at most.") var limit = 50

        func run() async throws {
            try await reportingErrors {
                let store = try Store.reading(global)
                let jobs = try await store.jobs(filter.filter(), limit: limit)
                let grid = JobsTable.grid(jobs)
                try format.show(jobs, grid: grid) { jobs.isEmpty ? "no such job" : grid.rendered() }
                let all = try await store.jobCounts(filter.filter()).values.reduce(0, +)
                if all > jobs.count { Terminal.say("\(all.grouped) in all; --limit shows more") }
                return .done
            }
        }
    }

    /// `volfefe jobs show`
    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Show everything about jobs: each attempt that failed, and its last words.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions
        @Argument(help: "Ids of jobs.") var ids: [Int64]

        func run() async throws {
            try await reportingErrors {
                let found = try await Store.reading(global).histories(JobFilter(ids: ids), limit: ids.count)
                if !found.isEmpty || format.json {
                    try format.show(found) { $0.map(JobsTable.text).joined(separator: "\n\n") }
                }
                let missing = ids.filter { id in !found.contains { $0.job.id == id } }
                guard missing.isEmpty else {
                    throw CommandError(
                        .notFound, "there is no job \(missing.map(String.init).joined(separator: ", ")) (any more).")
                }
                return .done
            }
        }
    }

    /// `volfefe jobs dead`
    struct Dead: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "dead", abstract: "Show the dead letters: jobs that have failed for good, and why.",
            discussion: """
                  volfefe jobs retry ID       so many attempts more
                  volfefe jobs cancel ID      it is not wanted any more
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: FigureOptions
        @Option(name: .long, help: "Only those of this queue.") var queue: String?
        @Option(name: .shortAndLong, help: "So many at most.") var limit = 50

        func run() async throws {
            try await reportingErrors {
                let store = try Store.reading(global)
                let filter = JobFilter(states: [.discarded], queue: queue)
                let dead = try await store.histories(filter, limit: limit)
                let grid = JobsTable.deadLetters(dead)
                try format.show(dead, grid: grid) { dead.isEmpty ? "no dead letters" : grid.rendered() }
                let all = try await store.jobCounts(filter)[.discarded] ?? 0
                if all > dead.count { Terminal.say("\(all.grouped) in all; --limit shows more") }
                return .done
            }
        }
    }

    /// `volfefe jobs retry`
    struct Retry: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "retry", abstract: "Do jobs again that have ended, or that wait.",
            discussion: """
                They get `job_attempts` attempts more. One that is unique stays as it is when
                another job is at the same thing. Exit status: 1 when a job named could not be
                brought back.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var choice: JobChoice
        @Flag(name: .long, help: "All dead letters.") var dead = false

        func validate() throws { try choice.validate(orElse: dead) }

        func run() async throws {
            try await reportingErrors {
                var filter = choice.filter()
                if dead { filter.states = [.discarded] }
                // Without names, only what has failed or waits: nobody means everything that was ever done.
                if filter.ids == nil, filter.states == nil { filter.states = [.discarded, .retryable, .scheduled] }
                let attempts = try LoadedSettings(global).configuration.jobAttempts
                return try await choice.apply(.retry(attempts: attempts), filter, "brought back", global)
            }
        }
    }

    /// `volfefe jobs cancel`
    struct Cancel: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "cancel", abstract: "Cancel jobs that have not ended, or dead letters.",
            discussion: "What is executing is not interrupted, but nothing of it is stored.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var choice: JobChoice

        func validate() throws { try choice.validate(orElse: false) }

        func run() async throws {
            try await reportingErrors {
                var filter = choice.filter()
                if filter.ids == nil, filter.states == nil {
                    filter.states = JobState.allCases.filter { !$0.isFinal }
                }
                return try await choice.apply(.cancel, filter, "cancelled", global)
            }
        }
    }

    /// `volfefe jobs discard`
    struct Discard: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "discard", abstract: "Give jobs up that have not ended: they become dead letters.")

        @OptionGroup var global: GlobalOptions
        @OptionGroup var choice: JobChoice

        func validate() throws { try choice.validate(orElse: false) }

        func run() async throws {
            try await reportingErrors {
                try await choice.apply(.discard, choice.filter(), "discarded", global)
            }
        }
    }
}

/// Which jobs are listed.
struct JobFilterOptions: ParsableArguments {
    @Option(
        name: .long,
        help:
            "In this state; repeat for several: scheduled, available, executing, retryable, completed, discarded, cancelled."
    )
    var state: [JobState] = []

    @Option(name: .long, help: "Of this queue.") var queue: String?
    @Option(name: .long, help: "Of this kind.") var kind: String?
    @Option(name: .long, help: "Of this run (volfefe runs).") var run: Int64?

    func filter() -> JobFilter {
        JobFilter(states: state.isEmpty ? nil : state, queue: queue, kind: kind, jobRun: run)
    }

    var isGiven: Bool { !state.isEmpty || queue != nil || kind != nil || run != nil }
}

/// Which jobs something is done to.
struct JobChoice: ParsableArguments {
    @Argument(help: "Ids of jobs.") var ids: [Int64] = []
    @OptionGroup var options: JobFilterOptions

    func validate() throws {}

    func validate(orElse isGiven: Bool) throws {
        guard !ids.isEmpty || options.isGiven || isGiven else {
            throw ValidationError("Say which jobs: ids, or --queue, --state, --kind, --run.")
        }
    }

    func filter() -> JobFilter {
        var filter = options.filter()
        if !ids.isEmpty { filter.ids = ids }
        return filter
    }

    func apply(
        _ action: JobAction, _ filter: JobFilter, _ word: String, _ global: GlobalOptions
    ) async throws -> ExitStatus {
        let changed = try await Store.writing(global).change(filter, action)
        Terminal.say("\(changed.count.grouped) \(changed.count == 1 ? "job" : "jobs") \(word)")
        let left = ids.filter { !changed.contains($0) }
        guard !left.isEmpty else { return .done }
        Terminal.say(
            "left as they are, because they are not there, not in a state for it, or another job is at the same thing: "
                + left.prefix(20).map(String.init).joined(separator: ", "))
        return .someFailed
    }
}

extension JobState: ExpressibleByArgument {}
