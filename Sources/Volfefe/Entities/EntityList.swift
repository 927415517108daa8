import Foundation
import GRDB

/// Which entities are meant.
public struct EntityFilter: Sendable, Hashable {
    /// Of one of these types; empty: of any.
    public var types: [EntityType] = []
    /// In one of these states.
    public var states: [EntityState] = [.active]
    /// Only mentions in these contents count, and entities without one are left out.
    public var scope = ContentScope.all
    /// Met in two sources or more.
    public var acrossSources = false
    /// One of their names has this in it; case does not matter.
    public var search: String?
    /// So many at most.
    public var limit = 50

    /// All active entities, the first fifty.
    public init() {}

    var arguments: StatementArguments {
        [
            "types": "["
                + (types.isEmpty ? EntityType.allCases : types).map { "\"\($0.rawValue)\"" }
                .joined(separator: ",") + "]",
            "states": "[" + states.map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]",
            "across": acrossSources, "search": search?.withoutNUL, "everything": scope == .all, "limit": limit,
        ]
    }
}

/// How many contents of a source mention an entity.
public struct SourceMentions: Sendable, Hashable, Codable {
    /// Name of the source.
    public var source: String
    /// Contents with at least one mention.
    public var contents: Int
    /// Mentions; a place that two phases have found counts once.
    public var mentions: Int

    /// The sources with most contents first, from `[[source, contents, mentions], …]`.
    static func read(_ json: String?) throws -> [SourceMentions] {
        guard let json else { return [] }
        return try JSONDecoder().decode([SourceMentions].self, from: Data(json.utf8))
            .sorted { ($1.contents, $0.source) < ($0.contents, $1.source) }
    }
}

/// An entity with where it is mentioned.
public struct ListedEntity: Sendable, Hashable, Encodable {
    /// Its id.
    public var id: Int64
    /// Its name.
    public var name: String
    /// What sort of thing it is.
    public var type: EntityType
    /// Its ticker, or that of an entity that was merged into it; nil where there is none.
    public var ticker: String?
    /// What has become of it.
    public var state: EntityState
    /// What it was merged into; nil when it was not.
    public var mergedInto: Int64?
    /// Names that are linked to it.
    public var names: Int
    /// Where it is mentioned, the source with most contents first.
    public var sources: [SourceMentions]
    /// Contents that mention it, and mentions, over all sources.
    public var contents, mentions: Int

    init(_ row: Row) throws {
        id = row["id"]
        name = row["name"]
        type = EntityType(rawValue: row["type"]) ?? .organisation
        ticker = row["ticker"]
        state = EntityState(rawValue: row["state"]) ?? .active
        mergedInto = row["merged_into"]
        names = row["names"]
        sources = try SourceMentions.read(row["sources"])
        contents = row["contents"]
        mentions = row["mentions"]
    }

    enum CodingKeys: String, CodingKey {
        case id, name, type, ticker, state, names, contents, mentions, sources
        case mergedInto = "merged_into"
    }

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(name, forKey: .name)
        try container.encode(type, forKey: .type)
        try container.encode(ticker, forKey: .ticker)
        try container.encode(state, forKey: .state)
        try container.encode(mergedInto, forKey: .mergedInto)
        try container.encode(names, forKey: .names)
        try container.encode(contents, forKey: .contents)
        try container.encode(mentions, forKey: .mentions)
        try container.encode(sources, forKey: .sources)
    }
}

extension Store {
    /// Entities of the filter, those that most contents mention first.
    ///
    /// Mentions in texts that were edited since do not count. Throws `VolfefeError.notFound` for a source that does not exist.
    public func entities(_ filter: EntityFilter) async throws -> [ListedEntity] {
        let path = path
        return try await read { db in
            try Self.entities(filter, filter.scope.arguments(in: db, path: path), in: db)
        }
    }

    /// One entity, whatever its state; nil when there is none.
    static func entity(_ id: Int64, in db: Database) throws -> ListedEntity? {
        var filter = EntityFilter()
        filter.states = EntityState.allCases
        let everywhere: StatementArguments = ["source": nil, "since": nil, "until": nil]
        return try entities(filter, everywhere, only: id, in: db).first
    }

    private static func entities(
        _ filter: EntityFilter, _ scope: StatementArguments, only: Int64? = nil, in db: Database
    ) throws -> [ListedEntity] {
        try Row.fetchAll(
            db,
            sql: """
                WITH by_source AS (
                    SELECT
                        n.entity_id,
                        c.source_id,
                        count(DISTINCT m.content_id) AS contents,
                        count(*) - sum(\(Self.isFoundTwice)) AS mentions
                    FROM entity_names AS n
                    \(Self.currentMentions)
                    WHERE n.entity_id IS NOT NULL
                        AND (:only IS NULL OR n.entity_id = :only)
                        AND \(ContentScope.condition)
                    GROUP BY n.entity_id, c.source_id
                ),
                totals AS (
                    SELECT
                        b.entity_id,
                        sum(b.contents) AS contents,
                        sum(b.mentions) AS mentions,
                        count(*) AS source_count,
                        json_group_array(json_object(
                            'source', s.name, 'contents', b.contents, 'mentions', b.mentions)) AS sources
                    FROM by_source AS b
                    JOIN sources AS s ON s.id = b.source_id
                    GROUP BY b.entity_id
                )
                SELECT
                    e.id, e.name, e.type, e.state, e.merged_into, t.sources,
                    coalesce(t.contents, 0) AS contents,
                    coalesce(t.mentions, 0) AS mentions,
                    coalesce(e.ticker, (SELECT min(o.ticker) FROM entities AS o WHERE o.merged_into = e.id)) AS ticker,
                    (SELECT count(*) FROM entity_names AS n WHERE n.entity_id = e.id) AS names
                FROM entities AS e
                LEFT JOIN totals AS t ON t.entity_id = e.id
                WHERE e.type IN (SELECT value FROM json_each(:types))
                    AND e.state IN (SELECT value FROM json_each(:states))
                    AND (:only IS NULL OR e.id = :only)
                    AND (:everything OR t.contents > 0)
                    AND (NOT :across OR t.source_count > 1)
                    AND (:search IS NULL
                        OR instr(lower(e.name), lower(:search)) > 0
                        OR EXISTS (
                            SELECT 1
                            FROM entity_names AS n
                            WHERE n.entity_id = e.id AND instr(lower(n.name), lower(:search)) > 0))
                ORDER BY contents DESC, mentions DESC, e.name, e.id
                LIMIT :limit
                """,
            arguments: filter.arguments &+ scope &+ ["only": only]
        ).map(ListedEntity.init)
    }

    /// Joins `entity_names AS n` with its mentions `m` in contents `c` whose texts are still those that were looked at.
    static let currentMentions = """
        JOIN mentions AS m ON m.name_id = n.id
        JOIN contents AS c ON c.id = m.content_id
        JOIN content_phases AS p
            ON p.content_id = m.content_id AND p.phase = m.phase AND p.text_version = c.text_version
        """

    /// Whether a mention `m` of a name `n` lies on one of the same entity that phase 1 has found.
    static let isFoundTwice = """
        (m.phase = 'ner' AND EXISTS (
            SELECT 1
            FROM mentions AS o
            JOIN entity_names AS i ON i.id = o.name_id
            WHERE o.content_id = m.content_id AND o.phase = 'entities' AND o.start < m."end" AND o."end" > m.start
                AND i.entity_id = n.entity_id))
        """
}
