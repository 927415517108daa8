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
        /// Texts per request.
        public var batchSize: Int
        /// Bytes of text per request, so that it fits a line of the protocol even when every byte is escaped.
        public var batchBytes: Int
        /// Requests on their way at once.
        public var inFlight: Int
        /// Contents per commit at most; whatever is finished is committed every second.
        public var commitEvery: Int

        /// Creates limits.
        public init(batchSize: Int, batchBytes: Int, inFlight: Int, commitEvery: Int) {
            self.batchSize = batchSize
            self.batchBytes = batchBytes
            self.inFlight = inFlight
            self.commitEvery = commitEvery
        }
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
            try await withThrowingTaskGroup(of: [ClassifiedText].self) { group in
                var running = 0
                var batches: ArraySlice<Batch> = []
                while true {
                    while running < limits.inFlight, !stop.isRequested {
                        if batches.isEmpty { batches = try await self.batches(of: pages.next())[...] }
                        guard let batch = batches.popFirst() else { break }
                        group.addTask { try await classify(batch) }
                        running += 1
                    }
                    if stop.isRequested {
                        // Others need not wait until what is running has ended.
                        try await store.release(batches.flatMap { $0.items.map(\.contentID) }, run: run)
                        batches = []
                    }
                    if running == 0, !stop.isRequested {
                        // What is not committed is claimed: others may be waiting for it just as this run is for theirs.
                        try await finished.commit()
                        if try await pages.waitForOthers(stop, onWaiting) { continue }
                    }
                    guard running > 0, let done = try await group.next() else { break }
                    running -= 1
                    for item in done {
                        tally.count(item.contentID, item.results)
                        onProgress(item.contentID, item.results)
                    }
                    try await finished.add(done)
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

    private var pageSize: Int { max(limits.batchSize * limits.inFlight * 2, 128) }

    private struct Batch: Sendable {
        let items: [WorkItem]
        let models: [String]
    }

    /// Items that miss the same models travel together.
    private func batches(of page: [WorkItem]) -> [Batch] {
        Dictionary(grouping: page, by: \.missing).sorted { $0.key.lexicographicallyPrecedes($1.key) }.flatMap {
            missing, items in
            Batches.cut(
                items, size: limits.batchSize, maxBytes: limits.batchBytes, bytes: { $0.text.utf8.count }
            ).map { Batch(items: $0, models: missing) }
        }
    }

    private func classify(_ batch: Batch) async throws -> [ClassifiedText] {
        let results = try await pool.classify(batch.items.map(\.text), models: batch.models)
        return zip(batch.items, results).map {
            ClassifiedText(contentID: $0.contentID, textVersion: $0.textVersion, results: $1)
        }
    }
}
