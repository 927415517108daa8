import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe enqueue`: classification jobs for contents that miss a verdict, or a job that runs a phase.
struct EnqueueCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enqueue",
        abstract: "Put contents into a queue, for `volfefe work` to classify.",
        discussion: """
            A job per content that misses a verdict of an enabled model. What is in the queue
            is not put in again, however many processes try; a dead letter counts, until
            `volfefe jobs retry` brings it back.

              volfefe enqueue --all
              volfefe enqueue --ids 1,2,3 --priority 0 --in 1h
              volfefe enqueue --since 7d --queue recent
              volfefe enqueue --file posts.json --source truth_social    stores them too
              volfefe enqueue --phase ner        one job that runs a phase over what misses it

            Exit status: 0 done; 1 an id does not exist or a record is bad.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var placement: PlacementOptions

    @Option(name: .shortAndLong, help: "Content ids, separated by commas.")
    var ids: String?

    @Flag(name: .shortAndLong, help: "Every content that misses a verdict.")
    var all = false

    @Option(name: .long, help: "Contents published since a day, a time (ISO 8601), or so long ago (7d).")
    var since: String?

    @Option(name: .shortAndLong, help: "Store the contents of a file, each in one commit with its job.")
    var file: String?

    @Option(name: .shortAndLong, help: "Only contents of this source; with --file, the one that they belong to.")
    var source: String?

    @Option(name: .long, help: "Put in a job that runs this phase; one per phase and source at a time.")
    var phase: Phase?

    func validate() throws {
        if phase != nil {
            guard ids == nil, !all, file == nil, since == nil else {
                throw ValidationError("--phase goes with --source alone: a phase finds by itself what misses it.")
            }
            return
        }
        let given = [ids != nil, all || (since ?? source) != nil && file == nil, file != nil].filter { $0 }.count
        guard given == 1 else {
            throw ValidationError("Give one of --ids, --file, and --all; --since and --source narrow --all.")
        }
        if since != nil, file != nil { throw ValidationError("--since is for stored contents; --file takes all.") }
        _ = try filter()
    }

    func run() async throws {
        try await reportingErrors {
            if let phase { return try await enqueue(phase) }
            let supervisor = try Supervisor(global)
            if file == nil { try supervisor.requireDatabase() }
            let store = try supervisor.openStore()
            let command = CommandLine.arguments.dropFirst().joined(separator: " ")
            return try await Interruption.handling { interruption in
                let jobRun = try await store.beginJobRun(command: command)
                var result = EnqueueResult()
                var status = ExitStatus.done
                do {
                    if let file {
                        let ingestion = FileIngestion(
                            supervisor.configuration, source: source, map: try input.mapping(), format: input.format,
                            stop: interruption.stop)
                        let place = placement.placement(supervisor.configuration)
                        let (report, jobs) = try await ingestion.run(file, into: store, enqueueing: place, jobRun)
                        report.say()
                        status = input.status(problems: report.problems)
                        result = jobs
                    } else {
                        (result, status) = try await enqueueStored(supervisor, store, jobRun, interruption)
                    }
                } catch {
                    _ = try? await store.endEnqueueing(jobRun)
                    throw error
                }
                try await store.endEnqueueing(jobRun)
                try format.show(result) { _ in Self.sentence(result) }
                return interruption.exitStatus ?? status
            }
        }
    }

    private func enqueue(_ phase: Phase) async throws -> ExitStatus {
        let configuration = try LoadedSettings(global).configuration
        let store = try Store.writing(global)
        if let source { try await store.requireSource(source) }
        guard configuration.isOn(phase, source: source) || !configuration.selections(phase, source: source).isEmpty
        else {
            throw CommandError(
                .configuration,
                "the phase \(phase.rawValue) is off\(source == nil ? "" : " for this source") in the settings.")
        }
        var place = placement.placement(configuration)
        if placement.queue == PlacementOptions.usualQueue { place.queue = CronEntry.phaseQueue }
        let command = CommandLine.arguments.dropFirst().joined(separator: " ")
        let jobRun = try await store.beginJobRun(command: command)
        let result = try await store.enqueue([PhaseOrder(phase: phase, source: source).draft], place, jobRun: jobRun)
        try await store.endEnqueueing(jobRun)
        try format.show(result) { _ in Self.sentence(result) }
        return .done
    }

    private func enqueueStored(
        _ supervisor: Supervisor, _ store: Store, _ jobRun: Int64, _ interruption: Interruption
    ) async throws -> (EnqueueResult, ExitStatus) {
        let filter = try self.filter()
        var status = ExitStatus.done
        if let ids = filter.ids {
            let plan = try await store.plan(selection: .ids(ids), models: supervisor.modelVersions, force: false)
            if !plan.unknownIDs.isEmpty {
                Terminal.say(
                    "no content has these ids: \(plan.unknownIDs.prefix(10).map(String.init).joined(separator: ", "))")
                status = .someFailed
            }
            if plan.withoutText > 0 {
                Terminal.say("\(plan.withoutText.grouped) contents have no text (a picture, a repost): skipped")
            }
        }
        let progress = Progress(total: nil, unit: "jobs")
        defer { progress.end() }
        let result = try await store.enqueueMissing(
            filter, models: supervisor.modelVersions, placement.placement(supervisor.configuration), jobRun: jobRun,
            isStopped: { interruption.stop.isRequested }, onProgress: { progress.advance($0) })
        return (result, status)
    }

    private func filter() throws -> ContentFilter {
        var filter = ContentFilter(source: source)
        if let ids {
            var options = SelectionOptions()
            options.ids = ids
            filter.ids = try options.parsedIDs()
        }
        if let since {
            if let moment = Moment(argument: since) {
                filter.sinceMilliseconds = Int64((moment.date.timeIntervalSince1970 * 1000).rounded())
            } else if let span = Span(argument: since) {
                filter.sinceSeconds = span.seconds
            } else {
                throw ValidationError("--since \(since): give a day (2026-11-21), a time, or a length such as 7d.")
            }
        }
        return filter
    }

    private static func sentence(_ result: EnqueueResult) -> String {
        var parts = [
            result.jobRun.map {
                "\(result.inserted.grouped) \(result.inserted == 1 ? "job" : "jobs") put in (run \($0))"
            } ?? "no job put in"
        ]
        let waiting = result.known - result.dead
        if waiting > 0 {
            parts.append("\(waiting.grouped) \(waiting == 1 ? "was" : "were") in the queue already")
        }
        if result.dead > 0 {
            parts.append(
                "\(result.dead.grouped) \(result.dead == 1 ? "is a dead letter" : "are dead letters") (volfefe jobs dead)"
            )
        }
        return parts.joined(separator: "; ")
    }
}

/// Where and when jobs are put in.
struct PlacementOptions: ParsableArguments {
    /// Where jobs go unless somebody says otherwise.
    static let usualQueue = "default"

    @Option(name: .long, help: "Queue that the jobs go to (of phases: phases).")
    var queue = Self.usualQueue

    @Option(name: .long, help: "0 goes first, 9 last.")
    var priority = 5

    @Option(name: .customLong("in"), help: "Begin so long from now at the earliest: 90s, 15m, 1h, 7d.")
    var delay: Span?

    @Option(name: .customLong("at"), help: "Begin at this time at the earliest: 2026-12-01T08:00:00Z.")
    var time: Moment?

    @Option(name: .customLong("max-attempts"), help: "Attempts of each job (default: setting job_attempts).")
    var maxAttempts: Int?

    func validate() throws {
        if queue.isEmpty { throw ValidationError("--queue must not be empty.") }
        if !(0...9).contains(priority) { throw ValidationError("--priority must be from 0 (first) to 9 (last).") }
        if delay != nil, time != nil { throw ValidationError("Give --in or --at, not both.") }
        if let maxAttempts, maxAttempts < 1 { throw ValidationError("--max-attempts must be at least 1.") }
    }

    func placement(_ configuration: Volfefe.Configuration) -> JobPlacement {
        JobPlacement(
            queue: queue, priority: priority, at: time?.date ?? delay.map { Date().addingTimeInterval($0.seconds) },
            maxAttempts: maxAttempts ?? configuration.jobAttempts)
    }
}

extension Phase: ExpressibleByArgument {}
