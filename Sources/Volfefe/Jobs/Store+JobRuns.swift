import Foundation
import GRDB

/// Jobs that were put in together, and how far they have come.
public struct JobRun: Sendable, Hashable, Codable {
    /// Its number.
    public var id: Int64
    /// What put them in.
    public var command: String
    /// When it did.
    public var insertedAt: Date
    /// When a job of it last ended.
    public var endedAt: Date?
    /// Jobs put in, and those that have ended in each way. Pruned jobs still count.
    public var total, completed, discarded, cancelled: Int
    /// Jobs that ended per second in the last minute in which any did; nil before the first.
    public var rate: Double?

    /// Jobs that have not ended.
    public var pending: Int { total - completed - discarded - cancelled }

    /// Seconds until the last job ends at that rate; nil when nothing is known or nothing is left.
    public var secondsLeft: Double? {
        guard let rate, rate > 0, pending > 0 else { return nil }
        return Double(pending) / rate
    }

    enum CodingKeys: String, CodingKey {
        case id, command, total, completed, discarded, cancelled, pending, rate
        case insertedAt = "inserted_at"
        case endedAt = "ended_at"
        case secondsLeft = "eta_s"
    }

    /// Reads what `encode` writes; what follows from the rest is not read.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(Int64.self, forKey: .id)
        command = try container.decode(String.self, forKey: .command)
        insertedAt = try container.decode(Date.self, forKey: .insertedAt)
        endedAt = try container.decodeIfPresent(Date.self, forKey: .endedAt)
        total = try container.decode(Int.self, forKey: .total)
        completed = try container.decode(Int.self, forKey: .completed)
        discarded = try container.decode(Int.self, forKey: .discarded)
        cancelled = try container.decode(Int.self, forKey: .cancelled)
        rate = try container.decodeIfPresent(Double.self, forKey: .rate)
    }

    /// Writes everything, with `null` where nothing is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(command, forKey: .command)
        try container.encode(insertedAt, forKey: .insertedAt)
        try container.encode(endedAt, forKey: .endedAt)
        try container.encode(total, forKey: .total)
        try container.encode(completed, forKey: .completed)
        try container.encode(discarded, forKey: .discarded)
        try container.encode(cancelled, forKey: .cancelled)
        try container.encode(pending, forKey: .pending)
        try container.encode(rate, forKey: .rate)
        try container.encode(secondsLeft, forKey: .secondsLeft)
    }

    init(_ row: Row, rate: Double?) {
        id = row["id"]
        command = row["command"]
        insertedAt = Date(milliseconds: row["inserted_at"])
        endedAt = (row["ended_at"] as Int64?).map(Date.init(milliseconds:))
        total = row["total"]
        completed = row["completed"]
        discarded = row["discarded"]
        cancelled = row["cancelled"]
        self.rate = rate
    }
}

extension Store {
    /// The last runs of jobs, newest first.
    public func jobRuns(limit: Int = 50) async throws -> [JobRun] {
        try await read { db in
            let rows = try Row.fetchAll(
                db, sql: "SELECT * FROM job_runs ORDER BY id DESC LIMIT ?", arguments: [limit])
            return try rows.map { row in
                JobRun(row, rate: try Self.rate(of: row["id"], until: row["ended_at"], in: db))
            }
        }
    }

    /// Jobs of a run that ended per second, over the minute up to its last end.
    private static func rate(of run: Int64, until end: Int64?, in db: Database) throws -> Double? {
        guard let end else { return nil }
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*) AS jobs, min(attempted_at) AS begun
                FROM jobs
                WHERE job_run_id = :run AND finished_at > :end - 60000
                """, arguments: ["run": run, "end": end])
        guard let row, let begun: Int64 = row["begun"] else { return nil }
        let seconds = Double(end - max(begun, end - 60_000)) / 1000
        return Double(row["jobs"] as Int) / max(seconds, 0.001)
    }
}
