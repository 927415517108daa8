import Synchronization

/// The first ready line of a pool, awaited by whoever needs to know what was really loaded.
final class Readiness: Sendable {
    private struct State {
        var outcome: Result<WorkerReady, any Error>?
        var waiters: [CheckedContinuation<WorkerReady, any Error>] = []
    }

    private let state = Mutex(State())

    /// Waits for the first ready worker; throws when the pool has given up.
    func value() async throws -> WorkerReady {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil { state.waiters.append(continuation) }
                    return state.outcome
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            fail(CancellationError())
        }
    }

    /// Takes a ready line. The first is kept; a later one that names other weights, or
    /// another engine or precision, is returned as a conflict.
    /// A model that the later one lacks conflicts too: its second revision is "none".
    func offer(_ ready: WorkerReady) -> (model: String, first: String, second: String)? {
        let (conflict, waiters) = state.withLock {
            state -> ((String, String, String)?, [CheckedContinuation<WorkerReady, any Error>]) in
            guard case .success(let first) = state.outcome else {
                state.outcome = .success(ready)
                defer { state.waiters = [] }
                return (nil, state.waiters)
            }
            for model in first.models {
                let other = ready.models.first { $0.id == model.id }
                guard let other else { return ((model.id, model.revision, "none"), []) }
                if other.revision != model.revision { return ((model.id, model.revision, other.revision), []) }
                let ways = ("\(model.engine) \(model.precision)", "\(other.engine) \(other.precision)")
                if ways.0 != ways.1 { return ((model.id, ways.0, ways.1), []) }
            }
            return (nil, [])
        }
        waiters.forEach { $0.resume(returning: ready) }
        return conflict
    }

    /// The pool has given up before any worker was ready.
    func fail(_ error: any Error) {
        let waiters = state.withLock { state in
            if state.outcome == nil { state.outcome = .failure(error) }
            defer { state.waiters = [] }
            return state.waiters
        }
        waiters.forEach { $0.resume(throwing: error) }
    }
}
