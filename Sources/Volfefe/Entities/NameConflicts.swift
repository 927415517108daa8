import Foundation
import GRDB

/// Which names in review are meant.
public struct ConflictFilter: Sendable, Hashable {
    /// Of one of these types; empty: of any.
    public var types: [EntityType] = []
    /// Found in contents of this source; nil: anywhere.
    public var source: String?
    /// It has this in it; case does not matter.
    public var search: String?
    /// So many at most.
    public var limit = 50

    /// The first fifty of all.
    public init() {}
}

/// A name that a person has to decide on.
public struct NameConflict: Sendable, Hashable, Encodable {
    /// Its id, for `accept` and `reject`.
    public var id: Int64
    /// The phase that found it.
    public var phase: String
    /// What sort of thing it is taken for.
    public var type: EntityType
    /// The name as it was found.
    public var name: String
    /// The highest confidence of its mentions, 0…1.
    public var confidence: Double
    /// Contents that mention it, and mentions.
    public var contents, mentions: Int
    /// Why nobody but a person can decide.
    public var why: String?
    /// What it may be, best first.
    public var candidates: [NameCandidate]

    enum CodingKeys: String, CodingKey {
        case id, phase, type, name, confidence, contents, mentions, why, candidates
    }

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(phase, forKey: .phase)
        try container.encode(type, forKey: .type)
        try container.encode(name, forKey: .name)
        try container.encode(confidence, forKey: .confidence)
        try container.encode(contents, forKey: .contents)
        try container.encode(mentions, forKey: .mentions)
        try container.encode(why, forKey: .why)
        try container.encode(candidates, forKey: .candidates)
    }
}

extension Store {
    /// Names in review, those that most contents mention first, and how many there are in all.
    ///
    /// Throws `VolfefeError.notFound` for a source that does not exist.
    public func nameConflicts(_ filter: ConflictFilter) async throws -> (shown: [NameConflict], total: Int) {
        let path = path
        return try await read { db in
            let arguments: StatementArguments = [
                "types": "["
                    + (filter.types.isEmpty ? EntityType.allCases : filter.types)
                    .map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]",
                "source": try filter.source.map { try Self.sourceID(of: $0, in: db, path: path) },
                "search": filter.search?.withoutNUL,
            ]
            let rows = try Row.fetchAll(
                db, sql: Self.conflicts + "ORDER BY contents DESC, mentions DESC, n.name, n.id LIMIT :limit",
                arguments: arguments &+ ["limit": filter.limit])
            let total = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM (\(Self.conflicts))", arguments: arguments)
            let shown = try rows.map { row in
                NameConflict(
                    id: row["id"], phase: row["phase"], type: EntityType(rawValue: row["type"]) ?? .organisation,
                    name: row["name"], confidence: row["confidence"], contents: row["contents"],
                    mentions: row["mentions"], why: row["why"],
                    candidates: try NameCandidate.current(row["candidates"], in: db))
            }
            return (shown, total ?? 0)
        }
    }

    private static let conflicts = """
        SELECT
            n.id, n.phase, n.type, n.name, n.confidence, n.why, n.candidates,
            (SELECT count(DISTINCT m.content_id) FROM mentions AS m WHERE m.name_id = n.id) AS contents,
            (SELECT count(*) FROM mentions AS m WHERE m.name_id = n.id) AS mentions
        FROM entity_names AS n
        WHERE n.state = 'review'
            AND n.type IN (SELECT value FROM json_each(:types))
            AND (:search IS NULL OR instr(lower(n.name), lower(:search)) > 0)
            AND (:source IS NULL
                OR EXISTS (
                    SELECT 1
                    FROM mentions AS m
                    JOIN contents AS c ON c.id = m.content_id
                    WHERE m.name_id = n.id AND c.source_id = :source))

        """
}
