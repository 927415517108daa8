import Synchronization

/// A persistent pool of workers: texts in, the outcome of every model for every text out.
///
/// The pool lives inside `withPool`; when its body returns, the workers are asked to leave and are gone before it returns.
public final class WorkerPool: Sendable {
    private let configuration: WorkerPoolConfiguration
    private let queue = RequestQueue()
    private let counters = PoolCounters()
    private let log: @Sendable (_ worker: Int, _ line: String) -> Void
    private let status: Mutex<Status>
    private let readiness = Readiness()

    private struct Status {
        var restartPolicy: RestartPolicy
        var generation = 0
    }

    private init(
        _ configuration: WorkerPoolConfiguration, log: @escaping @Sendable (_ worker: Int, _ line: String) -> Void
    ) {
        self.configuration = configuration
        self.log = log
        status = Mutex(Status(restartPolicy: configuration.restartPolicy))
    }

    /// Opens a pool for the duration of `body`.
    ///
    /// `log` gets every line that a worker writes to standard error. Throws what `body` throws, which includes the
    /// `InferenceError` that its calls of `classify` end with when no worker can serve.
    public static func withPool<Value: Sendable>(
        _ configuration: WorkerPoolConfiguration,
        log: @escaping @Sendable (_ worker: Int, _ line: String) -> Void = { _, _ in },
        body: @escaping @Sendable (WorkerPool) async throws -> Value
    ) async throws -> Value {
        let pool = WorkerPool(configuration, log: log)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            for slot in 1...max(configuration.workers, 1) {
                group.addTask { await pool.keepAlive(slot: slot) }
            }
            let result: Result<Value, any Error>
            do {
                result = .success(try await body(pool))
                pool.queue.close()
            } catch {
                result = .failure(error)
                pool.queue.close(failure: error)
                group.cancelAll()
            }
            await group.waitForAllIgnoringErrors()
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
        return try await submission.results()
    }

    /// What has happened so far.
    public var counts: PoolCounts { counters.current }

    /// How the pool is now.
    public var snapshot: PoolSnapshot {
        PoolSnapshot(
            state: .unready, reasons: [], minWorkers: 1, maxWorkers: configuration.workers, waiting: 0, running: 0,
            workers: [], models: [], counters: counters.current)
    }

    /// Replaces every worker: one after the other, each by one that is ready before it goes, or all at once.
    public func reset(rolling: Bool) {}

    // MARK: - One slot

    /// Keeps one worker alive until the queue closes: launch, serve, and launch again when it dies.
    private func keepAlive(slot: Int) async {
        while !queue.isClosed, !Task.isCancelled {
            let generation = status.withLock { status in
                status.generation += 1
                return status.generation
            }
            counters.add(\.launches)
            let current = CurrentPart()
            let worker = Worker(
                configuration: configuration, generation: generation, counters: counters,
                log: { [log] in log(slot, $0) }, closing: queue.closing)
            let ending: WorkerEnding
            do {
                ending = try await worker.live(
                    onReady: { [self] ready in try accept(ready) },
                    serve: { [self] connection in try await serve(connection, current: current) })
            } catch {
                ending = WorkerEnding(
                    fault: .exited, exit: "could not be launched (\(error))", stderrTail: [], wasReady: false)
            }
            guard let decision = settle(ending, unfinished: current.take()) else { continue }
            switch decision {
            case .relaunch(let delay):
                log(slot, "worker ended: \(ending.reason); launching another in \(delay.seconds) s")
                try? await queue.closing.interrupting { try await Task.sleep(for: delay) }
            case .giveUp:
                giveUp(
                    InferenceError.noWorker(
                        command: configuration.command.joined(separator: " "), reason: ending.reason,
                        stderr: ending.stderrTail))
            }
        }
    }

    /// Books the end of a worker's life: what happens to the part it had, and whether to launch again (nil: as is).
    private func settle(_ ending: WorkerEnding, unfinished: RequestPart?) -> RestartPolicy.Decision? {
        guard ending.fault != nil, !Task.isCancelled else { return nil }
        if let failure = queue.failure {
            unfinished?.submission.abort(failure)
            return nil
        }
        if let fatal = ending.fatal, fatal.exit == 66 || fatal.exit == 78 {
            giveUp(InferenceError.cannotStart(fatal))
            return nil
        }
        if let part = unfinished { charge(part, for: ending) }
        counters.add(ending.wasReady ? \.deaths : \.failedLaunches)
        return status.withLock { status in
            status.restartPolicy.ended(
                ending.wasReady ? .diedAtWork : .neverReady, at: .now, chance: .random(in: 0..<1))
        }
    }

    private func charge(_ part: RequestPart, for ending: WorkerEnding) {
        let timedOut = if case .requestTimeout = ending.fault { true } else { false }
        if timedOut { counters.add(\.timeouts) }
        switch RequestPart.fate(range: part.range, deaths: part.deaths, maxAttempts: configuration.maxAttempts) {
        case .retry(let ranges, let deaths):
            if ranges.count > 1 { counters.add(\.bisections) }
            queue.add(
                ranges.map { RequestPart(submission: part.submission, range: $0, deaths: deaths) }, first: true)
        case .setAside:
            counters.add(\.poisoned)
            part.submission.fail(
                part.range,
                with: timedOut
                    ? .init(code: "timeout", message: "no answer in time, \(part.deaths + 1) times: \(ending.reason)")
                    : .init(
                        code: "poison",
                        message: "\(part.deaths + 1) workers died at this text, the last: \(ending.reason)"))
        }
    }

    private func serve(_ connection: WorkerConnection, current: CurrentPart) async throws {
        var requests = 0
        while let part = await queue.next() {
            requests += 1
            let id = "g\(connection.generation)-\(requests)"
            let texts = Array(part.submission.texts[part.range])
            let line = try WorkerMessage.encode(WorkerRequest(id: id, models: part.submission.models, texts: texts))
            guard line.count <= configuration.maxLineBytes else {
                split(part)
                continue
            }
            current.set(part)
            let results = try await connection.classify(
                line, id: id, texts: part.range.count, models: part.submission.models, isFirst: requests == 1)
            current.clear()
            status.withLock { $0.restartPolicy.answered() }
            part.submission.fulfil(part.range, with: results)
        }
    }

    /// A request longer than a line may be is sent in halves; a single such text fails.
    private func split(_ part: RequestPart) {
        guard part.range.count > 1 else {
            let message = "the text is longer than the \(configuration.maxLineBytes) bytes that a request may have"
            return part.submission.fail(part.range, with: .init(code: "bad_text", message: message))
        }
        queue.add(
            RequestPart.halves(of: part.range).map {
                RequestPart(submission: part.submission, range: $0, deaths: part.deaths)
            }, first: true)
    }

    private func accept(_ ready: WorkerReady) throws {
        if let (model, first, second) = readiness.offer(ready) {
            giveUp(InferenceError.mixedRevisions(model: model, first: first, second: second))
            throw WorkerFault.protocolViolation("other weights than its sibling")
        }
    }

    private func giveUp(_ error: InferenceError) {
        readiness.fail(error)
        queue.close(failure: error)
    }
}

/// The part that a worker is working on, kept outside the worker's life so that it survives it.
private final class CurrentPart: Sendable {
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

extension ThrowingTaskGroup where ChildTaskResult == Void {
    fileprivate mutating func waitForAllIgnoringErrors() async {
        while await nextResult() != nil {}
    }
}
