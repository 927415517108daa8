import GRDB
import Inference

/// Which combinations of verdicts there are, and on how many contents: all that agreement depends on.
///
/// Only verdicts on current texts count; failures and contents that no model has judged do not.
public struct VerdictPatterns: Sendable, Hashable {
    /// Contents on which the models said the same combination.
    public struct Pattern: Sendable, Hashable {
        /// What each model said, in the order of `models`; nil where it has no verdict.
        public var sentiments: [Sentiment?]
        /// Whether their texts are nothing but links.
        public var isLinksOnly: Bool
        /// How many there are.
        public var count: Int
    }

    /// The models.
    public var models: [AnalysedModel]
    /// The combinations.
    public var patterns: [Pattern]

    /// A combination is counted as one integer with two bits for each model.
    public static let mostModels = 31
}

extension Store {
    /// Counts the combinations of verdicts of at most 31 models, in one pass over their verdicts; with `run`, over its alone.
    public func verdictPatterns(_ models: [AnalysedModel], run: Int64? = nil) async throws -> VerdictPatterns {
        guard models.count <= VerdictPatterns.mostModels else {
            throw VolfefeError.badInput(
                "\(models.count) models are too many at once; name at most \(VerdictPatterns.mostModels) with --models."
            )
        }
        return try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH wanted AS MATERIALIZED (SELECT value AS version, 2 * key AS shift FROM json_each(:versions)),
                    combined AS (
                        SELECT c.id, c.text_version, sum((k.sentiment + 2) << w.shift) AS pattern
                        -- In the order of the content ids, so that nothing has to be sorted.
                        FROM contents AS c INDEXED BY contents_with_text
                        CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                        CROSS JOIN wanted AS w ON w.version = k.model_version_id
                        WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL AND (:run IS NULL OR k.run_id = :run)
                        GROUP BY c.id)
                    SELECT p.pattern, coalesce(t.url_only, 0) AS links_only, count(*) AS contents
                    FROM combined AS p
                    LEFT JOIN text_facts AS t ON t.content_id = p.id AND t.text_version = p.text_version
                    GROUP BY p.pattern, links_only
                    """,
                arguments: ["versions": jsonArray(models.map(\.id)), "run": run])
            return VerdictPatterns(
                models: models,
                patterns: rows.map { row in
                    let pattern: Int64 = row["pattern"]
                    return .init(
                        sentiments: models.indices.map { index in
                            let bits = Int(pattern >> (2 * Int64(index)) & 3)
                            return bits == 0 ? nil : Sentiment(code: bits - 2)
                        },
                        isLinksOnly: row["links_only"], count: row["contents"])
                })
        }
    }
}
