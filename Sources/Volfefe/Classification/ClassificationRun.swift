import Foundation
import Inference

/// Runs every missing cell of a selection through the pool and stores what comes back, chunk by chunk.
///
/// While workers compute, the next page is read ahead and finished texts are committed behind; whatever was committed
/// survives any end of the process.
public struct ClassificationRun: Sendable {
    /// What has been done so far, for progress and for the summary.
    public struct Tally: Sendable, Equatable {
        /// Texts that have been through all the models they were missing.
        public var contents = 0
        /// Verdicts stored.
        public var predictions = 0
        /// Failure code → cells that failed with it.
        public var failures: [String: Int] = [:]
        /// Content ids with a failed cell, the first hundred.
        public var failedContents: [Int64] = []
        /// Contents of the selection that still miss a verdict because a run beside this one failed on them.
        public var failedElsewhere = 0

        /// Cells that failed.
        public var failed: Int { failures.values.reduce(0, +) }

        /// Creates an empty tally.
        public init() {}

        /// Counts one text's results.
        public mutating func count(_ contentID: Int64, _ results: ModelResults) {
            contents += 1
            var hasFailed = false
            for outcome in results.models.values {
                switch outcome {
                case .prediction: predictions += 1
                case .failure(let failure):
                    failures[failure.code, default: 0] += 1
                    hasFailed = true
                }
            }
            if hasFailed, failedContents.count < 100 { failedContents.append(contentID) }
        }
    }

    /// How much is read, sent and committed at once.
    public struct Limits: Sendable {
        /// How texts are cut into requests.
        public var batches: BatchLimits
        /// Workers that share the requests.
        public var workers: Int
        /// Contents per commit at most; whatever is finished is committed every second.
        public var commitEvery: Int

        /// Creates limits. `batchSize` is texts per request, `batchBytes` bytes of text per request.
        public init(batchSize: Int, batchBytes: Int, workers: Int, commitEvery: Int) {
            batches = .init(texts: batchSize, bytes: batchBytes)
            self.workers = workers
            self.commitEvery = commitEvery
        }

        /// Requests on their way at once: one in every worker's hands, one behind it, and one that is being made.
        public var inFlight: Int { workers * 2 + 1 }
    }

    private let store: Store
    private let pool: WorkerPool
    private let models: [(id: String, version: String)]
    private let limits: Limits
    private let run: Int64
    private let stop: StopRequest

    /// Prepares a run of `models`, which must already be registered with the store.
    public init(
        store: Store, pool: WorkerPool, models: [(id: String, version: String)], limits: Limits, run: Int64,
        stop: StopRequest
    ) {
        self.store = store
        self.pool = pool
        self.models = models
        self.limits = limits
        self.run = run
        self.stop = stop
    }

    /// Works until nothing is missing, or until a stop is requested.
    ///
    /// Several runs may share a database: each text is claimed before it is sent, so that no other run does it too. What
    /// others hold in the end is waited for, and taken over when they die; `onWaiting` is told once, with the number of
    /// other runs. `onProgress` is told of every finished text. Throws `InferenceError` when no worker can serve and
    /// `StoreError` when nothing can be stored; finished texts are committed first wherever that is possible.
    public func perform(
        _ selection: Selection, force: Bool, onWaiting: @Sendable (Int) -> Void = { _ in },
        onProgress: @Sendable (Int64, ModelResults) -> Void
    ) async throws -> Tally {
        var tally = Tally()
        var finished = Finished(store: store, run: run, commitEvery: limits.commitEvery)
        let effort = try await store.effort(of: run)
        var pages = ClaimedPages(
            store: store, selection: selection, request: .init(models: models, force: force, effort: effort),
            size: pageSize)
        do {
            try await withThrowingTaskGroup(of: [Done].self) { group in
                var running = 0
                var planner = BatchPlanner<WorkItem>(limits.batches)
                var estimate = TokenEstimate()
                var isExhausted = false
                while true {
                    while running < limits.inFlight, !stop.isRequested {
                        // A full window to choose from, as long as there is work.
                        while planner.count < limits.batches.window, !isExhausted {
                            let page = try await pages.next()
                            isExhausted = page.isEmpty
                            for item in page {
                                let bytes = item.text.utf8.count
                                planner.add(
                                    item, bytes: bytes, tokens: estimate.tokens(bytes: bytes), models: item.missing,
                                    at: .now)
                            }
                        }
                        let batch = planner.next(idle: limits.workers - running, expectsMore: false, at: .now)
                        guard let batch else { break }
                        group.addTask { try await classify(batch) }
                        running += 1
                    }
                    if stop.isRequested {
                        // Others need not wait until what is running has ended.
                        try await store.release(planner.removeAll().map(\.contentID), run: run)
                    }
                    if running == 0, !stop.isRequested {
                        // What is not committed is claimed: others may be waiting for it just as this run is for theirs.
                        try await finished.commit()
                        if try await pages.waitForOthers(stop, onWaiting) {
                            isExhausted = false
                            continue
                        }
                    }
                    guard running > 0, let done = try await group.next() else { break }
                    running -= 1
                    for (item, results) in done {
                        estimate.observe(bytes: item.text.utf8.count, results)
                        tally.count(item.contentID, results)
                        onProgress(item.contentID, results)
                    }
                    try await finished.add(
                        done.map {
                            ClassifiedText(
                                contentID: $0.item.contentID, textVersion: $0.item.textVersion, results: $0.results)
                        })
                }
            }
        } catch let error as StoreError {
            throw finished.count > 0 ? StoreError.losing(contents: finished.count, error) : error
        } catch {
            try? await finished.commit()
            throw error
        }
        try await finished.commit()
        if !force, !stop.isRequested {
            tally.failedElsewhere = try await store.failedElsewhere(
                selection: selection, models: models, effort: effort, hasMetOthers: pages.hasMetOthers)
        }
        return tally
    }

    private typealias Done = (item: WorkItem, results: ModelResults)

    private var pageSize: Int { max(limits.batches.texts * limits.inFlight * 2, limits.batches.window) }

    private func classify(_ batch: BatchPlanner<WorkItem>.Batch) async throws -> [Done] {
        let results = try await pool.classify(batch.items.map(\.text), models: batch.models)
        return zip(batch.items, results).map { ($0, $1) }
    }
}
