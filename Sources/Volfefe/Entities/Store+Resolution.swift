import Foundation
import GRDB
import Inference

/// How much was known about entities at a moment: equal versions know the same.
struct KnowledgeVersion: Hashable {
    /// The newest entity and the newest line of the log.
    var entity, decision: Int64

    static func current(in db: Database) throws -> KnowledgeVersion {
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    SELECT
                        (SELECT coalesce(max(id), 0) FROM entities) AS entity,
                        (SELECT coalesce(max(id), 0) FROM entity_decisions) AS decision
                    """))
        return KnowledgeVersion(entity: row?["entity"] ?? 0, decision: row?["decision"] ?? 0)
    }
}

/// Contents that miss `resolve`, and what has to be known and decided for them; read in one snapshot.
struct ResolutionWork: Sendable {
    struct Content: Sendable {
        var id: Int64
        var textVersion: Int
    }

    var contents: [Content]
    /// Their names that nobody has decided on; surest first, so that the others are compared with them.
    var names: [FoundName]
    /// Every active entity with its names; nil where the version that was asked for is still the current one.
    var entities: [KnownEntity]?
    var version: KnowledgeVersion
}

extension Store {
    /// The first contents after `after` that miss `resolve`, at most `limit`, and everything to decide on their names.
    func resolutionWork(
        _ selection: PhaseSelection, after: Int64, limit: Int, known: KnowledgeVersion?
    ) async throws -> ResolutionWork {
        try await read { db in
            let contents = try Row.fetchAll(
                db,
                sql: """
                    SELECT c.id, c.text_version
                    \(Self.pendingContents)
                        AND c.id > :after
                    ORDER BY c.id
                    LIMIT :limit
                    """,
                arguments: Self.arguments(.resolve, selection) + ["after": after, "limit": limit]
            ).map { ResolutionWork.Content(id: $0["id"], textVersion: $0["text_version"]) }
            let names = try Self.undecidedNames(in: contents.map(\.id), db)
            let version = try KnowledgeVersion.current(in: db)
            // Whoever has nothing to decide need not know anything.
            let isKnown = version == known || names.isEmpty
            return ResolutionWork(
                contents: contents, names: names, entities: isKnown ? nil : try Self.knownEntities(db),
                version: version)
        }
    }

    /// Stores what was decided with the statuses of the contents, in one transaction; gives the version that is current then.
    ///
    /// Nil, and nothing is stored, when somebody has decided something since the work was read.
    func save(_ decisions: [Resolution], for work: ResolutionWork, method: Int64) async throws -> KnowledgeVersion? {
        try await write { db in
            guard try decisions.isEmpty || KnowledgeVersion.current(in: db) == work.version else { return nil }
            let found = Dictionary(work.names.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
            for decision in decisions {
                guard let name = found[decision.key] else { continue }
                try Resolving(name, in: db).apply(decision)
            }
            let status = PhaseStatusWriter(.resolve, method: method, in: db)
            for content in work.contents { try status.done(content.id, textVersion: content.textVersion) }
            return try KnowledgeVersion.current(in: db)
        }
    }

    /// Open names, and those for review on which only `resolve` has decided: what is known may have grown since.
    private static func undecidedNames(in contents: [Int64], _ db: Database) throws -> [FoundName] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT n.id, n.type, n.name, n.confidence
                FROM entity_names AS n
                WHERE n.id IN (
                        SELECT m.name_id
                        FROM json_each(:contents) AS asked
                        JOIN mentions AS m ON m.content_id = asked.value)
                    AND (n.state = 'open'
                        OR (n.state = 'review'
                            AND 'resolve' = (
                                SELECT d.actor FROM entity_decisions AS d WHERE d.name_id = n.id ORDER BY d.id DESC LIMIT 1)))
                ORDER BY n.confidence DESC, n.id
                """, arguments: ["contents": jsonArray(contents)]
        ).map { row in
            FoundName(
                key: Resolving.key(ofName: row["id"]), type: row["type"], name: row["name"],
                confidence: row["confidence"])
        }.filter { isComparable($0.name) }
    }

    /// A worker would refuse a name of nothing but spaces, and all others with it.
    private static func isComparable(_ name: String) -> Bool { name.contains { !$0.isWhitespace } }

    private static func knownEntities(_ db: Database) throws -> [KnownEntity] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT e.id, e.type, e.name, n.name AS alias
                FROM entities AS e
                LEFT JOIN entity_names AS n ON n.entity_id = e.id AND n.name <> e.name
                WHERE e.state = 'active'
                ORDER BY e.id, n.id
                """)
        var entities: [KnownEntity] = []
        for row in rows where isComparable(row["name"]) {
            let key = PhaseKey.number(row["id"])
            if entities.last?.key != key {
                entities.append(KnownEntity(key: key, type: row["type"], name: row["name"]))
            }
            if let alias = row["alias"] as String? { entities[entities.count - 1].aliases.append(alias) }
        }
        return entities
    }
}

/// Stores what `resolve` has decided on one name.
///
/// Entities are known by their ids, names by `n` and theirs: a name that becomes a new entity is known by that key for as
/// long as the process remembers it.
private struct Resolving {
    private let db: Database
    private let found: FoundName
    private let name: Int64

    static func key(ofName name: Int64) -> PhaseKey { .text("n\(name)") }

    init(_ found: FoundName, in db: Database) {
        self.db = db
        self.found = found
        name = Self.name(of: found.key) ?? 0
    }

    func apply(_ decision: Resolution) throws {
        switch decision.verdict {
        case .merge:
            guard let into = try decision.into.flatMap(entity) else { return }
            var writer = DecisionWriter(.merge, by: Phase.resolve.rawValue, in: db)
            try writer.change(name: name, to: .linked(to: into), score: decision.score, why: decision.why)
        case .new:
            var writer = DecisionWriter(.new, by: Phase.resolve.rawValue, in: db)
            let entity = try writer.create(type: found.type, name: found.name, why: decision.why)
            try writer.change(name: name, to: .linked(to: entity), why: decision.why)
        case .review:
            let candidates = try decision.candidates.compactMap { candidate in
                try entity(candidate.key).map {
                    NameCandidate.Stored(entity_id: $0, score: candidate.score, why: candidate.why)
                }
            }
            var writer = DecisionWriter(.review, by: Phase.resolve.rawValue, in: db)
            try writer.change(
                name: name, to: .review, why: decision.why, candidates: try NameCandidate.Stored.json(candidates))
        }
    }

    private static func name(of key: PhaseKey) -> Int64? {
        guard case .text(let text) = key, text.hasPrefix("n") else { return nil }
        return Int64(text.dropFirst())
    }

    /// The entity that a key stands for.
    private func entity(_ key: PhaseKey) throws -> Int64? {
        guard let name = Self.name(of: key) else { return key.number }
        return try Entities(in: db).standing(ofName: name)?.entity
    }
}
