import Foundation
import Inference

/// Classifies a stream of texts and gives the results in the order of the input.
///
/// Only so many requests are on their way at once, so neither a fast producer nor a slow consumer makes memory grow.
public struct StreamRun: Sendable {
    /// One text of the stream, or the reason why it is none.
    public struct Item: Sendable {
        /// Line of the input, from 1.
        public var line: Int
        /// The caller's own id.
        public var id: String?
        /// The text; nil with `problem` set.
        public var text: String?
        /// Why there is no text.
        public var problem: ModelFailure?

        /// Creates an item.
        public init(line: Int, id: String? = nil, text: String?, problem: ModelFailure? = nil) {
            self.line = line
            self.id = id
            self.text = text
            self.problem = problem
        }
    }

    private let pool: WorkerPool
    private let models: [String]
    private let limits: ClassificationRun.Limits
    private let stop: StopRequest

    /// Prepares a stream through `pool`.
    public init(pool: WorkerPool, models: [String], limits: ClassificationRun.Limits, stop: StopRequest) {
        self.pool = pool
        self.models = models
        self.limits = limits
        self.stop = stop
    }

    private enum Event: Sendable {
        case read([Item]?)
        case classified(Int, [Item], [ModelResults])
    }

    /// Pulls batches from `next` until it gives nil, and hands their results to `emit` in order.
    ///
    /// Reading goes on while results are on their way, so a slow producer still sees each result at once. `emit` returns
    /// false when nobody reads any more; the stream ends then. `next` must end when its task is cancelled.
    public func perform(
        next: @escaping @Sendable () async throws -> [Item]?,
        emit: (_ items: [Item], _ results: [ModelResults]) async throws -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            var sent = 0
            var emitted = 0
            var waiting: [Int: ([Item], [ModelResults])] = [:]
            var isReading = false
            var ended = false
            while true {
                // Results that wait behind a slow batch count too: they must not pile up.
                if !ended, !isReading, !stop.isRequested, sent - emitted < limits.inFlight {
                    isReading = true
                    group.addTask { .read(try await next()) }
                }
                switch try await group.next() {
                case nil: return
                case .read(let batch):
                    isReading = false
                    guard let batch else {
                        ended = true
                        continue
                    }
                    let number = sent
                    sent += 1
                    group.addTask { .classified(number, batch, try await classify(batch)) }
                case .classified(let number, let items, let results):
                    waiting[number] = (items, results)
                    while let (items, results) = waiting.removeValue(forKey: emitted) {
                        emitted += 1
                        guard try await emit(items, results) else {
                            group.cancelAll()
                            return
                        }
                    }
                }
            }
        }
    }

    private func classify(_ items: [Item]) async throws -> [ModelResults] {
        let usable = items.indices.filter { items[$0].text != nil }
        let results = try await pool.classify(usable.compactMap { items[$0].text }, models: models)
        var all = items.map { _ in ModelResults(models: [:], textInfo: nil) }
        for (index, result) in zip(usable, results) { all[index] = result }
        return all
    }
}
