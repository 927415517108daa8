import Synchronization

/// Opens a pool of phase workers for the duration of `body`. Nothing is launched before it is needed.
///
/// `log` gets the lines that the processes write to standard error, at most fifty a second from each, and why one has ended.
/// Throws what `body` throws, which includes the `InferenceError` that the pool's calls end with when no process can serve.
public func withPhasePool<R: Sendable>(
    _ configuration: PhasePoolConfiguration, log: @escaping @Sendable (String) -> Void = { _ in },
    _ body: (PhasePool) async throws -> R
) async throws -> R {
    let pool = PhasePool(configuration, log: log)
    return try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { await pool.run() }
        let result: Result<R, any Error>
        do {
            result = .success(try await body(pool))
            pool.desk.close()
        } catch {
            result = .failure(error)
            pool.desk.close(failure: error)
            group.cancelAll()
        }
        try await group.waitForAll()
        return try result.get()
    }
}

/// Processes of `priv/ml/phase.py`: texts in, what each phase finds in them out. It lives inside `withPhasePool`.
public final class PhasePool: Sendable {
    let configuration: PhasePoolConfiguration
    let desk = PhaseDesk()
    let counters = PoolCounters()
    private let log: @Sendable (String) -> Void
    private let state: Mutex<State>

    private struct State {
        var policy: RestartPolicy
        var generation = 0
        /// What the first process said; others have to say the same.
        var ready: PhaseReady?
    }

    fileprivate init(_ configuration: PhasePoolConfiguration, log: @escaping @Sendable (String) -> Void) {
        self.configuration = configuration
        self.log = log
        state = Mutex(State(policy: configuration.restartPolicy))
    }

    /// What finds things, and on what it runs. Launches a process when there has been none; throws when none can start.
    public func ready() async throws -> PhaseReady {
        if let ready = state.withLock({ $0.ready }) { return ready }
        desk.giveBack(try await desk.take())
        guard let ready = state.withLock({ $0.ready }) else { throw InferenceError.closed }
        return ready
    }

    /// Calls of `annotate` that keep all processes at work: one behind those that they work on.
    public var inFlight: Int { configuration.processes + 1 }

    /// What has happened so far.
    public var counts: PoolCounts { counters.current }

    /// Whether so many processes have died in a row that it may not be the texts' fault.
    var wantsCanary: Bool { state.withLock { $0.policy.wantsCanary } }

    /// A request has been answered: whatever died before did not keep work from being done.
    func answered() {
        state.withLock { $0.policy.answered() }
    }

    // MARK: - Running

    fileprivate func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { Orphans.end() }
            for place in 0..<configuration.processes {
                group.addTask {
                    while await self.desk.isCalled(place) { await self.live() }
                }
            }
        }
    }

    /// One process from its launch to its end, and the pause before the next.
    private func live() async {
        let generation = state.withLock { state in
            state.generation += 1
            return state.generation
        }
        counters.change { $0.launches += 1 }
        let begun = ContinuousClock.now
        let held = Mutex<PhaseConnection?>(nil)
        let process = WorkerProcess<PhaseMessage>(
            launch: configuration.launch, counters: counters, log: log, closing: desk.closing, doomed: Latch())
        let ending = await process.live(
            begin: { [self] channel in
                try accept(try await PhaseConnection.start(channel, configuration), since: begun)
                let connection = PhaseConnection(channel, generation: generation, configuration: configuration)
                held.withLock { $0 = connection }
            },
            serve: { [desk] _ in
                guard let connection = held.withLock({ $0 }) else { return }
                desk.offer(connection)
                await connection.leaving.wait()
            },
            onLost: { [desk] in
                if let connection = held.withLock({ $0 }) { desk.lost(connection) }
            })
        let pause = ended(ending)
        held.withLock { $0 }?.ended(ending)
        if pause > .zero, !desk.isClosed {
            try? await desk.closing.interrupting { try await Task.sleep(for: pause) }
        }
        if !ending.wasReady { desk.launchFailed() }
    }

    /// Books the end of a process; gives the pause before the next launch.
    private func ended(_ ending: WorkerEnding) -> Duration {
        guard !desk.isClosed, !Task.isCancelled else { return .zero }
        if let fatal = ending.fatal, fatal.exit == 66 || fatal.exit == 78 {
            desk.close(failure: InferenceError.cannotStart(fatal))
            return .zero
        }
        log("phase worker ended: \(ending.reason)")
        counters.change { counts in
            if ending.wasReady { counts.deaths += 1 } else { counts.failedLaunches += 1 }
            if ending.kind == .timeout { counts.timeouts += 1 }
        }
        let decision = state.withLock {
            $0.policy.ended(
                ending.wasReady ? .diedAtWork : .neverReady, at: .now, chance: .random(in: 0..<1))
        }
        switch decision {
        case .relaunch(let pause): return pause
        case .giveUp:
            desk.close(failure: lost(ending))
            return .zero
        }
    }

    /// No process can serve, for the reason that one has ended with.
    func lost(_ ending: WorkerEnding?) -> InferenceError {
        .noWorker(
            command: configuration.command.joined(separator: " "), reason: ending?.reason ?? "it is gone",
            stderr: ending?.stderrTail ?? [])
    }

    private func accept(_ ready: PhaseReady, since begun: ContinuousClock.Instant) throws {
        let conflict: InferenceError? = state.withLock { state in
            state.policy.becameReady()
            guard let first = state.ready else {
                state.ready = ready
                return nil
            }
            for phase in first.phases {
                let other = ready.method(of: phase.name)?.revision ?? "none"
                guard other == phase.revision else {
                    return .mixedRevisions(model: "phase \(phase.name)", first: phase.revision, second: other)
                }
            }
            return nil
        }
        if let conflict {
            desk.close(failure: conflict)
            throw WorkerFault.protocolViolation("it finds with other files than its sibling")
        }
        counters.started(after: .now - begun)
    }
}
