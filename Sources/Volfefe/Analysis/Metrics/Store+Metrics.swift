import Foundation
import GRDB

extension Store {
    /// Figures of every source and of all together, or of one source, from one snapshot.
    ///
    /// `models` are those whose verdicts are summed up. Throws `VolfefeError.notFound` for a source that does not exist.
    public func collectionMetrics(
        _ scope: MetricsScope, models: [AnalysedModel], at now: Date
    ) async throws -> CollectionMetrics {
        try await read { [path] db in
            let source = try scope.source.map { try Self.sourceID(of: $0, in: db, path: path) }
            let sources = try Row.fetchAll(
                db, sql: "SELECT id, name FROM sources WHERE ? IS NULL OR id = ? ORDER BY name",
                arguments: [source, source]
            ).map { (id: $0["id"] as Int64, name: $0["name"] as String) }
            var counts = try MetricsCounts(source: source, in: db)
            try counts.count(scope)
            try counts.setDue(scope, sources: sources)
            let bySource = Dictionary(
                grouping: try Self.statistics(of: models, by: .source, in: db)
            ) { $0.group ?? "" }
            var rows: [SourceMetrics] = []
            if source == nil {
                let tally = sources.reduce(into: MetricsTally()) { $0.add(counts.tallies[$1.id] ?? .init()) }
                rows.append(
                    counts.names.metrics(
                        of: nil, tally, models: try Self.statistics(of: models, by: .model, in: db), scope: scope))
            }
            for (id, name) in sources {
                rows.append(
                    counts.names.metrics(
                        of: name, counts.tallies[id] ?? .init(), models: bySource[name] ?? [], scope: scope))
            }
            return CollectionMetrics(computedAt: now, sources: rows)
        }
    }

    private static func statistics(
        of models: [AnalysedModel], by grouping: ModelStatistics.Grouping, in db: Database
    ) throws -> [ModelStatistics] {
        let isCounted = try VerdictCounts(in: db).areComplete()
        return try statistics(of: models, by: grouping, from: isCounted ? .counts : .verdicts, in: db)
    }

    /// Stores figures in the place of those that were stored before, all in one commit.
    public func save(_ metrics: CollectionMetrics) async throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let rows = try metrics.sources.map { row in
            (
                row, coverage: String(decoding: try encoder.encode(row.coverage), as: UTF8.self),
                metrics: String(decoding: try encoder.encode(row), as: UTF8.self)
            )
        }
        try await write { db in
            for (row, coverage, figures) in rows {
                try db.execute(
                    sql: """
                        INSERT INTO source_metrics
                            (source_id, computed_at, last_updated, processing_level, coverage, metrics)
                        SELECT s.id, :computed_at, :last_updated, :level, :coverage, :metrics
                        -- A source that was deleted meanwhile is left out.
                        FROM (SELECT NULL AS id, NULL AS name UNION ALL SELECT id, name FROM sources) AS s
                        WHERE s.name IS :source
                        ON CONFLICT (coalesce(source_id, 0)) DO UPDATE SET
                            computed_at = excluded.computed_at,
                            last_updated = excluded.last_updated,
                            processing_level = excluded.processing_level,
                            coverage = excluded.coverage,
                            metrics = excluded.metrics
                        """,
                    arguments: [
                        "source": row.source, "computed_at": metrics.computedAt.milliseconds,
                        "last_updated": row.lastUpdated?.milliseconds, "level": row.processingLevel.rawValue,
                        "coverage": coverage, "metrics": figures,
                    ])
            }
        }
    }
}
