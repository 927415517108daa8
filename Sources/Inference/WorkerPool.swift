import Synchronization

/// A persistent pool of workers: texts in, the outcome of every model for every text out.
///
/// The pool lives inside `withPool`; when its body returns, the workers are asked to leave and are gone before it returns.
public final class WorkerPool: Sendable {
    let configuration: WorkerPoolConfiguration
    let queue = RequestQueue()
    let counters = PoolCounters()
    let log: @Sendable (_ worker: Int, _ line: String) -> Void
    let core: Mutex<Core>
    private let readiness = Readiness()
    private let launches: AsyncStream<Launch>
    private let launch: AsyncStream<Launch>.Continuation

    /// What the pool decides with; only ever touched under its lock, and never across an `await`.
    struct Core: Sendable {
        var roster: Roster
        var health: ModelHealth
        var background = Background()
        /// Generation → opens when that worker has to go at once.
        var dooms: [Int: Latch] = [:]
        /// Why the pool has given up.
        var failure: String?
    }

    private struct Launch: Sendable {
        let slot, generation: Int
        let pause: Duration
        let doomed: Latch
    }

    /// Generation → what it held when it was first looked at; the last one stays when all have gone.
    private let memoryWhenReady = Mutex<[Int: UInt64]>([:])

    private init(
        _ configuration: WorkerPoolConfiguration, log: @escaping @Sendable (_ worker: Int, _ line: String) -> Void
    ) {
        self.configuration = configuration
        self.log = log
        let limits = Roster.Limits(
            minimum: configuration.workers.lowerBound, maximum: configuration.workers.upperBound,
            recycling: configuration.recycling, probeInterval: configuration.healthInterval)
        core = Mutex(
            Core(
                roster: Roster(limits: limits, policy: configuration.restartPolicy),
                health: ModelHealth(configuration.models)))
        (launches, launch) = AsyncStream.makeStream(of: Launch.self)
    }

