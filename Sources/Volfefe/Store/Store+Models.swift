import Foundation
import GRDB
import Inference

/// A model version that is in the database.
struct RegisteredVersion: Sendable {
    let id: Int64
    let version: String
    let labels: LabelMap
}

extension Store {
    /// Makes sure that every version is in the database, and remembers them as the ones that this process runs.
    ///
    /// Returns model id → id of the model version. Throws `revisionChanged` or `labelsChanged` when a version label is
    /// already taken by other weights or labels; nothing is registered then.
    @discardableResult
    public func register(_ versions: [ModelVersionRecord]) async throws -> [String: Int64] {
        let found = try await write { db in
            var found: [String: RegisteredVersion] = [:]
            for version in versions {
                let known = try Self.version(version.version, ofModel: version.modelID, requiring: version, in: db)
                found[version.modelID] = try known ?? Self.insert(version, in: db)
            }
            return found
        }
        registered.withLock { $0.merge(found) { $1 } }
        return found.mapValues(\.id)
    }

    /// Hash of the weights that a version label stands for; nil when no such version is stored.
    public func storedRevision(modelID: String, version: String) async throws -> String? {
        try await read { db in
            try String.fetchOne(
                db,
                sql: """
                    SELECT v.revision
                    FROM model_versions AS v JOIN models AS m ON m.id = v.model
                    WHERE m.model_id = ? AND v.version = ?
                    """,
                arguments: [modelID, version])
        }
    }

    /// Finds a stored version; throws when it is not the same as `required`. Writes only where `required` tells the weights of
    /// one that came without.
    static func version(
        _ version: String, ofModel modelID: String, requiring required: ModelVersionRecord? = nil, in db: Database
    ) throws -> RegisteredVersion? {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT v.id, v.revision
                FROM model_versions AS v JOIN models AS m ON m.id = v.model
                WHERE m.model_id = ? AND v.version = ?
                """,
            arguments: [modelID, version])
        guard let row else { return nil }
        let id: Int64 = row["id"]
        let revision: String = row["revision"]
        if let required, revision == DeclaredModel.unknown, required.revision != revision {
            // Known from an import alone, whose file did not tell its weights: the first that are told are taken for them.
            try db.execute(
                sql: "UPDATE model_versions SET revision = ?, engine = ?, precision = ? WHERE id = ?",
                arguments: [required.revision, required.engine, required.precision, id])
        } else if let required, required.revision != revision {
            throw StoreError.revisionChanged(
                model: modelID, version: version, stored: revision, offered: required.revision)
        }
        let labels = LabelMap(labels: try labels(ofVersion: id, in: db))
        if let required, required.labels != labels.labels {
            throw StoreError.labelsChanged(
                model: modelID, version: version, stored: labels.summary,
                offered: LabelMap(labels: required.labels).summary)
        }
        return RegisteredVersion(id: id, version: version, labels: labels)
    }

    /// The labels of a stored version, in index order.
    static func labels(ofVersion id: Int64, in db: Database) throws -> [ModelSpecification.Label] {
        try Row.fetchAll(
            db,
            sql: "SELECT raw_label, sentiment FROM model_labels WHERE model_version_id = ? ORDER BY position",
            arguments: [id]
        ).map { .init(name: $0["raw_label"], sentiment: Sentiment(code: $0["sentiment"])) }
    }

    /// Stores a version that is not there yet.
    static func insert(_ record: ModelVersionRecord, in db: Database) throws -> RegisteredVersion {
        try db.execute(
            sql: "INSERT INTO models (model_id) VALUES (?) ON CONFLICT (model_id) DO NOTHING",
            arguments: [record.modelID])
        try db.execute(
            sql: """
                INSERT INTO model_versions
                    (model, version, revision, engine, precision, has_neutral, max_tokens, inserted_at)
                VALUES ((SELECT id FROM models WHERE model_id = ?), ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                record.modelID, record.version, record.revision, record.engine, record.precision, record.hasNeutral,
                record.maxTokens, Date().milliseconds,
            ])
        let id = db.lastInsertedRowID
        for (position, label) in record.labels.enumerated() {
            try db.execute(
                sql: "INSERT INTO model_labels (model_version_id, position, raw_label, sentiment) VALUES (?, ?, ?, ?)",
                arguments: [id, position, label.name, label.sentiment.code])
        }
        return RegisteredVersion(id: id, version: record.version, labels: LabelMap(labels: record.labels))
    }
}
