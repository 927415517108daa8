import Synchronization

/// Who has which process: those that are free, those who wait for one, and places where one can be launched.
final class PhaseDesk: Sendable {
    private struct State {
        var free: [PhaseConnection] = []
        var waiters: [(id: Int, continuation: CheckedContinuation<PhaseConnection, any Error>)] = []
        /// Place → its wait until a process is needed there.
        var sleepers: [Int: CheckedContinuation<Bool, Never>] = [:]
        /// Places from their call until they have a process for somebody.
        var launching = 0
        var nextWaiter = 0
        var isClosed = false
        var failure: (any Error)?

        /// Whether those who wait outnumber what is on its way to them.
        var needsMore: Bool { !isClosed && waiters.count > launching }
    }

    private let state = Mutex(State())

    /// Opens when the pool closes.
    let closing = Latch()

    /// Whether the pool has closed.
    var isClosed: Bool { state.withLock { $0.isClosed } }

    // MARK: - Those who ask

    /// A process for the caller alone, until it gives it back. Waits for one; throws what has ended the pool.
    func take() async throws -> PhaseConnection {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let (immediate, sleeper) = enqueue(id, continuation)
                if let immediate { continuation.resume(with: immediate) }
                sleeper?.resume(returning: true)
            }
        } onCancel: {
            let waiter = state.withLock { state in
                state.waiters.firstIndex { $0.id == id }.map { state.waiters.remove(at: $0) }
            }
            waiter?.continuation.resume(throwing: CancellationError())
        }
    }

    private func enqueue(
        _ id: Int, _ continuation: CheckedContinuation<PhaseConnection, any Error>
    ) -> (Result<PhaseConnection, any Error>?, CheckedContinuation<Bool, Never>?) {
        state.withLock { state in
            if let failure = state.failure { return (.failure(failure), nil) }
            if state.isClosed { return (.failure(InferenceError.closed), nil) }
            if Task.isCancelled { return (.failure(CancellationError()), nil) }
            while let free = state.free.popLast() {
                // One that has just died leaves by itself.
                if free.isUsable { return (.success(free), nil) }
                free.leaving.open()
            }
            state.waiters.append((id, continuation))
            guard state.needsMore, let place = state.sleepers.keys.min() else { return (nil, nil) }
            state.launching += 1
            return (nil, state.sleepers.removeValue(forKey: place))
        }
    }

    /// The caller is done with a process; one that cannot be used any more leaves.
    func giveBack(_ connection: PhaseConnection) {
        hand(connection)
    }

    // MARK: - Places

    /// Waits until a process is needed in a place; false when the pool closes or the task is cancelled.
    func isCalled(_ place: Int) async -> Bool {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let immediate: Bool? = state.withLock { state in
                    if state.isClosed || Task.isCancelled { return false }
                    guard state.needsMore else {
                        state.sleepers[place] = continuation
                        return nil
                    }
                    state.launching += 1
                    return true
                }
                if let immediate { continuation.resume(returning: immediate) }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: place) }?.resume(returning: false)
        }
    }

    /// A launched process is ready.
    func offer(_ connection: PhaseConnection) {
        state.withLock { $0.launching -= 1 }
        hand(connection)
    }

    /// A launch came to nothing, and its pause is over.
    func launchFailed() {
        state.withLock { $0.launching -= 1 }
    }

    /// A process has ended; when it is in nobody's hands it leaves.
    func lost(_ connection: PhaseConnection) {
        let wasFree = state.withLock { state in
            state.free.firstIndex { $0 === connection }.map { state.free.remove(at: $0) } != nil
        }
        if wasFree { connection.leaving.open() }
    }

    /// To the next who waits, or among the free ones.
    private func hand(_ connection: PhaseConnection) {
        let (waiter, leaves) = state.withLock {
            state -> (CheckedContinuation<PhaseConnection, any Error>?, Bool) in
            guard connection.isUsable, !state.isClosed else { return (nil, true) }
            guard state.waiters.isEmpty else { return (state.waiters.removeFirst().continuation, false) }
            state.free.append(connection)
            return (nil, false)
        }
        if leaves { connection.leaving.open() }
        waiter?.resume(returning: connection)
    }

    /// No more work: free processes go home, and whoever waits gets the failure.
    func close(failure: (any Error)? = nil) {
        let (free, waiters, sleepers) = state.withLock { state in
            state.isClosed = true
            state.failure = state.failure ?? failure
            defer {
                state.free = []
                state.waiters = []
                state.sleepers = [:]
            }
            return (state.free, state.waiters, Array(state.sleepers.values))
        }
        closing.open()
        free.forEach { $0.leaving.open() }
        sleepers.forEach { $0.resume(returning: false) }
        waiters.forEach { $0.continuation.resume(throwing: failure ?? InferenceError.closed) }
    }
}
