import Foundation
import GRDB

/// What became of a cron entry whose time had come.
public struct CronFiring: Sendable {
    /// Name of the entry.
    public var entry: String
    /// The time that a job was put in for, or why none was.
    public var result: Result<Date, CronSyntaxError>
}

extension Store {
    /// Puts in a cron entry, or changes the one of that name; what it has run for stays. True when it is new.
    ///
    /// A new or rescheduled entry begins now: there is nothing yet that it could have missed.
    @discardableResult
    public func setCron(_ entry: CronEntry, at now: Date = Date()) async throws -> Bool {
        let next = try entry.next(after: now)
        return try await write { db in
            try Crontab(in: db, at: now).set(entry, next: next ?? .distantFuture)
        }
    }

    /// Makes the entries of the settings those that are given: others of that origin go.
    public func synchronizeCron(_ entries: [CronEntry], at now: Date = Date()) async throws {
        let nexts = try entries.map { ($0, try $0.next(after: now) ?? .distantFuture) }
        try await write { db in
            let crontab = Crontab(in: db, at: now)
            try crontab.removeSettings(besides: entries.map(\.name))
            for (entry, next) in nexts { try crontab.set(entry, next: next) }
        }
    }

    /// All entries, by name.
    public func cronEntries() async throws -> [CronEntry] {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT e.*, (SELECT max(r.run_at) FROM cron_runs AS r WHERE r.cron_id = e.id) AS last_at
                    FROM cron_entries AS e
                    ORDER BY e.name
                    """
            ).map(CronEntry.init)
        }
    }

    /// Pauses an entry, or lets it go on from now. False when there is none of that name.
    public func setPaused(_ isPaused: Bool, cron name: String, at now: Date = Date()) async throws -> Bool {
        guard let entry = try await cronEntries().first(where: { $0.name == name }) else { return false }
        let next = try entry.next(after: now) ?? .distantFuture
        return try await write { db in
            // What fell into the pause was not wanted, so it was not missed.
            try db.execute(
                sql: """
                    UPDATE cron_entries SET
                        paused = :paused,
                        seen_until = CASE WHEN :paused = 0 THEN max(seen_until, :now) ELSE seen_until END,
                        next_at = CASE WHEN :paused = 0 THEN :next ELSE next_at END
                    WHERE name = :name AND paused <> :paused
                    """,
                arguments: [
                    "paused": isPaused, "now": now.milliseconds, "next": next.milliseconds, "name": name,
                ])
            return true
        }
    }

    /// Removes an entry. False when there is none of that name.
    public func removeCron(_ name: String) async throws -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM cron_entries WHERE name = ?", arguments: [name])
            return db.changesCount > 0
        }
    }

    /// Puts in the entry's job once, now, whatever its schedule says. Nil when there is none of that name.
    public func runCron(_ name: String, at now: Date = Date()) async throws -> Int64? {
        try await write { db in
            let row = try Row.fetchOne(
                db, sql: "SELECT *, NULL AS last_at FROM cron_entries WHERE name = ?", arguments: [name])
            guard let row else { return nil }
            return try Crontab(in: db, at: now).insertJob(CronEntry(row), key: nil)
        }
    }

    /// Puts in the jobs of all entries whose time has come, each once over any number of processes that ask, in one
    /// transaction. A time that is longer ago than `grace` was missed.
    public func fireCron(at now: Date = Date(), grace: Duration = .seconds(60)) async throws -> [CronFiring] {
        let isDue = try await read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM cron_entries WHERE paused = 0 AND next_at <= ?)",
                arguments: [now.milliseconds])
        }
        guard isDue == true else { return [] }
        return try await write { db in try Crontab(in: db, at: now).fire(grace: grace) }
    }
}

/// The statements of cron.
private struct Crontab {
    private let db: Database
    private let now: Date

    init(in db: Database, at now: Date) {
        self.db = db
        self.now = now
    }

    @discardableResult
    func set(_ entry: CronEntry, next: Date) throws -> Bool {
        try Enqueueing(in: db, at: now).ensureQueue(entry.queue)
        let isNew = try Bool.fetchOne(
            db, sql: "SELECT count(*) = 0 FROM cron_entries WHERE name = ?", arguments: [entry.name])
        try db.execute(
            sql: """
                INSERT INTO cron_entries
                    (name, schedule, time_zone, missed, kind, args, queue, priority, origin, seen_until, next_at,
                    inserted_at)
                VALUES (:name, :schedule, :zone, :missed, :kind, :args, :queue, :priority, :origin, :now, :next, :now)
                ON CONFLICT (name) DO UPDATE SET
                    -- What was due under the same schedule is still due.
                    seen_until = CASE WHEN schedule = excluded.schedule AND time_zone = excluded.time_zone
                        THEN seen_until ELSE max(seen_until, excluded.seen_until) END,
                    next_at = CASE WHEN schedule = excluded.schedule AND time_zone = excluded.time_zone
                        THEN next_at ELSE excluded.next_at END,
                    schedule = excluded.schedule, time_zone = excluded.time_zone, missed = excluded.missed,
                    kind = excluded.kind, args = excluded.args, queue = excluded.queue, priority = excluded.priority,
                    origin = excluded.origin
                """,
            arguments: [
                "name": entry.name, "schedule": entry.schedule, "zone": entry.timeZone,
                "missed": entry.missed.rawValue, "kind": entry.kind, "args": entry.arguments, "queue": entry.queue,
                "priority": entry.priority, "origin": entry.origin.rawValue, "now": now.milliseconds,
                "next": next.milliseconds,
            ])
        return isNew ?? false
    }

    func removeSettings(besides names: [String]) throws {
        let kept = String(decoding: try JSONEncoder().encode(names), as: UTF8.self)
        try db.execute(
            sql: """
                DELETE FROM cron_entries
                WHERE origin = 'settings' AND name NOT IN (SELECT value FROM json_each(?))
                """, arguments: [kept])
    }

    /// Puts in the entry's job, and gives its number: that of the one that is there, where one is enough.
    func insertJob(_ entry: CronEntry, key: String?) throws -> Int64 {
        let key = entry.lastingKey ?? key
        let draft = JobDraft(kind: entry.kind, uniqueKey: key, arguments: entry.arguments)
        let result = try Enqueueing(in: db, at: now).insert(
            [draft], JobPlacement(queue: entry.queue, priority: entry.priority), nil)
        guard result.known > 0 else { return db.lastInsertedRowID }
        // The schedule is a standing wish of a person's: a dead letter of it is tried again.
        if result.dead > 0 {
            try db.execute(
                sql: """
                    UPDATE jobs SET
                        state = 'available', finished_at = NULL, reason = NULL, rescues = 0, scheduled_at = :now,
                        max_attempts = attempt + 3
                    WHERE kind = :kind AND held_key = :key AND state = 'discarded'
                    """, arguments: ["now": now.milliseconds, "kind": entry.kind, "key": key])
        }
        return try Int64.fetchOne(
            db, sql: "SELECT id FROM jobs WHERE kind = ? AND held_key = ?", arguments: [entry.kind, key]) ?? 0
    }

    func fire(grace: Duration) throws -> [CronFiring] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT *, NULL AS last_at FROM cron_entries
                WHERE paused = 0 AND next_at <= ?
                ORDER BY next_at, id
                """,
            arguments: [now.milliseconds])
        return try rows.flatMap { row -> [CronFiring] in
            let entry = CronEntry(row)
            do {
                let schedule = try CronSchedule(entry.schedule)
                return try fire(entry, row["id"], schedule, seenUntil: row["seen_until"], grace)
            } catch let error as CronSyntaxError {
                // A newer volfefe has written it; it is looked at again in an hour.
                try move(row["id"], seenUntil: nil, next: now.addingTimeInterval(3600))
                return [CronFiring(entry: entry.name, result: .failure(error))]
            }
        }
    }

    private func fire(
        _ entry: CronEntry, _ id: Int64, _ schedule: CronSchedule, seenUntil: Int64, _ grace: Duration
    ) throws -> [CronFiring] {
        let zone = TimeZone(identifier: entry.timeZone) ?? .gmt
        let limit = 1000
        // Nobody wants more than a year of what was missed, nor more than a thousand at once.
        let start = max(Date(milliseconds: seenUntil), now.addingTimeInterval(-366 * 86_400))
        let due = schedule.times(
            after: start, through: now, in: zone, limit: entry.missed == .all ? limit : .max)
        let chosen = entry.missed.chosen(of: due, at: now, grace: grace)
        for time in chosen {
            let job = try insertJob(entry, key: "\(entry.name)@\(time.milliseconds)")
            try db.execute(
                sql: "INSERT INTO cron_runs (cron_id, run_at, job_id) VALUES (?, ?, ?)",
                arguments: [id, time.milliseconds, job])
        }
        // Longer ago than anything that is ever looked back at.
        try db.execute(
            sql: "DELETE FROM cron_runs WHERE cron_id = ? AND run_at < ?",
            arguments: [id, now.addingTimeInterval(-400 * 86_400).milliseconds])
        let isAll = entry.missed != .all || due.count < limit
        let seen = isAll ? now : due.last ?? now
        let next = isAll ? schedule.next(after: now, in: zone) ?? .distantFuture : now
        try move(id, seenUntil: seen, next: next)
        return chosen.map { CronFiring(entry: entry.name, result: .success($0)) }
    }

    private func move(_ id: Int64, seenUntil: Date?, next: Date) throws {
        try db.execute(
            sql:
                "UPDATE cron_entries SET seen_until = coalesce(max(seen_until, ?), seen_until), next_at = ? WHERE id = ?",
            arguments: [seenUntil?.milliseconds, next.milliseconds, id])
    }
}
