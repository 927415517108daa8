import Foundation
import GRDB
import Inference

/// Contents on which models contradict each other, the worst first.
public struct Disagreements: Sendable, Hashable, Encodable {
    /// What one model must have said: `finbert=neutral`.
    public struct Condition: Sendable, Hashable {
        /// The model version.
        public var model: AnalysedModel
        /// What it said.
        public var sentiment: Sentiment

        /// A model version and what it must have said.
        public init(model: AnalysedModel, sentiment: Sentiment) {
            self.model = model
            self.sentiment = sentiment
        }
    }

    /// A verdict on such a content.
    public struct Verdict: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// What it said.
        public var sentiment: Sentiment
        /// How sure it was, 0…1.
        public var confidence: Double
    }

    /// One of the contents.
    public struct Content: Sendable, Hashable, Encodable {
        /// Its id.
        public var contentID: Int64
        /// How much the models contradict each other, 0…1.
        public var contradiction: Double
        /// What each model said, in the order of the models; those without a verdict are left out.
        public var verdicts: [Verdict]
        /// The beginning of the text, at most 200 characters.
        public var text: String

        enum CodingKeys: String, CodingKey {
            case contradiction, verdicts, text
            case contentID = "content_id"
        }
    }

    /// The models.
    public var models: [AnalysedModel]
    /// How many such contents there are, shown or not.
    public var total: Int
    /// The first of them.
    public var contents: [Content]
}

extension Store {
    /// The `top` contents on which confident models contradict each other most; with conditions, those that meet them all.
    ///
    /// A content's contradiction is the greatest over pairs of models that differ of: confidence of the less confident one,
    /// halved where one of the two says neutral. A pair counts only if each can say what the other said.
    public func disagreements(
        among models: [AnalysedModel], where conditions: [Disagreements.Condition] = [], top: Int
    ) async throws -> Disagreements {
        try await read { db in
            let wanted = try Self.json(
                models.map { model in
                    Wanted(
                        version: model.id, says: conditions.first { $0.model == model }?.sentiment.code,
                        sentiments: model.sentiments)
                })
            let ranked = try Row.fetchAll(
                db, sql: Self.ranking,
                arguments: ["wanted": wanted, "conditions": conditions.count, "top": top])
            let ids: [Int64] = ranked.map { $0["content_id"] }
            let verdicts = try Self.verdicts(of: ids, models: models, in: db)
            return Disagreements(
                models: models,
                total: ranked.first?["total"] ?? 0,
                contents: ranked.map { row in
                    .init(
                        contentID: row["content_id"], contradiction: row["contradiction"],
                        verdicts: verdicts[row["content_id"]] ?? [], text: Self.text(row["text"]))
                })
        }
    }

    /// What the statement has to know of a model.
    private struct Wanted: Encodable {
        var version: Int64
        var says: Int?
        var positive, neutral, negative: Int

        init(version: Int64, says: Int?, sentiments: [Sentiment]) {
            self.version = version
            self.says = says
            func can(_ sentiment: Sentiment) -> Int { sentiments.contains(sentiment) ? 1 : 0 }
            positive = can(.positive)
            neutral = can(.neutral)
            negative = can(.negative)
        }
    }

    private static let ranking = """
        WITH wanted AS MATERIALIZED (
            SELECT
                value ->> 'version' AS version, value ->> 'says' AS says, value ->> 'positive' AS positive,
                value ->> 'neutral' AS neutral, value ->> 'negative' AS negative
            FROM json_each(:wanted)),
        -- The pair of two sides that differ whose less confident one is most confident is the most confident of each side.
        sides AS (
            SELECT
                c.id,
                coalesce(sum(k.sentiment = w.says), 0) AS met,
                max(CASE WHEN k.sentiment = 1 AND w.negative THEN k.confidence END) AS positive_not_negative,
                max(CASE WHEN k.sentiment = -1 AND w.positive THEN k.confidence END) AS negative_not_positive,
                max(CASE WHEN k.sentiment = 1 AND w.neutral THEN k.confidence END) AS positive_not_neutral,
                max(CASE WHEN k.sentiment = 0 AND w.positive THEN k.confidence END) AS neutral_not_positive,
                max(CASE WHEN k.sentiment = -1 AND w.neutral THEN k.confidence END) AS negative_not_neutral,
                max(CASE WHEN k.sentiment = 0 AND w.negative THEN k.confidence END) AS neutral_not_negative
            FROM contents AS c INDEXED BY contents_with_text
            CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
            CROSS JOIN wanted AS w ON w.version = k.model_version_id
            WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL
            GROUP BY c.id),
        contradictions AS (
            SELECT
                id, met,
                max(
                    coalesce(min(positive_not_negative, negative_not_positive), 0),
                    coalesce(min(positive_not_neutral, neutral_not_positive), 0) / 2,
                    coalesce(min(negative_not_neutral, neutral_not_negative), 0) / 2) AS contradiction
            FROM sides),
        ranked AS (
            SELECT id, contradiction, count(*) OVER () AS total
            FROM contradictions
            WHERE met = :conditions AND (contradiction > 0 OR :conditions > 0)
            ORDER BY contradiction DESC, id
            LIMIT :top)
        SELECT r.id AS content_id, r.contradiction, r.total, CAST(substr(c.text, 1, 200) AS BLOB) AS text
        FROM ranked AS r JOIN contents AS c ON c.id = r.id
        ORDER BY r.contradiction DESC, r.id
        """

    /// What each of these models said of these contents, by content id and in the order of the models.
    static func verdicts(
        of ids: [Int64], models: [AnalysedModel], in db: Database
    ) throws -> [Int64: [Disagreements.Verdict]] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT k.content_id, w.key AS place, k.sentiment, k.confidence
                FROM json_each(:ids) AS asked
                JOIN contents AS c ON c.id = asked.value
                JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                JOIN json_each(:versions) AS w ON w.value = k.model_version_id
                WHERE k.error_code IS NULL
                ORDER BY k.content_id, w.key
                """,
            arguments: ["ids": jsonArray(ids), "versions": jsonArray(models.map(\.id))])
        return Dictionary(grouping: rows) { $0["content_id"] as Int64 }.mapValues { rows in
            rows.map { row in
                .init(
                    model: models[row["place"]].name, sentiment: Sentiment(code: row["sentiment"]),
                    confidence: row["confidence"])
            }
        }
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }
}
