import Foundation
import GRDB

/// A phase that failed on a content at its current text.
public struct FailedContent: Encodable, Sendable, Hashable {
    /// The content.
    public var contentID: Int64
    /// Name of its source.
    public var source: String
    /// The phase.
    public var phase: Phase
    /// The model that failed, in the phase `sentiment`.
    public var model: String?
    /// How often it was tried.
    public var attempts: Int
    /// What kind of trouble it was, and a sentence about it; never the text.
    public var code, message: String
    /// When it failed last.
    public var at: Date

    enum CodingKeys: String, CodingKey {
        case source, phase, model, attempts, code, message, at
        case contentID = "content_id"
    }
}

extension Store {
    /// Contents that phases failed on, the last first; at most `limit`.
    public func phaseFailures(
        _ phases: [Phase], source: String? = nil, models: [(id: String, version: String)], limit: Int
    ) async throws -> [FailedContent] {
        try await read { [path] db in
            if let source { _ = try Self.sourceID(of: source, in: db, path: path) }
            let versions = try models.compactMap { try Self.version($0.version, ofModel: $0.id, in: db)?.id }
            return try Row.fetchAll(
                db,
                sql: """
                    SELECT f.*, s.name AS source
                    FROM (
                        SELECT content_id, phase, NULL AS model, text_version, attempts, error_code, error_message,
                            finished_at AS at
                        FROM content_phases
                        WHERE state = 'failed'
                        UNION ALL
                        SELECT k.content_id, 'sentiment', m.model_id, k.text_version, k.attempt, k.error_code,
                            k.error_message, k.inserted_at
                        FROM classifications AS k
                        JOIN model_versions AS v ON v.id = k.model_version_id
                        JOIN models AS m ON m.id = v.model
                        WHERE k.error_code IS NOT NULL
                            AND k.model_version_id IN (SELECT value FROM json_each(:versions))) AS f
                    JOIN contents AS c ON c.id = f.content_id AND c.text_version = f.text_version
                    JOIN sources AS s ON s.id = c.source_id
                    WHERE f.phase IN (SELECT value FROM json_each(:phases)) AND (:source IS NULL OR s.name = :source)
                    ORDER BY f.at DESC, f.content_id, f.phase, f.model
                    LIMIT :limit
                    """,
                arguments: [
                    "versions": jsonArray(versions), "phases": jsonArray(phases.map(\.rawValue)), "source": source,
                    "limit": limit,
                ]
            ).map(FailedContent.init)
        }
    }
}

extension FailedContent {
    fileprivate init(_ row: Row) {
        contentID = row["content_id"]
        source = row["source"]
        phase = Phase(rawValue: row["phase"]) ?? .sentiment
        model = row["model"]
        attempts = row["attempts"]
        code = row["error_code"]
        message = row["error_message"] ?? ""
        at = Date(milliseconds: row["at"])
    }
}
