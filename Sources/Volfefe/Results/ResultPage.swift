import Foundation
import GRDB
import Inference

/// A record with its verdicts as predictions.
struct PreparedResult: Sendable {
    var record: ResultRecord
    var verdicts: [(model: ResultModel, prediction: Prediction)]
}

/// How the verdicts of a file are stored.
struct ResultSettings: Sendable {
    /// Source of contents for which the file tells none (`--source`); nil: any source that has the id.
    var source: String?
    /// Source of new contents for which nothing tells one.
    var fallbackSource: String
    /// Whether another verdict that is stored gives way.
    var replace: Bool
    /// The run that verdicts of the file belong to.
    var run: RunDraft

    /// A run that begins with the first verdict that is stored.
    struct RunDraft: Sendable {
        var command, configuration, environment: String
        /// Model versions whose engine and precision are told.
        var engines: [(version: ResultModel, engine: String, precision: String)]
    }
}

/// What became of a page of a results file.
struct ResultPageOutcome: Sendable {
    /// What became of one verdict.
    enum Cell: Sendable, Hashable {
        /// It was not there, or only a failure or a verdict on an older text was.
        case stored
        /// The same one was there.
        case unchanged
        /// Another one was there, and gave way.
        case replaced
        /// Another one is there, and stays.
        case kept
    }

    /// The run, once there is one.
    var run: Int64?
    var newContents = 0
    var cells: [(line: Int, model: ResultModel, cell: Cell)] = []
    var problems: [(line: Int, message: String)] = []
    /// Identities of the new contents, hashed.
    var newIdentities: [Int] = []
}

extension Store {
    /// Stores a page of results in one transaction. `run`: the one that was begun for an earlier page.
    func importResults(
        _ page: [PreparedResult], versions: [ResultModel: RegisteredVersion], settings: ResultSettings, run: Int64?
    ) async throws -> ResultPageOutcome {
        try await write { db in
            var storing = ResultStoring(versions, settings, run: run, in: db)
            for result in page { try storing.store(result) }
            return try storing.end()
        }
    }

    /// What `importResults` would do, as far as a page can tell. Writes nothing.
    func planResults(
        _ page: [PreparedResult], versions: [ResultModel: RegisteredVersion], settings: ResultSettings
    ) async throws -> ResultPageOutcome {
        try await read { db in
            var storing = ResultStoring(versions, settings, run: nil, in: db)
            for result in page { try storing.plan(result) }
            return storing.outcome
        }
    }

    /// The versions among these that are stored.
    func storedVersions(_ models: [ResultModel]) async throws -> [ResultModel: RegisteredVersion] {
        try await read { db in
            var found: [ResultModel: RegisteredVersion] = [:]
            for model in models { found[model] = try Self.version(model.version, ofModel: model.id, in: db) }
            return found
        }
    }

    /// Makes sure that these versions are stored, in one transaction, and gives them.
    ///
    /// Throws `revisionChanged` or `labelsChanged` when one is stored otherwise; a revision that nobody tells is no other one.
    func register(_ models: [DeclaredModel]) async throws -> [ResultModel: RegisteredVersion] {
        try await write { db in
            var found: [ResultModel: RegisteredVersion] = [:]
            for model in models {
                var record = model.record
                if model.revision == nil, let stored = try Self.revision(of: model.model, in: db) {
                    record.revision = stored
                }
                let known = try Self.version(model.version, ofModel: model.id, requiring: record, in: db)
                found[model.model] = try known ?? Self.insert(record, in: db)
            }
            return found
        }
    }

    private static func revision(of model: ResultModel, in db: Database) throws -> String? {
        try String.fetchOne(
            db,
            sql: """
                SELECT v.revision
                FROM model_versions AS v JOIN models AS m ON m.id = v.model
                WHERE m.model_id = ? AND v.version = ?
                """,
            arguments: [model.id, model.version])
    }
}
