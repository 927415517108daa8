import Foundation
import GRDB

/// Which contents a question is about.
public struct ContentScope: Sendable, Hashable, Encodable {
    /// Name of their source; nil: any.
    public var source: String?
    /// Published then or later; nil: whenever, also without a date.
    public var since: Date?
    /// Published before; nil: whenever, also without a date.
    public var until: Date?

    /// Every content.
    public static let all = ContentScope()

    /// Contents of a source, of a time, or both.
    public init(source: String? = nil, since: Date? = nil, until: Date? = nil) {
        self.source = source
        self.since = since
        self.until = until
    }

    enum CodingKeys: String, CodingKey { case source, since, until }

    /// Writes what does not limit anything as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(source, forKey: .source)
        try container.encode(since, forKey: .since)
        try container.encode(until, forKey: .until)
    }

    /// The condition on `contents AS c` that statements repeat. With nothing to limit, it reads no column of a content, so that
    /// an index may answer without its row.
    static let condition = """
        (:source IS NULL OR c.source_id = :source)
            AND (:since IS NULL OR c.published_at >= :since)
            AND (:until IS NULL OR c.published_at < :until)
        """

    /// What the condition is bound to. Throws `VolfefeError.notFound` for a source that does not exist.
    func arguments(in db: Database, path: String) throws -> StatementArguments {
        let id = try source.map { try Store.sourceID(of: $0, in: db, path: path) }
        return ["source": id, "since": since?.milliseconds, "until": until?.milliseconds]
    }
}

extension Store {
    /// The id of a source. Throws `VolfefeError.notFound` with the names that exist when there is none of that name.
    static func sourceID(of source: String, in db: Database, path: String) throws -> Int64 {
        let id = try Int64.fetchOne(db, sql: "SELECT id FROM sources WHERE name = ?", arguments: [source])
        if let id { return id }
        let known = try String.fetchAll(db, sql: "SELECT name FROM sources ORDER BY name LIMIT 20")
        throw VolfefeError.notFound(
            "there is no source \"\(source)\" in \(path); there are: \(known.joined(separator: ", ")).")
    }
}
