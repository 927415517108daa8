import Foundation
import GRDB

/// How many contents there are, and what is the matter with them.
public struct ContentFigures: Sendable, Hashable, Encodable {
    /// Name of the source; nil: of all together.
    public var source: String?
    /// Contents, with and without a text.
    public var contents = 0
    /// Without a text: a picture, a repost.
    public var withoutText = 0
    /// With a text of nothing but links; known of those that a worker has seen.
    public var linksOnly = 0
    /// With a text that was edited since it was stored first.
    public var edited = 0
    /// Without a date of publication.
    public var undated = 0
    /// With a text that another content, of whatever source, has too: all but one of them. Nil of a single source.
    public var duplicates: Int?
    /// When the first and the last were published; nil without any date.
    public var first, last: Date?

    /// With a text.
    public var withText: Int { contents - withoutText }

    enum CodingKeys: String, CodingKey {
        case source, contents, edited, undated, duplicates, first, last
        case withText = "with_text"
        case withoutText = "without_text"
        case linksOnly = "links_only"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        if let source { try container.encode(source, forKey: .source) }
        try container.encode(contents, forKey: .contents)
        try container.encode(withText, forKey: .withText)
        try container.encode(withoutText, forKey: .withoutText)
        try container.encode(linksOnly, forKey: .linksOnly)
        try container.encode(edited, forKey: .edited)
        try container.encode(undated, forKey: .undated)
        if let duplicates { try container.encode(duplicates, forKey: .duplicates) }
        try container.encode(first, forKey: .first)
        try container.encode(last, forKey: .last)
    }
}

extension Store {
    /// Figures of the contents source by source, by name, with the sources' ids.
    static func contentFigures(
        scope: StatementArguments, in db: Database
    ) throws -> [(id: Int64, figures: ContentFigures)] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    s.id, s.name,
                    count(*) AS contents,
                    sum(c.text_hash IS NULL) AS without_text,
                    coalesce(sum(t.url_only), 0) AS links_only,
                    sum(c.text_version > 1) AS edited,
                    sum(c.published_at IS NULL) AS undated,
                    min(c.published_at) AS first, max(c.published_at) AS last
                FROM contents AS c
                JOIN sources AS s ON s.id = c.source_id
                LEFT JOIN text_facts AS t ON t.content_id = c.id AND t.text_version = c.text_version
                WHERE \(ContentScope.condition)
                GROUP BY s.id
                ORDER BY s.name
                """,
            arguments: scope
        ).map { row in
            var figures = ContentFigures(source: row["name"])
            figures.contents = row["contents"]
            figures.withoutText = row["without_text"]
            figures.linksOnly = row["links_only"]
            figures.edited = row["edited"]
            figures.undated = row["undated"]
            figures.first = (row["first"] as Int64?).map(Date.init(milliseconds:))
            figures.last = (row["last"] as Int64?).map(Date.init(milliseconds:))
            return (row["id"], figures)
        }
    }

    /// Contents with a text that one before them has too.
    static func duplicates(scope: StatementArguments, in db: Database) throws -> Int {
        try Int.fetchOne(
            db,
            sql: """
                SELECT coalesce(sum(copies - 1), 0)
                FROM (
                    SELECT count(*) AS copies
                    FROM contents AS c
                    WHERE c.text_hash IS NOT NULL AND \(ContentScope.condition)
                    GROUP BY c.text_hash
                    HAVING copies > 1)
                """,
            arguments: scope) ?? 0
    }
}

extension [ContentFigures] {
    /// All together.
    func together(duplicates: Int) -> ContentFigures {
        var all = ContentFigures()
        all.duplicates = duplicates
        for figures in self {
            all.contents += figures.contents
            all.withoutText += figures.withoutText
            all.linksOnly += figures.linksOnly
            all.edited += figures.edited
            all.undated += figures.undated
            all.first = [all.first, figures.first].compactMap(\.self).min()
            all.last = [all.last, figures.last].compactMap(\.self).max()
        }
        return all
    }
}
