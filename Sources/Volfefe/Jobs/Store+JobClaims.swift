import Foundation
import GRDB

/// How many jobs of a queue are wanted.
public struct JobDemand: Sendable, Hashable {
    /// The queue.
    public var queue: String
    /// Jobs at most.
    public var limit: Int

    /// Creates a demand.
    public init(queue: String, limit: Int) {
        self.queue = queue
        self.limit = limit
    }
}

extension Store {
    /// Takes jobs for a run, the lowest priority number first and then the oldest, in one transaction; an attempt begins with it.
    ///
    /// Jobs whose time has come are made available on the way, and so is what dead owners held. A paused queue gives nothing.
    /// Where there is nothing to take, nothing is written.
    public func claimJobs(_ demands: [JobDemand], run: Int64, at now: Date = Date()) async throws -> [Job] {
        let demands = demands.filter { $0.limit > 0 }
        guard !demands.isEmpty, try await read({ db in try JobClaiming(in: db, at: now).hasWork(demands) }) else {
            return []
        }
        return try await write { db in
            let claiming = JobClaiming(in: db, at: now)
            try claiming.stage()
            return try demands.flatMap { try claiming.take($0, run) }
        }
    }
}

/// The statements of a claim of jobs.
struct JobClaiming {
    private let db: Database
    private let now: Int64

    init(in db: Database, at now: Date) {
        self.db = db
        self.now = now.milliseconds
    }

    func hasWork(_ demands: [JobDemand]) throws -> Bool {
        let isDue = try Bool.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT EXISTS (
                        SELECT 1 FROM jobs INDEXED BY jobs_waiting
                        WHERE state IN ('scheduled', 'retryable') AND scheduled_at <= ?)
                    """), arguments: [now])
        if isDue == true { return true }
        let statement = try db.cachedStatement(
            sql: """
                SELECT EXISTS (
                    SELECT 1 FROM jobs INDEXED BY jobs_available
                    WHERE queue = :queue AND state = 'available'
                        AND NOT EXISTS (SELECT 1 FROM queues WHERE name = :queue AND paused = 1))
                """)
        return try demands.contains { try Bool.fetchOne(statement, arguments: ["queue": $0.queue]) == true }
    }

    /// Makes available whose time has come; so many at most, that a million of them hold up nobody.
    func stage() throws {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET state = 'available'
                WHERE id IN (
                    SELECT id FROM jobs INDEXED BY jobs_waiting
                    WHERE state IN ('scheduled', 'retryable') AND scheduled_at <= ?
                    ORDER BY scheduled_at
                    LIMIT 2000)
                """
        ).execute(arguments: [now])
    }

    func take(_ demand: JobDemand, _ run: Int64) throws -> [Job] {
        let statement = try db.cachedStatement(sql: Self.claim)
        return try Row.fetchAll(
            statement, arguments: ["queue": demand.queue, "limit": demand.limit, "run": run, "now": now]
        ).map(Job.init).sorted { ($0.priority, $0.id) < ($1.priority, $1.id) }
    }

    /// The statement of a claim, for its plan to be checked.
    static let claim = """
        UPDATE jobs SET
            state = 'executing', run_id = :run, attempted_at = :now, attempt = attempt + 1, claim = claim + 1
        WHERE id IN (
            SELECT j.id
            FROM jobs AS j INDEXED BY jobs_available
            WHERE j.queue = :queue AND j.state = 'available'
                AND NOT EXISTS (SELECT 1 FROM queues AS q WHERE q.name = :queue AND q.paused = 1)
            ORDER BY j.priority, j.id
            LIMIT :limit)
        RETURNING *
        """
}
