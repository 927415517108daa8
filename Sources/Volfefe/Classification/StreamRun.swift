import Foundation
import Inference

/// Classifies a stream of texts and gives the results in the order of the input.
///
/// Only so many texts are on their way at once, so neither a fast producer nor a slow consumer makes memory grow. Texts of
/// similar length travel together while all workers are busy; a text that finds a worker idle goes at once.
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

    private typealias Numbered = (number: Int, text: String)

    private enum Event: Sendable {
        case read([Item]?)
        case classified([Numbered], [ModelResults])
    }

    /// Pulls items from `next` until it gives nil, and hands their results to `emit` in order, as many as there are.
    ///
    /// Reading goes on while results are on their way, so a slow producer still sees each result at once. `emit` returns
    /// false when nobody reads any more; the stream ends then. `next` must end when its task is cancelled.
    public func perform(
        next: @escaping @Sendable () async throws -> [Item]?,
        emit: (_ items: [Item], _ results: [ModelResults]) async throws -> Bool
    ) async throws {
        try await withThrowingTaskGroup(of: Event.self) { group in
            var planner = BatchPlanner<Numbered>(limits.batches)
            var estimate = TokenEstimate()
            var order = RestoredOrder<Item, ModelResults>()
            var running = 0
            var isReading = false
            var ended = false
            while true {
                // Results that wait behind a slow one count too: they must not pile up.
                if !ended, !isReading, !stop.isRequested, order.count < capacity {
                    isReading = true
                    group.addTask { .read(try await next()) }
                }
                // No timer: while texts are held back, workers are busy, and the end of a request comes back here.
                while running < limits.inFlight,
                    let batch = planner.next(
                        idle: limits.workers - running, expectsMore: !ended && !stop.isRequested, at: .now)
                {
                    running += 1
                    group.addTask {
                        .classified(
                            batch.items, try await pool.classify(batch.items.map(\.text), models: batch.models))
                    }
                }
                switch try await group.next() {
                case nil: return
                case .read(let items):
                    isReading = false
                    guard let items else {
                        ended = true
                        continue
                    }
                    for item in items {
                        let number = order.expect(item)
                        guard let text = item.text else {
                            order.put(ModelResults(models: [:], textInfo: nil), at: number)
                            continue
                        }
                        let bytes = text.utf8.count
                        planner.add(
                            (number, text), bytes: bytes, tokens: estimate.tokens(bytes: bytes), models: models,
                            at: .now)
                    }
                case .classified(let texts, let results):
                    running -= 1
                    for (text, result) in zip(texts, results) {
                        estimate.observe(bytes: text.text.utf8.count, result)
                        order.put(result, at: text.number)
                    }
                }
                let (items, results) = order.take()
                guard !items.isEmpty else { continue }
                guard try await emit(items, results) else {
                    group.cancelAll()
                    return
                }
            }
        }
    }

    /// Texts that may be on their way at once: those in requests, and a window to choose the next ones from.
    private var capacity: Int { limits.inFlight * limits.batches.texts + limits.batches.window }
}
