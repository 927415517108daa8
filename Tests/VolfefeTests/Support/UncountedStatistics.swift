import GRDB

@testable import Volfefe

extension Store {
    /// What `statistics` has to say, asked of the verdicts themselves and without the view that the counts are made with:
    /// "group|version|verdicts|positive|neutral|negative|perfect|truncated|reused|failed|stale", and the mean confidences.
    func uncountedStatistics(by grouping: ModelStatistics.Grouping) async throws -> ([String], [Double?]) {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    WITH judged AS (
                        SELECT
                            CASE :grouping
                                WHEN 'day' THEN date(c.second, 'unixepoch')
                                WHEN 'week' THEN date(c.second, 'unixepoch', 'weekday 0', '-6 days')
                                WHEN 'source' THEN (SELECT s.name FROM sources AS s WHERE s.id = c.source_id)
                            END AS group_name,
                            k.*,
                            c.text_version > k.text_version AS is_stale,
                            u.content_id IS NOT NULL AS is_reused
                        FROM classifications AS k
                        JOIN (
                            -- Rounded down, also before 1970.
                            SELECT *, published_at / 1000 - (published_at % 1000 < 0) AS second
                            FROM contents) AS c ON c.id = k.content_id
                        LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id)
                    SELECT
                        group_name, model_version_id,
                        sum(NOT is_stale AND error_code IS NULL) AS verdicts,
                        sum(NOT is_stale AND sentiment IS 1) AS positive,
                        sum(NOT is_stale AND sentiment IS 0) AS neutral,
                        sum(NOT is_stale AND sentiment IS -1) AS negative,
                        sum(NOT is_stale AND coalesce(flags, 0) & 2 <> 0) AS perfect,
                        sum(NOT is_stale AND truncated IS 1) AS truncated,
                        sum(NOT is_stale AND error_code IS NULL AND is_reused) AS reused,
                        sum(NOT is_stale AND error_code IS NOT NULL) AS failed,
                        sum(is_stale) AS stale,
                        avg(CASE WHEN NOT is_stale THEN confidence END) AS mean_confidence
                    FROM judged
                    GROUP BY group_name, model_version_id
                    ORDER BY coalesce(group_name, ''), model_version_id
                    """,
                arguments: ["grouping": grouping.rawValue])
            return (
                rows.map { row in
                    row.databaseValues.dropLast().map { $0.isNull ? "-" : "\($0.storage.value ?? "")" }
                        .joined(separator: "|")
                },
                rows.map { $0["mean_confidence"] }
            )
        }
    }

    /// The same of `statistics`; models must be in the order of their versions.
    func countedStatistics(
        of models: [AnalysedModel], by grouping: ModelStatistics.Grouping, from source: StatisticsSource
    ) async throws -> ([String], [Double?]) {
        let rows = try await read { db in
            try Self.statistics(of: models, by: grouping, from: source, in: db)
        }
        let lines = rows.map { row -> String in
            let version = models.first { $0.modelID == row.modelID && $0.modelVersion == row.modelVersion }?.id ?? 0
            let counts = [
                Int(version), row.verdicts, row.positive ?? 0, row.neutral ?? 0, row.negative ?? 0, row.perfect,
                row.truncated, row.reused, row.failed, row.stale,
            ]
            return ([row.group ?? "-"] + counts.map(String.init)).joined(separator: "|")
        }
        return (lines, rows.map(\.meanConfidence))
    }
}
