import Foundation
import GRDB
import Inference

extension Store {
    /// A content; nil when the id does not exist.
    public func content(_ id: Int64) async throws -> StoredContent? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT
                        c.id, s.name AS source, c.external_id, CAST(c.text AS BLOB) AS text, c.text_version, c.author,
                        c.published_at, c.url, c.meta, c.inserted_at, c.updated_at
                    FROM contents AS c JOIN sources AS s ON s.id = c.source_id
                    WHERE c.id = ?
                    """,
                arguments: [id]
            ).map(StoredContent.init)
        }
    }

    /// Texts of at most `limit` contents, spread evenly over all that have one, by content id.
    public func sampleTexts(limit: Int) async throws -> [String] {
        try await read { db in
            try Data.fetchAll(
                db,
                sql: """
                    WITH numbered AS (
                        SELECT id, row_number() OVER (ORDER BY id) AS number, count(*) OVER () AS total
                        FROM contents
                        WHERE text_hash IS NOT NULL
                    )
                    SELECT CAST(c.text AS BLOB)
                    FROM numbered AS n JOIN contents AS c ON c.id = n.id
                    -- One of each `total / limit` in a row: the first of those that share a place in the sample.
                    WHERE n.total <= :limit OR n.number * :limit / n.total > (n.number - 1) * :limit / n.total
                    ORDER BY c.id
                    """,
                arguments: ["limit": limit]
            ).map { String(decoding: $0, as: UTF8.self) }
        }
    }

    /// Everything that is stored about a content: all models, all versions, failures too, by model id and version.
    public func classifications(_ contentID: Int64) async throws -> [Classification] {
        try await classifications(of: [contentID])
    }

    /// Everything that is stored about these contents, by content id, model id and version.
    public func classifications(of contentIDs: [Int64]) async throws -> [Classification] {
        try await read { db in
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT
                        k.*, m.model_id, v.version, k.text_version < c.text_version AS stale, d.error_detail,
                        u.reused_from, e.engine, e.precision
                    FROM json_each(?) AS asked
                    JOIN contents AS c ON c.id = asked.value
                    JOIN classifications AS k ON k.content_id = c.id
                    JOIN model_versions AS v ON v.id = k.model_version_id
                    JOIN models AS m ON m.id = v.model
                    LEFT JOIN failure_details AS d
                        ON d.content_id = k.content_id AND d.model_version_id = k.model_version_id
                    LEFT JOIN reuses AS u
                        ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
                    LEFT JOIN run_models AS e
                        ON e.run_id = k.run_id AND e.model_version_id = k.model_version_id
                    ORDER BY k.content_id, m.model_id, v.id
                    """,
                arguments: [jsonArray(Set(contentIDs).sorted())])
            var labels: [Int64: LabelMap] = [:]
            return try rows.map { row in
                let versionID: Int64 = row["model_version_id"]
                let map = try labels[versionID] ?? LabelMap(labels: Self.labels(ofVersion: versionID, in: db))
                labels[versionID] = map
                return try Self.classification(row, labels: map)
            }
        }
    }

    /// Facts of the current text of a content, as last counted by a worker; nil when none has seen it.
    public func textInfo(_ contentID: Int64) async throws -> TextInfo? {
        try await read { db in
            try Row.fetchOne(
                db,
                sql: """
                    SELECT t.*
                    FROM contents AS c
                    JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version
                    WHERE c.id = ?
                    """,
                arguments: [contentID]
            ).map(TextInfo.init)
        }
    }

    private static func classification(_ row: Row, labels: LabelMap) throws -> Classification {
        let version: String = row["version"]
        let outcome: ModelOutcome =
            if let code: String = row["error_code"] {
                .failure(.init(code: code, message: row["error_message"], detail: row["error_detail"]))
            } else {
                .prediction(try ClassificationRow(row).prediction(version: version, labels: labels))
            }
        return Classification(
            contentID: row["content_id"], modelID: row["model_id"], modelVersion: version, outcome: outcome,
            textVersion: row["text_version"], isStale: row["stale"], attempt: row["attempt"], run: row["run_id"],
            insertedAt: Date(milliseconds: row["inserted_at"]), reusedFrom: row["reused_from"],
            engine: row["engine"], precision: row["precision"])
    }
}

extension TextInfo {
    /// Reads a row of `text_facts`.
    init(_ row: Row) {
        self.init(
            chars: row["chars"], words: row["words"], lines: row["lines"], urls: row["urls"],
            hashtags: row["hashtags"], mentions: row["mentions"], upperShare: row["upper_share"],
            exclamations: row["exclamations"], questions: row["questions"], urlOnly: row["url_only"],
            sha256: (row["text_hash"] as Data).hexadecimal)
    }
}
