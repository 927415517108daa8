import GRDB
import Inference

extension Store {
    /// Statistics of these model versions by group, groups ascending (without a date first), models in their order.
    ///
    /// They are sums over the counts, of which there are thousands where there are millions of verdicts. Where another program
    /// has stored verdicts that are not counted, all verdicts are read, for the same answer.
    public func statistics(
        of models: [AnalysedModel], by grouping: ModelStatistics.Grouping
    ) async throws -> [ModelStatistics] {
        try await read { db in
            let isCounted = try VerdictCounts(in: db).areComplete()
            return try Self.statistics(of: models, by: grouping, from: isCounted ? .counts : .verdicts, in: db)
        }
    }

    /// What statistics are summed up from.
    enum StatisticsSource {
        case counts, verdicts
    }

    static func statistics(
        of models: [AnalysedModel], by grouping: ModelStatistics.Grouping, from source: StatisticsSource,
        in db: Database
    ) throws -> [ModelStatistics] {
        let group = group(grouping)
        let sizes = try Row.fetchAll(
            db,
            sql: """
                SELECT \(group) AS group_name, sum(n.with_text) AS contents
                FROM content_counts AS n
                GROUP BY group_name
                """)
        let contents = Dictionary(
            sizes.map { ($0["group_name"] as String?, $0["contents"] as Int) }, uniquingKeysWith: +)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    \(group) AS group_name, n.model_version_id,
                    sum(CASE WHEN n.outcome < 2 THEN n.verdicts ELSE 0 END) AS verdicts,
                    sum(CASE n.outcome WHEN 1 THEN n.verdicts ELSE 0 END) AS positive,
                    sum(CASE n.outcome WHEN 0 THEN n.verdicts ELSE 0 END) AS neutral,
                    sum(CASE n.outcome WHEN -1 THEN n.verdicts ELSE 0 END) AS negative,
                    sum(CASE n.outcome WHEN 2 THEN n.verdicts ELSE 0 END) AS failed,
                    sum(CASE n.outcome WHEN 3 THEN n.verdicts ELSE 0 END) AS stale,
                    sum(n.confidence) AS confidence, sum(n.perfect) AS perfect, sum(n.truncated) AS truncated,
                    sum(n.reused) AS reused
                FROM \(source == .counts ? "verdict_counts" : "(\(VerdictCounts.verdicts))") AS n
                WHERE n.model_version_id IN (SELECT value FROM json_each(:versions))
                GROUP BY group_name, n.model_version_id
                HAVING sum(n.verdicts) > 0
                """,
            arguments: ["versions": jsonArray(models.map(\.id))])
        let places = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($0.element.id, $0.offset) })
        return rows.compactMap { row -> (Int, ModelStatistics)? in
            guard let place = places[row["model_version_id"]] else { return nil }
            return (place, statistics(row, of: models[place], contents: contents))
        }
        .sorted { ($0.1.group ?? "", $0.0) < ($1.1.group ?? "", $1.0) }
        .map(\.1)
    }

    /// The name of the group that a row `n` of counts belongs to.
    private static func group(_ grouping: ModelStatistics.Grouping) -> String {
        switch grouping {
        case .day: "CASE WHEN n.day <> -9999999 THEN date(n.day * 86400, 'unixepoch') END"
        case .week: "CASE WHEN n.day <> -9999999 THEN date(n.day * 86400, 'unixepoch', 'weekday 0', '-6 days') END"
        case .source: "(SELECT s.name FROM sources AS s WHERE s.id = n.source_id)"
        case .model: "NULL"
        }
    }

    private static func statistics(
        _ row: Row, of model: AnalysedModel, contents: [String?: Int]
    ) -> ModelStatistics {
        let group: String? = row["group_name"]
        let verdicts: Int = row["verdicts"]
        let confidence = Double(row["confidence"] as Int64) / VerdictCounts.confidenceUnit
        func count(_ sentiment: Sentiment) -> Int? {
            model.sentiments.contains(sentiment) ? row[sentiment.rawValue] : nil
        }
        return ModelStatistics(
            group: group, modelID: model.modelID, modelVersion: model.modelVersion, contents: contents[group] ?? 0,
            verdicts: verdicts, positive: count(.positive), neutral: count(.neutral), negative: count(.negative),
            failed: row["failed"], stale: row["stale"], truncated: row["truncated"], reused: row["reused"],
            perfect: row["perfect"], meanConfidence: verdicts > 0 ? confidence / Double(verdicts) : nil)
    }
}
