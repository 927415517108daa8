import Foundation
import GRDB
import Inference

extension Store {
    /// Streams an export in a consistent snapshot and constant memory: `write` gets bytes, some hundred kilobytes at a time,
    /// and gives false when no more are wanted. Returns the number of rows.
    ///
    /// Verdicts on texts as they are now, by content, model and version; failures are no verdicts. `isCSV` false: JSON Lines.
    /// Throws `VolfefeError.notFound` for a source that does not exist.
    public func export(
        _ selection: ExportSelection, isCSV: Bool, write: @escaping @Sendable ([UInt8]) throws -> Bool
    ) async throws -> Int {
        try await read { [path] db in
            if let source = selection.source { _ = try Self.sourceID(of: source, in: db, path: path) }
            var rows = ExportRows(selection, isCSV: isCSV)
            let found = try Row.fetchCursor(
                db, sql: selection.layout == .long ? Self.longExport : Self.wideExport,
                arguments: [
                    "versions": jsonArray(selection.models.map(\.id)), "source": selection.source,
                    "since": selection.since?.milliseconds, "until": selection.until?.milliseconds,
                ])
            while let row = try found.next() {
                try rows.add(row)
                if rows.encoder.bytes.count >= 1 << 18 {
                    guard try write(rows.encoder.bytes) else { return rows.count }
                    rows.encoder.clear()
                }
            }
            rows.end()
            _ = try write(rows.encoder.bytes)
            return rows.count
        }
    }

    /// Name of the newest migration: the version of the schema.
    public func schemaVersion() async throws -> String {
        try await read { db in try Schema.migrator.appliedMigrations(db).last ?? "" }
    }

    /// Columns 0 to 8 are those of `ExportSelection.contentColumns`; `ExportRows` reads the others by their places.
    private static let longExport = """
        SELECT
            c.id, c.source_id, c.external_id, c.published_at, c.author, c.url, CAST(c.text AS BLOB), t.words, t.url_only,
            k.model_version_id, k.sentiment, k.confidence, k.score_positive, k.score_neutral, k.score_negative,
            k.score_margin, k.entropy, nullif(k.latency_ms, 0),
            k.flags, k.all_flags, k.batch_size, k.tokens, k.truncated, k.first_call, e.engine, e.precision,
            u.reused_from, k.run_id, k.inserted_at,
            s.name, m.model_id, v.version
        FROM contents AS c
        CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
        JOIN model_versions AS v ON v.id = k.model_version_id
        JOIN models AS m ON m.id = v.model
        JOIN sources AS s ON s.id = c.source_id
        LEFT JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version
        LEFT JOIN run_models AS e ON e.run_id = k.run_id AND e.model_version_id = k.model_version_id
        LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
        WHERE k.error_code IS NULL
            AND k.model_version_id IN (SELECT value FROM json_each(:versions))
            AND c.text_hash IS NOT NULL
            AND (:source IS NULL OR s.name = :source)
            AND (:since IS NULL OR c.published_at >= :since)
            AND (:until IS NULL OR c.published_at < :until)
        ORDER BY c.id, k.model_version_id
        """

    /// Contents without a verdict have a row too, whose columns from 9 on are NULL.
    private static let wideExport = """
        SELECT
            c.id, c.source_id, c.external_id, c.published_at, c.author, c.url, CAST(c.text AS BLOB), t.words, t.url_only,
            k.model_version_id, k.sentiment, k.confidence, k.score_positive, k.score_neutral, k.score_negative,
            k.score_margin, k.entropy, nullif(k.latency_ms, 0),
            s.name
        FROM contents AS c
        CROSS JOIN sources AS s ON s.id = c.source_id
        LEFT JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version
        LEFT JOIN classifications AS k
            ON k.content_id = c.id AND k.text_version = c.text_version AND k.error_code IS NULL
                AND k.model_version_id IN (SELECT value FROM json_each(:versions))
        WHERE c.text_hash IS NOT NULL
            AND (:source IS NULL OR s.name = :source)
            AND (:since IS NULL OR c.published_at >= :since)
            AND (:until IS NULL OR c.published_at < :until)
        ORDER BY c.id, k.model_version_id
        """
}
