import GRDB
import Inference

/// Combinations of verdicts, source by source.
struct SourcePatterns: Sendable {
    let models: [AnalysedModel]
    /// Id of the source → combinations.
    let bySource: [Int64: [VerdictPatterns.Pattern]]

    /// Those of one source.
    func patterns(of source: Int64) -> VerdictPatterns {
        VerdictPatterns(models: models, patterns: bySource[source] ?? [])
    }

    /// Those of all sources together.
    var all: VerdictPatterns {
        var counts: [Key: Int] = [:]
        for pattern in bySource.values.joined() {
            counts[Key(sentiments: pattern.sentiments, isLinksOnly: pattern.isLinksOnly), default: 0] += pattern.count
        }
        return VerdictPatterns(
            models: models,
            patterns: counts.map { .init(sentiments: $0.sentiments, isLinksOnly: $0.isLinksOnly, count: $1) }
                .sorted { ($0.order, $0.count) < ($1.order, $1.count) })
    }

    private struct Key: Hashable {
        var sentiments: [Sentiment?]
        var isLinksOnly: Bool
    }
}

extension VerdictPatterns.Pattern {
    /// A fixed order among combinations, so that sums over them are the same every time.
    fileprivate var order: String {
        sentiments.map { sentiment in sentiment.map { String($0.code + 1) } ?? "-" }.joined()
            + (isLinksOnly ? "l" : "w")
    }
}

extension Store {
    /// Counts the combinations of verdicts of these models by source, in one pass over the verdicts.
    static func sourcePatterns(
        _ models: [AnalysedModel], scope: StatementArguments, in db: Database
    ) throws -> SourcePatterns {
        try requireFewEnough(models)
        let rows = try Row.fetchAll(
            db,
            sql: """
                WITH wanted AS MATERIALIZED (SELECT value AS version, 2 * key AS shift FROM json_each(:versions)),
                combined AS (
                    SELECT c.id, c.text_version, c.source_id, sum((k.sentiment + 2) << w.shift) AS pattern
                    FROM contents AS c INDEXED BY contents_with_text
                    CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                    CROSS JOIN wanted AS w ON w.version = k.model_version_id
                    WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL AND \(ContentScope.condition)
                    GROUP BY c.id)
                SELECT p.source_id, p.pattern, coalesce(t.url_only, 0) AS links_only, count(*) AS contents
                FROM combined AS p
                LEFT JOIN text_facts AS t ON t.content_id = p.id AND t.text_version = p.text_version
                GROUP BY p.source_id, p.pattern, links_only
                """,
            arguments: ["versions": jsonArray(models.map(\.id))] &+ scope)
        let bySource = Dictionary(grouping: rows) { $0["source_id"] as Int64 }
        return SourcePatterns(
            models: models,
            bySource: bySource.mapValues { rows in
                rows.map { row in
                    .init(
                        bits: row["pattern"], models: models.count, isLinksOnly: row["links_only"],
                        count: row["contents"])
                }
            })
    }
}
