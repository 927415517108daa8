import GRDB
import Inference

/// A model, or one version of it, as a person names it: `finbert` or `finbert@1.0`.
public struct ModelReference: Sendable, Hashable, CustomStringConvertible {
    /// Model id.
    public var modelID: String
    /// Version label; nil: the newest that has verdicts.
    public var version: String?

    /// Reads `id` or `id@version`; nil when a part is empty.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        modelID = parts[0]
        version = parts.count > 1 ? parts[1] : nil
    }

    /// As it was written.
    public var description: String { modelID + (version.map { "@" + $0 } ?? "") }
}

/// A model version that has verdicts, and what it is able to say.
public struct AnalysedModel: Sendable, Hashable, Encodable {
    /// Its id in the database.
    var id: Int64
    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// The sentiments that it can express, in the order of `Sentiment.allCases`.
    public var sentiments: [Sentiment]

    /// `id@version`.
    public var name: String { "\(modelID)@\(modelVersion)" }

    enum CodingKeys: String, CodingKey {
        case sentiments
        case modelID = "model_id"
        case modelVersion = "model_version"
    }
}

extension Store {
    /// Model versions with verdicts or failures, by model id and version.
    public func analysedModels() async throws -> [AnalysedModel] {
        try await read { db in try Self.analysedModels(in: db) }
    }

    /// The model versions that were asked for, in that order; nil: the newest of each model.
    ///
    /// Throws `VolfefeError.notFound` for one without verdicts.
    public func analysedModels(_ references: [ModelReference]?) async throws -> [AnalysedModel] {
        let known = try await analysedModels()
        func newest(_ modelID: String) -> AnalysedModel? {
            known.filter { $0.modelID == modelID }.max { $0.id < $1.id }
        }
        guard let references else {
            return Set(known.map(\.modelID)).sorted().compactMap(newest)
        }
        return try references.map { reference in
            let found =
                reference.version == nil
                ? newest(reference.modelID) : known.first { $0.name == reference.description }
            guard let found else {
                let names = known.isEmpty ? "none" : known.map(\.name).joined(separator: ", ")
                throw VolfefeError.notFound("there are no verdicts of \(reference) in \(path); there are: \(names).")
            }
            return found
        }
    }

    private static func analysedModels(in db: Database) throws -> [AnalysedModel] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    v.id, m.model_id, v.version,
                    max(l.sentiment = 1) AS positive, max(l.sentiment = 0) AS neutral, max(l.sentiment = -1) AS negative
                FROM model_versions AS v
                JOIN models AS m ON m.id = v.model
                LEFT JOIN model_labels AS l ON l.model_version_id = v.id
                WHERE EXISTS (SELECT 1 FROM classifications AS k WHERE k.model_version_id = v.id)
                GROUP BY v.id
                ORDER BY m.model_id, v.id
                """)
        return rows.map { row in
            AnalysedModel(
                id: row["id"], modelID: row["model_id"], modelVersion: row["version"],
                sentiments: Sentiment.allCases.filter { (row[$0.rawValue] as Bool?) ?? true })
        }
    }
}
