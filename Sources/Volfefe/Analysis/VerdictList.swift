import Foundation
import GRDB
import Inference

/// Which verdicts to list; nil: any.
public struct VerdictFilter: Sendable, Hashable {
    /// Sentiment.
    public var sentiment: Sentiment?
    /// Least confidence, 0…1.
    public var minimumConfidence: Double?
    /// Name of the source.
    public var source: String?
    /// Published then or later.
    public var since: Date?
    /// Published before.
    public var until: Date?
    /// How many at most.
    public var limit: Int

    /// Everything, up to a limit.
    public init(limit: Int) { self.limit = limit }
}

/// A verdict with its content.
public struct ListedVerdict: Sendable, Hashable, Encodable {
    /// The content.
    public var contentID: Int64
    /// Its source.
    public var source: String
    /// Its identity in the source.
    public var externalID: String
    /// When it was published; nil when unknown.
    public var publishedAt: Date?
    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// What the model said.
    public var sentiment: Sentiment
    /// How sure it was, 0…1.
    public var confidence: Double
    /// The text.
    public var text: String

    enum CodingKeys: String, CodingKey {
        case source, sentiment, confidence, text
        case contentID = "content_id"
        case externalID = "external_id"
        case publishedAt = "published_at"
        case modelID = "model_id"
        case modelVersion = "model_version"
    }
}

extension Store {
    /// Verdicts of these model versions on current texts, by content id and in the order of the models.
    ///
    /// Throws `VolfefeError.notFound` for a source that does not exist.
    public func verdicts(of models: [AnalysedModel], matching filter: VerdictFilter) async throws -> [ListedVerdict] {
        try await read { [path] db in
            let scope = ContentScope(source: filter.source, since: filter.since, until: filter.until)
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT
                        c.id, s.name AS source, c.external_id, c.published_at, w.key AS place, k.sentiment, k.confidence,
                        CAST(c.text AS BLOB) AS text
                    FROM contents AS c
                    CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                    JOIN json_each(:versions) AS w ON w.value = k.model_version_id
                    JOIN sources AS s ON s.id = c.source_id
                    WHERE k.error_code IS NULL
                        AND c.text_hash IS NOT NULL
                        AND (:sentiment IS NULL OR k.sentiment = :sentiment)
                        AND (:confidence IS NULL OR k.confidence >= :confidence)
                        AND \(ContentScope.condition)
                    ORDER BY c.id, w.key
                    LIMIT :limit
                    """,
                arguments: [
                    "versions": jsonArray(models.map(\.id)), "sentiment": filter.sentiment?.code,
                    "confidence": filter.minimumConfidence, "limit": filter.limit,
                ] &+ scope.arguments(in: db, path: path)
            ).map { row in
                let model = models[row["place"]]
                return ListedVerdict(
                    contentID: row["id"], source: row["source"], externalID: row["external_id"],
                    publishedAt: (row["published_at"] as Int64?).map(Date.init(milliseconds:)), modelID: model.modelID,
                    modelVersion: model.modelVersion, sentiment: Sentiment(code: row["sentiment"]),
                    confidence: row["confidence"], text: Self.text(row["text"]))
            }
        }
    }
}
