import Foundation
import Inference

/// Classification jobs: contents in chunks through all enabled models. Only the cells that are missing or have failed are run,
/// and each job ends in the commit that stores its verdicts.
public struct ClassificationHandler: JobHandler {
    /// `classify`.
    public let kind = JobDraft.classify
    private let pool: WorkerPool
    private let models: [(id: String, version: String)]
    private let limits: ClassificationRun.Limits
    private let reuse: Bool
    /// How long a job waits for a content that somebody else is at.
    private let patience: Duration

    /// Prepares a handler for `models`, which must already be registered with the store.
    public init(
        pool: WorkerPool, models: [(id: String, version: String)], limits: ClassificationRun.Limits, reuse: Bool,
        patience: Duration = .seconds(2)
    ) {
        self.pool = pool
        self.models = models
        self.limits = limits
        self.reuse = reuse
        self.patience = patience
    }

    /// A window for the planner to choose from.
    public var chunk: Int { max(limits.batches.window, limits.batches.texts) }

    /// Classifies the contents of jobs, and ends each in the commit that stores its verdicts.
    public func perform(_ jobs: [Job], in context: JobContext) async throws {
        let prepared = try await context.store.prepare(
            jobs, models: models, reuse: reuse, run: context.run, patience: patience)
        context.note(prepared.ended, lost: prepared.lost)
        let byContent = Dictionary(grouping: jobs) { $0.contentID ?? 0 }
        try await withThrowingTaskGroup(of: [(Errand, ModelResults)].self) { group in
            var running = 0
            var planner = BatchPlanner<Errand>(limits.batches)
            var estimate = TokenEstimate()
            func plan(_ errands: [Errand]) {
                for errand in errands {
                    let bytes = errand.text.utf8.count
                    planner.add(
                        errand, bytes: bytes, tokens: estimate.tokens(bytes: bytes), models: errand.models, at: .now)
                }
            }
            plan(Errand.list(prepared.items, sharing: reuse))
            while true {
                while running < limits.inFlight, !context.stop.isRequested,
                    let batch = planner.next(idle: limits.workers - running, expectsMore: false, at: .now)
                {
                    running += 1
                    group.addTask {
                        let results = try await pool.classify(batch.items.map(\.text), models: batch.models)
                        return Array(zip(batch.items, results))
                    }
                }
                if context.stop.isRequested {
                    let rest = planner.removeAll().flatMap(\.contentIDs).flatMap { byContent[$0] ?? [] }
                    try await context.settle(rest.map { JobEnd($0, .givenBack) })
                }
                guard running > 0, let done = try await group.next() else { break }
                running -= 1
                var texts: [ClassifiedText] = []
                for (errand, results) in done {
                    estimate.observe(bytes: errand.text.utf8.count, results)
                    let (classified, again) = errand.ended(with: results)
                    texts += classified
                    plan(again)
                }
                let ends = texts.flatMap { text in
                    (byContent[text.contentID] ?? []).map { JobEnd($0, text.results.jobOutcome) }
                }
                try await context.settle(ends, saving: texts)
            }
        }
    }
}

extension ModelResults {
    /// What these results make of the job that asked for them.
    fileprivate var jobOutcome: JobOutcome {
        let cells = models.compactMapValues { outcome -> ModelFailure? in
            guard case .failure(let failure) = outcome else { return nil }
            return failure
        }
        return JobFailure(cells: cells).map(JobOutcome.failed) ?? .completed()
    }
}
