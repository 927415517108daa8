import Foundation
import GRDB

/// One run of `classify`: what was the same for all its verdicts.
public struct Run: Sendable, Hashable, Codable {
    /// How far a run has come: `running` becomes `finished` or `interrupted`; one that was killed becomes `interrupted`
    /// when another process notices.
    public enum State: String, Sendable, Hashable, Codable {
        case running, finished, interrupted
    }

    /// Number of the run.
    public var id: Int64
    /// When it began.
    public var startedAt: Date
    /// When it ended, or when it was noticed that it had been killed; nil before.
    public var finishedAt: Date?
    /// How far it has come.
    public var state: State
    /// The command line.
    public var command: String
    /// The registry entries it ran with, as JSON.
    public var configuration: String
    /// What the workers reported when they were ready, as JSON.
    public var environment: String?
    /// Contents, predictions and failures that it has committed.
    public var contents, succeeded, failed: Int
    /// The process that it belongs to; nil in runs of older versions.
    public var owner: Owner?

    init(_ row: Row) {
        id = row["id"]
        startedAt = Date(milliseconds: row["started_at"])
        finishedAt = (row["finished_at"] as Int64?).map(Date.init(milliseconds:))
        state = State(rawValue: row["state"]) ?? .running
        command = row["command"]
        configuration = row["configuration"]
        environment = row["environment"]
        contents = row["contents"]
        succeeded = row["succeeded"]
        failed = row["failed"]
        owner = Owner(row)
    }
}

extension Store {
    /// Writes down that a run of `owner` begins, and gives its number. `configuration` is JSON.
    ///
    /// Runs whose owners are dead are marked as interrupted on the way. With a `lease` it is taken for alive for so long even by
    /// those who cannot look at its process.
    public func beginRun(
        command: String, configuration: String, owner: Owner = .current, lease: Duration? = nil
    ) async throws -> Int64 {
        try await write { db in
            let run = try Self.beginRun(command: command, configuration: configuration, owner: owner, in: db)
            if let lease { try Self.setLease(of: run, until: Date().addingTimeInterval(lease / .seconds(1)), in: db) }
            return run
        }
    }

    /// The same in the caller's transaction.
    static func beginRun(
        command: String, configuration: String, owner: Owner = .current, in db: Database
    ) throws -> Int64 {
        try Owners(in: db).bury()
        try db.execute(
            sql: """
                INSERT INTO runs (started_at, command, configuration, owner_boot, owner_pid, owner_start)
                VALUES (?, ?, ?, ?, ?, ?)
                """,
            arguments: [Date().milliseconds, command, configuration, owner.boot, owner.pid, owner.start])
        return db.lastInsertedRowID
    }

    /// Marks runs whose owners are dead as interrupted, and gives back what they had claimed. Writes only where there are any.
    public func interruptDeadRuns() async throws {
        guard try await read({ db in try !Owners(in: db).dead().isEmpty }) else { return }
        try await write { db in try Owners(in: db).bury() }
    }

    /// Writes down what the workers are; `environment` is JSON, `models` are what they have loaded, with engine and precision.
    ///
    /// Only a run whose models are known takes verdicts over from equal texts. Throws `notRegistered` for a model that
    /// `register` has never seen.
    public func updateRun(_ run: Int64, environment: String, models: [ModelVersionRecord] = []) async throws {
        try await write { db in
            try db.execute(sql: "UPDATE runs SET environment = ? WHERE id = ?", arguments: [environment, run])
            for model in models {
                guard let version = try Self.version(model.version, ofModel: model.modelID, in: db) else {
                    throw StoreError.notRegistered(model: model.modelID, version: model.version)
                }
                try db.execute(
                    sql: """
                        INSERT INTO run_models (run_id, model_version_id, engine, precision) VALUES (?, ?, ?, ?)
                        ON CONFLICT (run_id, model_version_id) DO UPDATE SET
                            engine = excluded.engine, precision = excluded.precision
                        """,
                    arguments: [run, version.id, model.engine, model.precision])
            }
        }
    }

    /// Writes down that a run has ended, and gives back what it still claims and the jobs that it still has. Its totals are
    /// those of its saves.
    public func finishRun(_ run: Int64, interrupted: Bool) async throws {
        try await write { db in
            try Rescue(in: db).jobs(of: [run])
            try db.execute(sql: "DELETE FROM claims WHERE run_id = ?", arguments: [run])
            try db.execute(
                sql: "UPDATE runs SET state = ?, finished_at = ? WHERE id = ?",
                arguments: [
                    (interrupted ? Run.State.interrupted : .finished).rawValue, Date().milliseconds, run,
                ])
        }
    }

    /// A run; nil when there is none of that number.
    public func run(_ id: Int64) async throws -> Run? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM runs WHERE id = ?", arguments: [id]).map(Run.init)
        }
    }
}
