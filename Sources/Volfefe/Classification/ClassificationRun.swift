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
        /// Those of them that were taken over from equal texts.
        public var reused = 0
        /// Texts for which no model was run at all.
        public var reusedContents = 0
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

        /// Counts one text's results, computed or taken over.
        public mutating func count(_ text: ClassifiedText) {
            contents += 1
            reused += text.reusedFrom.count
            if text.reusedFrom.count == text.results.models.count { reusedContents += 1 }
            var hasFailed = false
            for outcome in text.results.models.values {
                switch outcome {
                case .prediction: predictions += 1
                case .failure(let failure):
                    failures[failure.code, default: 0] += 1
                    hasFailed = true
                }
            }
            if hasFailed, failedContents.count < 100 { failedContents.append(text.contentID) }
        }

        /// Counts what was taken over for a text that is still on its way.
        mutating func countPart(_ text: ClassifiedText) {
            predictions += text.results.models.count
            reused += text.reusedFrom.count
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
    /// With `reuse` and without `force`, verdicts on equal texts are taken over where the same engine and precision has made
    /// them, and equal texts of a page are sent once.
    ///
    /// Several runs may share a database: each text is claimed before it is sent, so that no other run does it too. What
    /// others hold in the end is waited for, and taken over when they die; `onWaiting` is told once, with the number of
    /// other runs. `onProgress` is told of every finished text. Throws `InferenceError` when no worker can serve and
    /// `StoreError` when nothing can be stored; finished texts are committed first wherever that is possible.
    public func perform(
        _ selection: Selection, force: Bool, reuse: Bool = true, onWaiting: @Sendable (Int) -> Void = { _ in },
        onProgress: @Sendable (Int64, ModelResults) -> Void
    ) async throws -> Tally {
        var tally = Tally()
        var finished = Finished(store: store, run: run, commitEvery: limits.commitEvery)
        let effort = try await store.effort(of: run)
        var pages = ClaimedPages(
            store: store, selection: selection,
            request: .init(models: models, force: force, reuse: reuse, effort: effort),
            size: pageSize)
        do {
            try await withThrowingTaskGroup(of: [Done].self) { group in
                var running = 0
                var planner = BatchPlanner<Errand>(limits.batches)
                var estimate = TokenEstimate()
                var isExhausted = false
                func plan(_ errands: [Errand]) {
                    for errand in errands {
                        let bytes = errand.text.utf8.count
                        planner.add(
                            errand, bytes: bytes, tokens: estimate.tokens(bytes: bytes), models: errand.models, at: .now
                        )
                    }
                }
                while true {
                    while running < limits.inFlight, !stop.isRequested {
                        // A window to choose from, as long as there is work; no more, as others may want the rest.
                        while planner.count < limits.batches.texts, !isExhausted {
                            guard let page = try await pages.next() else {
                                isExhausted = true
                                break
                            }
                            for reused in page.reused {
                                guard reused.isComplete else {
                                    tally.countPart(reused.text)
                                    continue
                                }
                                tally.count(reused.text)
                                onProgress(reused.text.contentID, reused.text.results)
                            }
                            plan(Errand.list(page.items, sharing: reuse && !force))
                            // It may be a long way to the next text that nobody has judged: no worker waits for it.
                            guard !stop.isRequested, planner.count == 0 || running >= limits.workers else { break }
                        }
                        let batch = planner.next(idle: limits.workers - running, expectsMore: false, at: .now)
                        guard let batch else { break }
                        group.addTask { try await classify(batch) }
                        running += 1
                    }
                    if stop.isRequested {
                        // Others need not wait until what is running has ended.
                        try await store.release(planner.removeAll().flatMap(\.contentIDs), run: run)
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
                    var classified: [ClassifiedText] = []
                    for (errand, results) in done {
                        estimate.observe(bytes: errand.text.utf8.count, results)
                        let (texts, again) = errand.ended(with: results)
                        classified += texts
                        plan(again)
                    }
                    for text in classified {
                        tally.count(text)
                        onProgress(text.contentID, text.results)
                    }
                    try await finished.add(classified)
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

    private typealias Done = (errand: Errand, results: ModelResults)

    /// A window, or less where requests are small: what is claimed is nobody else's.
    private var pageSize: Int {
        max(limits.batches.texts, min(limits.batches.texts * limits.inFlight * 2, limits.batches.window))
    }

    private func classify(_ batch: BatchPlanner<Errand>.Batch) async throws -> [Done] {
        let results = try await pool.classify(batch.items.map(\.text), models: batch.models)
        return zip(batch.items, results).map { ($0, $1) }
    }
}
