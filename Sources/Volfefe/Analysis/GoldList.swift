import Foundation
import GRDB
import Inference

/// Which labelled contents to list; nil: any.
public struct GoldFilter: Sendable, Hashable {
    /// What most annotators say.
    public var sentiment: Sentiment?
    /// Name of the source.
    public var source: String?
    /// Only those on which no sentiment has most annotators.
    public var tiesOnly = false
    /// Only those with a label of a text that was edited since.
    public var staleOnly = false
    /// How many at most.
    public var limit: Int

    /// Everything, up to a limit.
    public init(limit: Int) { self.limit = limit }
}

/// A content that people have labelled.
public struct LabelledText: Sendable, Hashable, Encodable {
    /// What one person says.
    public struct Label: Sendable, Hashable, Encodable {
        /// Who; nil: nobody was named.
        public var annotator: String?
        /// What.
        public var sentiment: Sentiment
        /// When it was stored.
        public var insertedAt: Date
        /// Whether the text was edited since.
        public var isStale: Bool

        enum CodingKeys: String, CodingKey {
            case annotator, sentiment
            case insertedAt = "inserted_at"
            case isStale = "stale"
        }
    }

    /// The content.
    public var contentID: Int64
    /// Its source.
    public var source: String
    /// Its identity in the source.
    public var externalID: String
    /// What most annotators say; nil for a tie, or when all labels are stale.
    public var gold: Sentiment?
    /// Whether two sentiments are said equally often.
    public var isTie: Bool
    /// All labels, by annotator.
    public var labels: [Label]
    /// The text.
    public var text: String

    enum CodingKeys: String, CodingKey {
        case source, gold, labels, text
        case contentID = "content_id"
        case externalID = "external_id"
        case isTie = "tie"
    }

    /// Writes a missing gold label as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(contentID, forKey: .contentID)
        try container.encode(source, forKey: .source)
        try container.encode(externalID, forKey: .externalID)
        try container.encode(gold, forKey: .gold)
        try container.encode(isTie, forKey: .isTie)
        try container.encode(labels, forKey: .labels)
        try container.encode(text, forKey: .text)
    }
}

extension Store {
    /// Contents with labels, by content id.
    public func labelledTexts(matching filter: GoldFilter) async throws -> [LabelledText] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH labelled AS (
                        SELECT
                            l.content_id,
                            max(l.text_version < c.text_version) AS has_stale
                        FROM gold_labels AS l
                        CROSS JOIN contents AS c ON c.id = l.content_id
                        GROUP BY l.content_id)
                    SELECT
                        c.id, s.name AS source, c.external_id, g.sentiment, coalesce(g.tie, 0) AS tie,
                        CAST(c.text AS BLOB) AS text
                    FROM labelled AS l
                    CROSS JOIN contents AS c ON c.id = l.content_id
                    JOIN sources AS s ON s.id = c.source_id
                    LEFT JOIN gold AS g ON g.content_id = l.content_id
                    WHERE (:sentiment IS NULL OR g.sentiment = :sentiment)
                        AND (:source IS NULL OR s.name = :source)
                        AND (NOT :ties OR g.tie)
                        AND (NOT :stale OR l.has_stale)
                    ORDER BY c.id
                    LIMIT :limit
                    """,
                arguments: [
                    "sentiment": filter.sentiment?.rawValue, "source": filter.source, "ties": filter.tiesOnly,
                    "stale": filter.staleOnly, "limit": filter.limit,
                ])
            let labels = try Self.labels(of: rows.map { $0["id"] }, in: db)
            return rows.map { row in
                LabelledText(
                    contentID: row["id"], source: row["source"], externalID: row["external_id"],
                    gold: (row["sentiment"] as String?).flatMap(Sentiment.init(rawValue:)), isTie: row["tie"],
                    labels: labels[row["id"]] ?? [], text: Self.text(row["text"]))
            }
        }
    }

    private static func labels(of ids: [Int64], in db: Database) throws -> [Int64: [LabelledText.Label]] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    l.content_id, nullif(l.annotator, '') AS annotator, l.sentiment, l.inserted_at,
                    l.text_version < c.text_version AS stale
                FROM json_each(:ids) AS asked
                CROSS JOIN gold_labels AS l ON l.content_id = asked.value
                CROSS JOIN contents AS c ON c.id = l.content_id
                ORDER BY l.content_id, l.annotator
                """,
            arguments: ["ids": jsonArray(ids)])
        return Dictionary(grouping: rows) { $0["content_id"] as Int64 }.mapValues { rows in
            rows.map { row in
                .init(
                    annotator: row["annotator"], sentiment: Sentiment(code: row["sentiment"]),
                    insertedAt: Date(milliseconds: row["inserted_at"]), isStale: row["stale"])
            }
        }
    }
}
