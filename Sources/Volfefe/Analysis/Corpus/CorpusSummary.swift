import Foundation
import GRDB

/// The current run of a corpus phase: what it looked at, and what there is besides by now.
public struct CorpusSummary: Sendable, Hashable, Encodable {
    /// Its id in the database.
    var id: Int64
    /// The source that it was about; nil: the whole collection.
    public var source: String?
    /// When it ended.
    public var foundAt: Date
    /// What found it, and the hash of what that works with.
    public var method, revision: String
    /// Contents that it looked at.
    public var contents: Int
    /// Contents without a word that counts, and contents of no topic (those among them); nil for stories.
    public var withoutWords, outliers: Int?
    /// Mean of the topics' coherence, 0…1; nil without topics.
    public var coherence: Double?
    /// Why there is nothing; nil when there is.
    public var reason: String?
    /// Contents with a text that it has not seen as they are now.
    public var new: Int

    enum CodingKeys: String, CodingKey {
        case source, method, revision, contents, outliers, coherence, reason, new
        case foundAt = "found_at"
        case withoutWords = "without_words"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(source, forKey: .source)
        try container.encode(foundAt, forKey: .foundAt)
        try container.encode(method, forKey: .method)
        try container.encode(revision, forKey: .revision)
        try container.encode(contents, forKey: .contents)
        try container.encode(withoutWords, forKey: .withoutWords)
        try container.encode(outliers, forKey: .outliers)
        try container.encode(coherence, forKey: .coherence)
        try container.encode(reason, forKey: .reason)
        try container.encode(new, forKey: .new)
    }
}

extension Store {
    /// The current run of a corpus phase; nil when there has been none. `source` is the id of a source, nil: the whole collection.
    static func currentCorpus(_ phase: Phase, source: Int64?, in db: Database) throws -> CorpusSummary? {
        try Row.fetchOne(
            db,
            sql: """
                SELECT
                    r.*, m.method, m.revision, (SELECT s.name FROM sources AS s WHERE s.id = r.source_id) AS source,
                    (
                        SELECT count(*)
                        FROM contents AS c
                        JOIN sources AS s ON s.id = c.source_id
                        LEFT JOIN corpus_contents AS k
                            ON k.corpus_run_id = r.id AND k.content_id = c.id AND k.text_version = c.text_version
                        WHERE c.text_hash IS NOT NULL AND k.content_id IS NULL
                            AND (r.source_id IS NULL OR c.source_id = r.source_id)
                            AND s.name NOT IN (SELECT value FROM json_each(r.besides))) AS new
                FROM corpus_runs AS r
                JOIN phase_methods AS m ON m.id = r.method_id
                WHERE r.phase = ? AND r.state = 'current' AND coalesce(r.source_id, 0) = coalesce(?, 0)
                """,
            arguments: [phase.rawValue, source]
        ).map { row in
            CorpusSummary(
                id: row["id"], source: row["source"], foundAt: Date(milliseconds: row["finished_at"]),
                method: row["method"], revision: row["revision"], contents: row["contents"],
                withoutWords: row["without_words"], outliers: row["outliers"], coherence: row["coherence"],
                reason: row["reason"], new: row["new"])
        }
    }
}
