import Foundation
import Inference
import Synchronization
import Volfefe

/// `volfefe work`: opens a pool, and works on the queues with it.
struct QueueWork {
    private let supervisor: Supervisor
    private let queues: [String: Int?]
    private let untilEmpty: Bool
    private let isVerbose: Bool
    private let manager = ServiceManager()

    init(_ supervisor: Supervisor, queues: [String: Int?], untilEmpty: Bool, isVerbose: Bool) {
        self.supervisor = supervisor
        self.queues = queues
        self.untilEmpty = untilEmpty
        self.isVerbose = isVerbose
    }

    func run() async throws -> ExitStatus {
        let store = try supervisor.openStore()
        try await store.ensureQueues(queues.isEmpty ? ["default"] : queues.keys.sorted())
        try await store.synchronizeCron(supervisor.configuration.cron)
        // Its loop renews the lease as soon as the workers are ready.
        let configuration = supervisor.configuration
        let run = try await supervisor.beginRun(
            in: store, lease: configuration.jobLease + configuration.startTimeout * 2)
        let tally = WorkTally()
        do {
            let signal = try await Interruption.handling(grace: supervisor.configuration.shutdownGrace) {
                interruption in
                interruption.stop.onRequest { manager.stopping() }
                try await work(store, run, tally, interruption.stop)
                return interruption.exitStatus
            }
            try await store.finishRun(run, interrupted: signal != nil)
            Terminal.say(tally.sentence)
            return signal ?? .done
        } catch {
            try? await store.finishRun(run, interrupted: true)
            Terminal.say(tally.sentence)
            throw error
        }
    }

    private func work(_ store: Store, _ run: Int64, _ tally: WorkTally, _ stop: StopRequest) async throws {
        let workers = supervisor.workerCount
        try await supervisor.withPool(workers: workers, stop: stop) { pool in
            let ready = try await pool.ready()
            try await supervisor.register(ready, with: store)
            try await supervisor.describe(run, ready, in: store)
            let missing = MissingModel.list(of: supervisor.models, besides: ready)
            let models = supervisor.modelVersions.filter { model in !missing.contains { $0.id == model.id } }
            let loop = WorkLoop(
                store: store, run: run,
                handlers: [
                    ClassificationHandler(
                        pool: pool, models: models, limits: supervisor.limits(workers: workers),
                        reuse: supervisor.configuration.reuse),
                    EnqueueHandler(
                        models: supervisor.modelVersions, maxAttempts: supervisor.configuration.jobAttempts),
                    phases(store), gates(store),
                ],
                settings: settings, stop: stop, onEvent: { event in take(event, tally) })
            Terminal.say("working on \(queueNames) (run \(run), process \(getpid()))")
            manager.ready()
            try await loop.perform()
        }
    }

    /// Runs phases; their processes are launched when a job needs them.
    private func phases(_ store: Store) -> PhaseHandler {
        let settings = LoadedSettings(supervisor)
        let isVerbose = isVerbose
        return PhaseHandler(supervisor.configuration, models: supervisor.modelVersions) { order, context in
            try await PhaseRunners(settings: settings, store: store, stop: context.stop, isVerbose: isVerbose)
                .run(order.phase, source: order.source, .init(isForced: order.force ?? false))
        }
    }

    /// Looks at the gates, and has changes told.
    private func gates(_ store: Store) -> GateHandler {
        let settings = LoadedSettings(supervisor)
        let watch = GateWatch(settings: settings, store: store, command: settings.configuration.alertCommand)
        return GateHandler { try await watch.look() }
    }

    private var queueNames: String {
        queues.isEmpty ? "all queues" : "the queues \(queues.keys.sorted().joined(separator: ", "))"
    }

    private var settings: WorkSettings {
        let configuration = supervisor.configuration
        return WorkSettings(
            queues: queues, poll: configuration.jobPoll, lease: configuration.jobLease,
            policy: RetryPolicy(initial: configuration.jobBackoff, maximum: configuration.jobBackoffMax),
            keepCompleted: configuration.keepCompleted, keepCancelled: configuration.keepCancelled,
            endsWhenEmpty: untilEmpty)
    }

    /// Says what a person should know; every job with --verbose.
    private func take(_ event: WorkEvent, _ tally: WorkTally) {
        switch event {
        case .turned: manager.sign()
        case .claimed: break
        case .fired(let entry, let time): Terminal.say("cron \(entry): job put in for \(time.shown) UTC")
        case .refused(let entry, let reason): Terminal.say("cron \(entry) cannot be run: \(reason)")
        case .settled(let ends, let lost):
            for end in ends {
                guard !lost.contains(end.job.id) else {
                    tally.count(\.lost)
                    Terminal.say("job \(end.job.id) was taken away meanwhile; its results are dropped")
                    continue
                }
                report(end, tally)
            }
        }
    }

    private func report(_ end: JobEnd, _ tally: WorkTally) {
        let content = end.job.contentID.map { " (content \($0))" } ?? ""
        switch end.outcome {
        case .completed(let reason):
            tally.count(\.completed)
            if isVerbose { Terminal.say("job \(end.job.id)\(content): completed" + (reason.map { ", \($0)" } ?? "")) }
        case .failed(let failure):
            let isLast = !failure.kind.isWorthRetrying || end.job.attempt >= end.job.maxAttempts
            if isLast { tally.count(\.discarded) } else { tally.count(\.failed) }
            Terminal.say(
                "job \(end.job.id)\(content): attempt \(end.job.attempt) of \(end.job.maxAttempts) failed"
                    + (isLast ? ", now a dead letter" : "") + ": \(failure.message)")
        case .givenBack: tally.count(\.givenBack)
        case .cancelled, .snoozed, .rescued: break
        }
    }
}

/// What a process has done with its jobs.
final class WorkTally: Sendable {
    struct Counts: Sendable {
        var completed = 0
        var failed = 0
        var discarded = 0
        var givenBack = 0
        var lost = 0
    }

    private let counts = Mutex(Counts())

    func count(_ counter: WritableKeyPath<Counts, Int> & Sendable) { counts.withLock { $0[keyPath: counter] += 1 } }

    /// For people.
    var sentence: String {
        let counts = counts.withLock { $0 }
        func count(_ number: Int, _ one: String, _ many: String) -> String {
            "\(number.grouped) \(number == 1 ? one : many)"
        }
        var parts = [count(counts.completed, "job", "jobs") + " completed"]
        if counts.failed > 0 {
            parts.append(count(counts.failed, "attempt failed and is", "attempts failed and are") + " tried again")
        }
        if counts.discarded > 0 { parts.append(count(counts.discarded, "dead letter", "dead letters")) }
        if counts.givenBack > 0 { parts.append("\(counts.givenBack.grouped) given back") }
        if counts.lost > 0 { parts.append("\(counts.lost.grouped) were taken away") }
        return parts.joined(separator: "; ")
    }
}
