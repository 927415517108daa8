import Foundation
import GRDB

extension Store {
    /// Says that a run is alive for so long, for those who cannot look at its process.
    ///
    /// False when it has been taken for dead meanwhile: its jobs are others' now, and it has to begin another run.
    public func renewLease(of run: Int64, for length: Duration, at now: Date = Date()) async throws -> Bool {
        try await write { db in
            let isOpen = try Bool.fetchOne(
                db, sql: "SELECT count(*) FROM runs WHERE id = ? AND state = 'running'", arguments: [run])
            guard isOpen == true else { return false }
            try Self.setLease(of: run, until: now.addingTimeInterval(length / .seconds(1)), in: db)
            return true
        }
    }

    /// The same in the caller's transaction.
    static func setLease(of run: Int64, until expiry: Date, in db: Database) throws {
        try db.execute(
            sql: """
                INSERT INTO leases (run_id, expires_at) VALUES (?, ?)
                ON CONFLICT (run_id) DO UPDATE SET expires_at = excluded.expires_at
                """,
            arguments: [run, expiry.milliseconds])
    }

    /// Removes what has ended for longer than it is to be kept, so many jobs in a transaction; gives their number.
    ///
    /// Dead letters are never removed: they wait for a person.
    @discardableResult
    public func pruneJobs(
        completedFor: Duration, cancelledFor: Duration, limit: Int = 5000, at now: Date = Date()
    ) async throws -> Int {
        let bounds = [(JobState.completed, completedFor), (.cancelled, cancelledFor)]
        var pruned = 0
        for (state, age) in bounds {
            let before = now.addingTimeInterval(-(age / .seconds(1))).milliseconds
            let isDue = try await read { db in
                try Bool.fetchOne(
                    db,
                    sql: """
                        SELECT EXISTS (
                            SELECT 1 FROM jobs INDEXED BY jobs_finished
                            WHERE finished_at IS NOT NULL AND state = :state AND finished_at < :before)
                        """, arguments: ["state": state.rawValue, "before": before])
            }
            guard isDue == true else { continue }
            pruned += try await write { db in
                try db.execute(
                    sql: """
                        DELETE FROM jobs WHERE id IN (
                            SELECT id FROM jobs INDEXED BY jobs_finished
                            WHERE finished_at IS NOT NULL AND state = :state AND finished_at < :before
                            ORDER BY finished_at
                            LIMIT :limit)
                        """, arguments: ["state": state.rawValue, "before": before, "limit": limit])
                return db.changesCount
            }
        }
        return pruned
    }
}
