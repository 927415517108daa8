import Foundation
import GRDB

/// The owners of runs, as one transaction sees them.
struct Owners {
    private let db: Database

    init(in db: Database) { self.db = db }

    /// Numbers of the other running runs whose owner lives.
    func living(besides run: Int64) throws -> [Int64] {
        try running("SELECT * FROM runs WHERE state = 'running' AND id <> ?", [run]).filter(\.isAlive).map(\.run)
    }

    /// Other runs that hold claims, with their owners: `true` when the owner lives.
    func holders(besides run: Int64) throws -> [Int64: Bool] {
        let holders = try running(
            "SELECT * FROM runs WHERE id IN (SELECT run_id FROM claims WHERE run_id <> ?)", [run])
        return Dictionary(holders.map { ($0.run, $0.isAlive) }, uniquingKeysWith: { first, _ in first })
    }

    /// How many claims the living and the dead hold, and the process ids of the runs that live.
    func claims() throws -> (live: Int, dead: Int, owners: [Int32]) {
        let total = try Int.fetchOne(db, sql: "SELECT count(*) FROM claims") ?? 0
        let living = try Row.fetchAll(
            db,
            sql: """
                SELECT r.*, (SELECT count(*) FROM claims AS h WHERE h.run_id = r.id) AS claims
                FROM runs AS r
                WHERE r.state = 'running'
                ORDER BY r.id
                """
        ).filter(lives)
        let live = living.reduce(0) { $0 + ($1["claims"] as Int) }
        return (live, total - live, living.compactMap { Owner($0)?.pid })
    }

    /// Numbers of the runs that have no end although their owner is dead.
    func dead() throws -> [Int64] {
        try running("SELECT * FROM runs WHERE state = 'running'").filter { !$0.isAlive }.map(\.run)
    }

    /// Ends the runs whose owners are dead, and gives back what they had claimed.
    func bury() throws {
        let dead = try dead()
        if !dead.isEmpty { try bury(dead) }
    }

    /// Ends these runs, and gives back what they had claimed: contents and jobs.
    func bury(_ runs: [Int64]) throws {
        try Rescue(in: db).jobs(of: runs)
        let runs = jsonArray(runs)
        try db.execute(
            sql: "DELETE FROM claims WHERE run_id IN (SELECT value FROM json_each(?))", arguments: [runs])
        try db.execute(
            sql: """
                UPDATE runs
                SET state = 'interrupted', finished_at = ?
                WHERE state = 'running' AND id IN (SELECT value FROM json_each(?))
                """,
            arguments: [Date().milliseconds, runs])
    }

    private func running(
        _ sql: String, _ arguments: StatementArguments = []
    ) throws -> [(run: Int64, isAlive: Bool)] {
        try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
            // A run of an older version holds no claims and knows no owner; nothing waits for it.
            (row["id"], try row["state"] == Run.State.running.rawValue && lives(row))
        }
    }

    /// Whether the owner of a run lives: its process is asked where it can be seen, and its lease elsewhere.
    private func lives(_ row: Row) throws -> Bool {
        guard let owner = Owner(row) else { return false }
        guard !owner.isVisible else { return owner.isAlive }
        let expiry = try Int64.fetchOne(
            db, sql: "SELECT expires_at FROM leases WHERE run_id = ?", arguments: [row["id"] as Int64])
        return expiry.map { $0 > Date().milliseconds } ?? false
    }
}

extension Owner {
    /// Reads the owner from a row of `runs`.
    init?(_ row: Row) {
        guard let boot: String = row["owner_boot"], let pid: Int32 = row["owner_pid"],
            let start: Int64 = row["owner_start"]
        else { return nil }
        self.init(boot: boot, pid: pid, start: start)
    }
}