    /// Opens a pool for the duration of `body`.
    ///
    /// `log` gets the lines that workers write to standard error, at most fifty a second from each. Throws what `body`
    /// throws, which includes the `InferenceError` that its calls of `classify` end with when no worker can serve.
    public static func withPool<Value: Sendable>(
        _ configuration: WorkerPoolConfiguration,
        log: @escaping @Sendable (_ worker: Int, _ line: String) -> Void = { _, _ in },
        body: @escaping @Sendable (WorkerPool) async throws -> Value
    ) async throws -> Value {
        let pool = WorkerPool(configuration, log: log)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await pool.run() }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(pool))
                pool.close()
            } catch {
                result = .failure(error)
                pool.close(failure: error)
                group.cancelAll()
            }
            try await group.waitForAll()
            return try result.get()
        }
    }

    /// What the first worker said when it was ready. Waits for it; throws when none can start.
    public func ready() async throws -> WorkerReady {
        try await readiness.value()
    }

    /// Runs `models` on each of `texts` in one batch; the results are in the order of the texts.
    ///
    /// A text whose worker dies or hangs repeatedly gets failures, its neighbours get their results. Throws
    /// `InferenceError` only when no worker can serve.
    public func classify(_ texts: [String], models: [String]) async throws -> [ModelResults] {
        guard !texts.isEmpty else { return [] }
        let submission = Submission(texts: texts, models: models)
        queue.add([RequestPart(submission: submission, range: texts.indices)])
        callForWorkers()
        return try await submission.results()
    }

    /// What has happened so far.
    public var counts: PoolCounts { counters.current }

    /// Replaces every worker: one after the other, each by one that is ready before it goes, or all at once.
    public func reset(rolling: Bool) {
        act { $0.roster.reset(rolling: rolling, at: .now, chance: chance, affords: affordsOne) }
    }

    // MARK: - Running

    /// Keeps workers alive until the queue closes.
    private func run() async {
        act { $0.roster.open(at: .now, chance: chance) }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.watch() }
            group.addTask { self.endOrphans() }
            for await launch in launches {
                group.addTask { await self.live(launch) }
            }
        }
    }

    private func endOrphans() {
        let ended = Orphans.end()
        if ended > 0 { log(0, "ended \(ended) processes that a killed supervisor's workers had left") }
    }

    /// Looks at the workers from time to time: their memory, their age, their idleness.
    private func watch() async {
        var round = 0
        var others: [Int32: UInt64] = [:]
        while !queue.isClosed, !Task.isCancelled {
            try? await queue.closing.interrupting { try await Task.sleep(for: .milliseconds(250)) }
            let workers = core.withLock { $0.roster.serving }
            // Their own memory every time; their children's only now and then, as that means reading all of /proc.
            let leaders = Set(workers.compactMap(\.pid))
            if round.isMultiple(of: 20) { others = ProcessMemory.residentOfOthers(inGroups: leaders) }
            round += 1
            for worker in workers {
                guard let pid = worker.pid, let own = ProcessMemory.resident(pid) else { continue }
                let held = own + others[pid, default: 0]
                memoryWhenReady.withLock { if $0[worker.generation] == nil { $0[worker.generation] = held } }
                act { $0.roster.measured(worker.generation, memory: held) }
            }
            act { $0.roster.tick(at: .now, chance: chance, affords: affordsOne) }
            callForWorkers()
        }
    }

    /// One process from its launch to its end.
    private func live(_ launch: Launch) async {
        let generation = launch.generation
        if launch.pause > .zero {
            try? await queue.closing.interrupting { try await Task.sleep(for: launch.pause) }
            guard !queue.isClosed, !Task.isCancelled else { return }
        }
        core.withLock { $0.roster.launched(generation) }
        counters.change { $0.launches += 1 }
        let begun = ContinuousClock.now
        let current = CurrentPart()
        let worker = Worker(
            configuration: configuration, generation: generation, counters: counters,
            log: { [log] in log(launch.slot, $0) }, closing: queue.closing, doomed: launch.doomed)
        let ending = await worker.live(
            onReady: { [self] ready in try accept(ready, generation, since: begun) },
            serve: { [self] connection in try await serve(connection, current: current) },
            onLost: { [queue] in queue.dismiss(generation) })
        queue.forget(generation)
        memoryWhenReady.withLock { if $0.count > 1 { $0[generation] = nil } }
        ended(launch, ending, unfinished: current.take())
    }

    /// Books the end of a worker's life: what becomes of the part it had, and what comes after it.
    private func ended(_ launch: Launch, _ ending: WorkerEnding, unfinished: RequestPart?) {
        let failure = queue.failure
        if let part = unfinished {
            if let failure {
                part.submission.abort(failure)
            } else if Task.isCancelled {
                part.submission.abort(CancellationError())
            } else {
                charge(part, for: ending)
            }
        }
        let member = core.withLock { core in
            core.dooms[launch.generation] = nil
            return core.roster.members[launch.generation]
        }
        guard failure == nil, !Task.isCancelled, !queue.isClosed else { return }
        if let fatal = ending.fatal, fatal.exit == 66 || fatal.exit == 78 {
            return giveUp(InferenceError.cannotStart(fatal))
        }
        let kind = ending.kind ?? member?.recycling ?? .exited
        if unfinished == nil, kind == .killed { core.withLock { $0.background.diedIdle() } }
        log(launch.slot, "worker ended: \(kind.isPlanned ? "recycled (\(kind.rawValue))" : ending.reason)")
        let actions = core.withLock {
            $0.roster.ended(
                launch.generation, kind, reason: kind.isPlanned ? "recycled: \(kind.rawValue)" : ending.reason,
                wasReady: ending.wasReady, at: .now, chance: chance, affords: affordsOne)
        }
        counters.change { counts in
            counts.restarts[kind.rawValue, default: 0] += 1
            guard !kind.isPlanned else { return }
            if ending.wasReady { counts.deaths += 1 } else { counts.failedLaunches += 1 }
        }
        guard let actions else {
            return giveUp(
                InferenceError.noWorker(
                    command: configuration.command.joined(separator: " "), reason: ending.reason,
                    stderr: ending.stderrTail))
        }
        carryOut(actions)
        callForWorkers()
    }

    private func accept(_ ready: WorkerReady, _ generation: Int, since begun: ContinuousClock.Instant) throws {
        if let (model, first, second) = readiness.offer(ready) {
            guard second != "none" else { throw WorkerFault.protocolViolation("it lacks \(model), which others have") }
            giveUp(InferenceError.mixedRevisions(model: model, first: first, second: second))
            throw WorkerFault.protocolViolation("other weights than its sibling")
        }
        counters.started(after: .now - begun)
        act { core in
            core.health.ready(ready, at: .now)
            return core.roster.ready(
                generation, pid: ready.pid, models: ready.models.map(\.id), at: .now, chance: chance,
                affords: affordsOne)
        }
    }

    private func giveUp(_ error: InferenceError) {
        readiness.fail(error)
        close(failure: error)
    }

    private func close(failure: (any Error)? = nil) {
        core.withLock { core in
            core.roster.close()
            if let failure = failure as? InferenceError { core.failure = failure.description }
        }
        queue.close(failure: failure)
        launch.finish()
    }

    // MARK: - Deciding and doing

    /// Decides under the lock, then does what was decided.
    func act(_ decide: (inout Core) -> [Roster.Action]) {
        carryOut(core.withLock { decide(&$0) })
    }

    private func carryOut(_ actions: [Roster.Action]) {
        for action in actions {
            switch action {
            case .launch(let slot, let generation, let pause):
                let doomed = Latch()
                core.withLock { $0.dooms[generation] = doomed }
                launch.yield(Launch(slot: slot, generation: generation, pause: pause, doomed: doomed))
            case .retire(let generation): queue.dismiss(generation)
            case .kill(let generation): core.withLock { $0.dooms[generation] }?.open()
            case .probe(let generation): probe(generation)
            }
        }
    }

    /// More workers, when requests wait that nobody is about to take.
    func callForWorkers() {
        let waiting = queue.count
        guard waiting > 0 else { return }
        act { core in
            core.roster.demand(waiting: waiting, at: .now, chance: chance) { launches in
                configuration.availableMemory() >= memoryOfOne * UInt64(launches)
            }
        }
    }

    var chance: Double { .random(in: 0..<1) }

    var affordsOne: () -> Bool {
        { [self] in configuration.availableMemory() >= memoryOfOne }
    }

    /// What one more worker needs: as configured, or as much as a worker with these models held when it became ready.
    private var memoryOfOne: UInt64 {
        max(configuration.memoryPerWorker, memoryWhenReady.withLock { $0.values.max() ?? 0 })
    }
}

/// The part that a worker is working on, kept outside the worker's life so that it survives it.
final class CurrentPart: Sendable {
    private let part = Mutex<RequestPart?>(nil)

    func set(_ new: RequestPart) { part.withLock { $0 = new } }
    func clear() { part.withLock { $0 = nil } }
    func take() -> RequestPart? {
        part.withLock { part in
            defer { part = nil }
            return part
        }
    }
}
