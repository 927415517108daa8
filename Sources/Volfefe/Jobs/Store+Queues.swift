import Foundation
import GRDB

/// A queue and what is in it.
public struct QueueStatus: Sendable, Hashable, Codable {
    /// Its name.
    public var name: String
    /// Whether nothing is taken from it.
    public var isPaused: Bool
    /// Jobs in the hands of one `volfefe work` at once; nil: as many as its handler likes.
    public var concurrency: Int?
    /// When somebody last set that.
    public var scaledAt: Date?
    /// Jobs in each state that has any.
    public var counts: [String: Int]
    /// How long the job that is next in its order of age has been available, in seconds.
    public var oldestSeconds: Double?

    enum CodingKeys: String, CodingKey {
        case name, concurrency, counts
        case isPaused = "paused"
        case scaledAt = "scaled_at"
        case oldestSeconds = "oldest_s"
    }
}

/// The settings of a queue, as those who work on it read them all the time.
public struct QueueSettings: Sendable, Hashable {
    /// Its name.
    public var name: String
    /// Whether nothing is taken from it.
    public var isPaused: Bool
    /// Jobs in the hands of one process at once.
    public var concurrency: Int?
    /// When that was set.
    public var scaledAt: Date?

    init(_ row: Row) {
        name = row["name"]
        isPaused = row["paused"]
        concurrency = row["concurrency"]
        scaledAt = (row["scaled_at"] as Int64?).map(Date.init(milliseconds:))
    }
}

extension Store {
    /// All queues with their settings, by name.
    public func queueSettings() async throws -> [QueueSettings] {
        try await read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM queues ORDER BY name").map(QueueSettings.init)
        }
    }

    /// All queues with what is in them, by name.
    public func queues(at now: Date = Date()) async throws -> [QueueStatus] {
        try await read { db in
            let settings = try Row.fetchAll(db, sql: "SELECT * FROM queues ORDER BY name").map(QueueSettings.init)
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT queue, state, count(*) AS jobs, min(scheduled_at) AS oldest
                    FROM jobs
                    GROUP BY queue, state
                    ORDER BY queue, state
                    """)
            return settings.map { queue in
                let own = rows.filter { $0["queue"] == queue.name }
                let available = own.first { $0["state"] == JobState.available.rawValue }
                let oldest = available.flatMap { $0["oldest"] as Int64? }
                return QueueStatus(
                    name: queue.name, isPaused: queue.isPaused, concurrency: queue.concurrency,
                    scaledAt: queue.scaledAt,
                    counts: Dictionary(own.map { ($0["state"], $0["jobs"]) }, uniquingKeysWith: +),
                    oldestSeconds: oldest.map { max(Double(now.milliseconds - $0) / 1000, 0) })
            }
        }
    }

    /// Pauses a queue or lets it go on; it holds for every process, from the next claim on, until it is changed. False when there
    /// is no such queue.
    public func setPaused(_ isPaused: Bool, queue: String) async throws -> Bool {
        try await write { db in
            try db.execute(sql: "UPDATE queues SET paused = ? WHERE name = ?", arguments: [isPaused, queue])
            return db.changesCount > 0
        }
    }

    /// Sets how many jobs of a queue one process may have at once; nil: as many as its handler likes. False when there is no
    /// such queue.
    public func scale(_ queue: String, to concurrency: Int?, at now: Date = Date()) async throws -> Bool {
        try await write { db in
            try db.execute(
                sql: "UPDATE queues SET concurrency = ?, scaled_at = ? WHERE name = ?",
                arguments: [concurrency, now.milliseconds, queue])
            return db.changesCount > 0
        }
    }

    /// Makes queues that are not there.
    public func ensureQueues(_ names: [String], at now: Date = Date()) async throws {
        try await write { db in
            let enqueueing = Enqueueing(in: db, at: now)
            try names.forEach(enqueueing.ensureQueue)
        }
    }
}

extension Store {
    /// Whether a queue that is not paused holds anything that is to be done now, or was begun and waits for its next attempt; nil:
    /// any queue.
    public func hasUnfinishedJobs(in queues: [String]?) async throws -> Bool {
        let names = queues.map { String(decoding: (try? JSONEncoder().encode($0)) ?? Data("[]".utf8), as: UTF8.self) }
        return try await read { db in
            let found = try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (
                        SELECT 1
                        FROM (
                            SELECT queue FROM jobs WHERE state = 'available'
                            UNION ALL
                            SELECT queue FROM jobs WHERE state = 'executing'
                            UNION ALL
                            SELECT queue FROM jobs INDEXED BY jobs_waiting
                            WHERE state IN ('scheduled', 'retryable')
                                -- Begun before: it failed, or was snoozed.
                                AND attempted_at IS NOT NULL) AS j
                        JOIN queues AS q ON q.name = j.queue
                        WHERE q.paused = 0
                            AND (:queues IS NULL OR q.name IN (SELECT value FROM json_each(:queues))))
                    """, arguments: ["queues": names])
            return found ?? false
        }
    }
}
