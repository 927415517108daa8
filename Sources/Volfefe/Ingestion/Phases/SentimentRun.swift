import Foundation
import GRDB
import Inference
import Synchronization

/// Gets the verdicts that contents miss, chunk by chunk; what is finished is committed while a chunk runs.
public struct SentimentRun: PhaseRunner {
    /// sentiment.
    public let phase = Phase.sentiment
    private let pool: WorkerPool
    private let models: [(id: String, version: String)]
    private let limits: ClassificationRun.Limits
    private let run: Int64
    private let reuse: Bool
    private let chunk: Int

    /// Prepares a run of `models`, which must already be registered with the store, whose verdicts belong to the run `run`.
    public init(
        pool: WorkerPool, models: [(id: String, version: String)], limits: ClassificationRun.Limits, run: Int64,
        reuse: Bool, chunk: Int = 5000
    ) {
        self.pool = pool
        self.models = models
        self.limits = limits
        self.run = run
        self.reuse = reuse
        self.chunk = max(chunk, 1)
    }

    /// Runs until nothing is missing or a stop is requested. The attempts of the selection do not count here: what has failed is
    /// tried again by whoever asks, but for texts that kill workers.
    public func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport {
        let report = Mutex(PhaseReport(phase))
        var after: Int64 = 0
        while !stop.isRequested {
            let ids = try await store.missingVerdicts(models, selection, after: after, limit: chunk)
            guard let last = ids.last else { break }
            after = last
            _ = try await ClassificationRun(
                store: store, pool: pool, models: models, limits: limits, run: run, stop: stop
            ).perform(.contents(ids), force: selection.isForced, reuse: reuse) { _, results in
                let hasFailed = results.models.values.contains { if case .failure = $0 { true } else { false } }
                report.withLock { if hasFailed { $0.failed += 1 } else { $0.done += 1 } }
                onProgress(1)
            }
        }
        return report.withLock { $0 }
    }
}

extension Store {
    /// Contents of a selection that miss a verdict of `models`, by ascending id, from the first after `after`; at most `limit`.
    func missingVerdicts(
        _ models: [(id: String, version: String)], _ selection: PhaseSelection, after: Int64, limit: Int
    ) async throws -> [Int64] {
        try await read { db in
            let cells = try Cells(models: models, force: selection.isForced, in: db)
            return try Int64.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT c.id
                        \(Self.contentsMissingVerdicts)
                            AND c.id > :after
                        ORDER BY c.id
                        LIMIT :limit
                        """),
                arguments: cells.due &+ Self.scope(selection) &+ ["after": after, "limit": limit])
        }
    }

    /// How many contents of a selection miss a verdict of `models`.
    public func countMissingVerdicts(
        _ models: [(id: String, version: String)], _ selection: PhaseSelection
    ) async throws -> Int {
        try await read { db in
            let cells = try Cells(models: models, force: selection.isForced, in: db)
            return try Int.fetchOne(
                db, sql: "SELECT count(*) \(Self.contentsMissingVerdicts)",
                arguments: cells.due &+ Self.scope(selection)) ?? 0
        }
    }

    /// The contents that miss a verdict: what follows a SELECT, up to conditions of one's own.
    static let contentsMissingVerdicts = """
        FROM \(Cells.everything)
        WHERE c.text_hash IS NOT NULL
            AND (:source IS NULL OR c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source))
            AND (:besides = '[]' OR c.source_id NOT IN (
                SELECT s.id FROM sources AS s WHERE s.name IN (SELECT value FROM json_each(:besides))))
            AND (SELECT count(*) \(Cells.verdicts)) < :enough
        """

    static func scope(_ selection: PhaseSelection) -> StatementArguments {
        ["source": selection.source?.withoutNUL, "besides": jsonArray(selection.besides)]
    }
}
