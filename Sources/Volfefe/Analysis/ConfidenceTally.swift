import GRDB
import Inference

/// How often a model version said what and how surely, of the contents of one source: what distributions are summed from.
struct ConfidenceTally: Sendable, Hashable {
    /// Bins of equal width from confidence 0 to 1; exactly 1 is in the last.
    static let bins = 20

    /// Id of the source.
    var source: Int64
    /// Place of the model version among those asked for.
    var model: Int
    /// What it said; nil: failures.
    var sentiment: Sentiment?
    /// Whether the texts have been edited since.
    var isStale: Bool
    /// Bin of its confidence; 0 for failures.
    var bin: Int
    /// How many.
    var count: Int
    /// Sum of confidences.
    var confidence: Double
    /// How many with a score of exactly 1, on texts that were too long, taken over from equal texts.
    var perfect, truncated, reused: Int
}

extension Store {
    /// Tallies of these model versions, in one pass over the verdicts, in a fixed order.
    static func confidenceTallies(
        _ models: [AnalysedModel], scope: StatementArguments, in db: Database
    ) throws -> [ConfidenceTally] {
        try Row.fetchAll(
            db,
            sql: """
                WITH wanted AS MATERIALIZED (SELECT value AS version, key AS place FROM json_each(:versions))
                SELECT
                    c.source_id, w.place, k.sentiment, k.text_version <> c.text_version AS stale,
                    coalesce(min(CAST(k.confidence * :bins AS INTEGER), :bins - 1), 0) AS bin,
                    count(*) AS count,
                    coalesce(sum(k.confidence), 0) AS confidence,
                    coalesce(sum(k.flags & :perfect <> 0), 0) AS perfect,
                    coalesce(sum(k.truncated), 0) AS truncated,
                    count(CASE WHEN k.error_code IS NULL THEN u.content_id END) AS reused
                FROM contents AS c INDEXED BY contents_with_text
                CROSS JOIN classifications AS k ON k.content_id = c.id
                CROSS JOIN wanted AS w ON w.version = k.model_version_id
                LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
                WHERE c.text_hash IS NOT NULL AND \(ContentScope.condition)
                GROUP BY c.source_id, w.place, k.sentiment, stale, bin
                """,
            arguments: [
                "versions": jsonArray(models.map(\.id)), "bins": ConfidenceTally.bins,
                "perfect": QualityFlags.mask(["perfect_score"]).mask,
            ] &+ scope
        ).map { row in
            ConfidenceTally(
                source: row["source_id"], model: row["place"],
                sentiment: (row["sentiment"] as Int?).map(Sentiment.init(code:)), isStale: row["stale"],
                bin: row["bin"], count: row["count"], confidence: row["confidence"], perfect: row["perfect"],
                truncated: row["truncated"], reused: row["reused"])
        }
    }
}
