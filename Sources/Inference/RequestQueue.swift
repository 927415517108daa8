import Synchronization

/// Requests waiting for a worker. Workers pull; nothing is pushed to a worker that may be gone.
final class RequestQueue: Sendable {
    private struct State {
        var parts: [RequestPart] = []
        /// Generation of a worker → its wait for the next request.
        var waiters: [Int: CheckedContinuation<RequestPart?, Never>] = [:]
        /// Workers that get no more requests.
        var dismissed: Set<Int> = []
        var closed = false
        var failure: (any Error)?
    }

    private let state = Mutex(State())

    /// Opens when the queue closes.
    let closing = Latch()

    /// The error that ended the pool, if one did.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Whether no more requests will come.
    var isClosed: Bool { state.withLock { $0.closed } }

    /// Requests that wait.
    var count: Int { state.withLock { $0.parts.count } }

    /// Adds parts at the end, or at the front when they are retries.
    func add(_ parts: [RequestPart], first: Bool = false) {
        let (deliveries, failure) = state.withLock {
            state -> ([(CheckedContinuation<RequestPart?, Never>, RequestPart)], (any Error)?) in
            if state.closed { return ([], state.failure ?? InferenceError.closed) }
            state.parts.insert(contentsOf: parts, at: first ? 0 : state.parts.count)
            var deliveries: [(CheckedContinuation<RequestPart?, Never>, RequestPart)] = []
            while !state.parts.isEmpty, let waiter = state.waiters.keys.min(),
                let continuation = state.waiters.removeValue(forKey: waiter)
            {
                deliveries.append((continuation, state.parts.removeFirst()))
            }
            return (deliveries, nil)
        }
        if let failure { parts.forEach { $0.submission.abort(failure) } }
        deliveries.forEach { $0.resume(returning: $1) }
    }

    /// Gives a part to one worker, if it waits now.
    func offer(_ part: RequestPart, to worker: Int) -> Bool {
        let waiter = state.withLock { $0.waiters.removeValue(forKey: worker) }
        waiter?.resume(returning: part)
        return waiter != nil
    }

    /// The next part for a worker; nil when it is dismissed, the queue has closed, or the task is cancelled.
    func next(for worker: Int) async -> RequestPart? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let immediate: RequestPart?? = state.withLock { state in
                    if state.dismissed.contains(worker) { return .some(nil) }
                    state.parts.removeAll { $0.submission.isOver }
                    if !state.parts.isEmpty { return .some(state.parts.removeFirst()) }
                    if state.closed || Task.isCancelled { return .some(nil) }
                    state.waiters[worker] = continuation
                    return nil
                }
                if let immediate { continuation.resume(returning: immediate) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: worker) }?.resume(returning: nil)
        }
    }

    /// A worker gets nothing more: its wait, now or later, ends with nil.
    func dismiss(_ worker: Int) {
        state.withLock { state in
            state.dismissed.insert(worker)
            return state.waiters.removeValue(forKey: worker)
        }?.resume(returning: nil)
    }

    /// A worker is gone and will not ask again.
    func forget(_ worker: Int) {
        state.withLock { _ = $0.dismissed.remove(worker) }
    }

    /// No more requests: waiting workers go home. With an error, whatever still waits ends with it.
    func close(failure: (any Error)? = nil) {
        let (waiters, parts) = state.withLock { state in
            state.closed = true
            state.failure = state.failure ?? failure
            defer {
                state.waiters = [:]
                if failure != nil { state.parts = [] }
            }
            return (Array(state.waiters.values), failure == nil ? [] : state.parts)
        }
        closing.open()
        waiters.forEach { $0.resume(returning: nil) }
        if let failure { parts.forEach { $0.submission.abort(failure) } }
    }
}
