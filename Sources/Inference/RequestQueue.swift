import Synchronization

/// Requests waiting for a worker. Workers pull; nothing is pushed to a worker that may be gone.
final class RequestQueue: Sendable {
    private struct State {
        var parts: [RequestPart] = []
        var waiters: [Int: CheckedContinuation<RequestPart?, Never>] = [:]
        var nextWaiter = 0
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

    /// The next part for a worker; nil when the queue has closed, or the task is cancelled.
    func next() async -> RequestPart? {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let immediate: RequestPart?? = state.withLock { state in
                    state.parts.removeAll { $0.submission.isOver }
                    if !state.parts.isEmpty { return .some(state.parts.removeFirst()) }
                    if state.closed || Task.isCancelled { return .some(nil) }
                    state.waiters[id] = continuation
                    return nil
                }
                if let immediate { continuation.resume(returning: immediate) }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume(returning: nil)
        }
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
