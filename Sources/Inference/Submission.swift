import Synchronization

/// One call of `classify`: its texts, and the results as they come in, possibly part by part.
final class Submission: Sendable {
    let texts: [String]
    let models: [String]
    /// Whether the pool itself asks, to see that a worker answers.
    let isProbe: Bool

    private struct State {
        var results: [ModelResults?]
        var missing: Int
        var outcome: Result<[ModelResults], any Error>?
        var waiter: CheckedContinuation<[ModelResults], any Error>?
    }

    private let state: Mutex<State>

    init(texts: [String], models: [String], isProbe: Bool = false) {
        self.isProbe = isProbe
        self.texts = texts
        self.models = models
        state = Mutex(State(results: Array(repeating: nil, count: texts.count), missing: texts.count))
    }

    /// Whether anyone still wants the rest.
    var isOver: Bool { state.withLock { $0.outcome != nil } }

    /// Takes the results of a part; the last part completes the submission.
    func fulfil(_ range: Range<Int>, with results: [ModelResults]) {
        settle { state in
            for (index, result) in zip(range, results) where state.results[index] == nil {
                state.results[index] = result
                state.missing -= 1
            }
            return state.missing == 0 ? .success(state.results.compactMap { $0 }) : nil
        }
    }

    /// Gives every model of the texts in `range` the same failure.
    func fail(_ range: Range<Int>, with failure: ModelFailure) {
        let outcomes = Dictionary(
            models.map { ($0, ModelOutcome.failure(failure)) }, uniquingKeysWith: { first, _ in first })
        fulfil(range, with: Array(repeating: ModelResults(models: outcomes, textInfo: nil), count: range.count))
    }

    /// Ends the submission with an error.
    func abort(_ error: any Error) {
        settle { _ in .failure(error) }
    }

    /// Waits until every text has its results.
    func results() async throws -> [ModelResults] {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let outcome = state.withLock { state in
                    if state.outcome == nil { state.waiter = continuation }
                    return state.outcome
                }
                if let outcome { continuation.resume(with: outcome) }
            }
        } onCancel: {
            abort(CancellationError())
        }
    }

    private func settle(_ decide: (inout State) -> Result<[ModelResults], any Error>?) {
        let waiter = state.withLock {
            state -> (CheckedContinuation<[ModelResults], any Error>, Result<[ModelResults], any Error>)? in
            guard state.outcome == nil, let outcome = decide(&state) else { return nil }
            state.outcome = outcome
            defer { state.waiter = nil }
            return state.waiter.map { ($0, outcome) }
        }
        waiter.map { $0.resume(with: $1) }
    }
}
