import Foundation
import GRDB

/// Classification jobs that are ready to be worked on, and those that needed no work.
struct PreparedJobs: Sendable {
    /// Contents that are claimed for the run, with the models that they miss.
    var items: [WorkItem] = []
    /// Jobs that have ended: nothing to do, or somebody else is at it.
    var ended: [JobEnd] = []
    /// Those of them that the run had lost before.
    var lost: Set<Int64> = []
}

extension Store {
    /// Claims the contents of jobs for the run, as `classify` does, and takes over verdicts on equal texts.
    ///
    /// Jobs that need no work end in the same transaction: their content is gone, has no text, or misses nothing (any more). Those
    /// whose content another process is at come back in `patience`. A failed cell counts as missing, whoever has failed on it.
    func prepare(
        _ jobs: [Job], models: [(id: String, version: String)], reuse: Bool, run: Int64, patience: Duration,
        at now: Date = Date()
    ) async throws -> PreparedJobs {
        let versions = registered.withLock { $0 }.filter { id, known in
            models.contains { $0.id == id && $0.version == known.version }
        }
        return try await write { db in
            let ids = Set(jobs.compactMap(\.contentID)).sorted()
            let cells = try Cells(models: models, force: false, in: db)
            let claiming = Claiming(run: run, cells, in: db)
            var page = ClaimedPage(lookedAt: .max)
            try claiming.take(ids, into: &page)
            if reuse, !page.items.isEmpty { try Reuse(run: run, versions: versions, in: db).apply(to: &page) }
            let working = Set(page.items.map(\.contentID))
            let fates = try Self.fates(of: ids.filter { !working.contains($0) }, patience: patience, in: db)
            var prepared = PreparedJobs(items: page.items)
            let settling = Settling(run: run, in: db, at: now)
            for job in jobs where job.contentID.map({ !working.contains($0) }) ?? true {
                let outcome = job.contentID.flatMap { fates[$0] } ?? .completed(reason: "not_found")
                prepared.ended.append(JobEnd(job, outcome))
                let change = JobChange(job, outcome, at: now, policy: RetryPolicy(), jitter: 0)
                if try !settling.apply(change, to: job) { prepared.lost.insert(job.id) }
            }
            return prepared
        }
    }

    /// Why there is nothing to do for contents; those that do not exist are absent.
    private static func fates(
        of ids: [Int64], patience: Duration, in db: Database
    ) throws -> [Int64: JobOutcome] {
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT c.id, c.text_hash IS NULL AS textless, h.run_id
                    FROM json_each(?) AS asked
                    JOIN contents AS c ON c.id = asked.value
                    LEFT JOIN claims AS h ON h.content_id = c.id
                    """), arguments: [jsonArray(ids)])
        return Dictionary(
            rows.map { row in
                let isHeld = (row["run_id"] as Int64?) != nil
                let outcome: JobOutcome =
                    row["textless"] == true
                    ? .completed(reason: "no_text")
                    : isHeld ? .snoozed(patience) : .completed(reason: "nothing_missing")
                return (row["id"], outcome)
            }, uniquingKeysWith: { first, _ in first })
    }
}
