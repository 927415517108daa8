import Foundation
import GRDB
import Inference

/// The names under which phases find entities, each stored once; in the caller's transaction.
///
/// A name of `entities` is nearly sure and belongs to an entity at once; one of `ner` is open until `resolve` decides.
struct FoundNames {
    private struct Key: Hashable {
        let phase: Phase
        let type, name: String
    }

    private struct Known {
        let id: Int64
        var confidence: Double
    }

    private let db: Database
    private let methods: [Phase: Int64]
    private let now = Date().milliseconds
    /// Those that this transaction has met.
    private var known: [Key: Known] = [:]

    init(methods: [Phase: Int64], in db: Database) {
        self.db = db
        self.methods = methods
    }

    /// The id of a mention's name, which is stored when it is new and remembers its surest mention.
    mutating func id(of mention: MentionFound, _ phase: Phase) throws -> Int64 {
        let key = Key(phase: phase, type: mention.type, name: mention.name.withoutNUL)
        var name = try known[key] ?? find(key) ?? insert(key, mention)
        if mention.confidence > name.confidence {
            name.confidence = mention.confidence
            try db.cachedStatement(sql: "UPDATE entity_names SET confidence = ?, method_id = ? WHERE id = ?")
                .execute(arguments: [mention.confidence, methods[phase], name.id])
        }
        known[key] = name
        return name.id
    }

    private func find(_ key: Key) throws -> Known? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, confidence FROM entity_names WHERE phase = ? AND type = ? AND name = ?"),
            arguments: [key.phase.rawValue, key.type, key.name]
        ).map { Known(id: $0["id"], confidence: $0["confidence"]) }
    }

    /// Where a name that is nearly sure belongs.
    private enum Place {
        case new(Int64)
        case known(Int64)
        /// People have said that what is called so is no entity.
        case rejected

        var entity: Int64? {
            switch self {
            case .new(let id), .known(let id): id
            case .rejected: nil
            }
        }
    }

    private func insert(_ key: Key, _ mention: MentionFound) throws -> Known {
        guard key.phase == .entities else {
            return Known(id: try insert(key, mention, "open", entity: nil), confidence: mention.confidence)
        }
        let place = try place(key, ticker: mention.ticker?.withoutNUL)
        let (state, action) =
            switch place {
            case .new: ("linked", "new")
            case .known: ("linked", "merge")
            case .rejected: ("rejected", "reject")
            }
        let id = try insert(key, mention, state, entity: place.entity)
        try db.cachedStatement(
            sql: """
                INSERT INTO entity_decisions
                    (batch, decided_at, actor, action, name_id, to_state, to_entity, why)
                VALUES (
                    (SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'entity_decisions'),
                    ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [now, key.phase.rawValue, action, id, state, place.entity, mention.rule])
        return Known(id: id, confidence: mention.confidence)
    }

    private func insert(_ key: Key, _ mention: MentionFound, _ state: String, entity: Int64?) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO entity_names (phase, type, name, entity_id, state, method_id, confidence, decided_at)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            key.phase.rawValue, key.type, key.name, entity, state, methods[key.phase], mention.confidence,
            state == "open" ? nil : now,
        ])
        return db.lastInsertedRowID
    }

    /// The entity that is called so, or a new one. What people have merged stays merged, and what they have rejected, rejected.
    private func place(_ key: Key, ticker: String?) throws -> Place {
        let found = try Row.fetchOne(
            db.cachedStatement(
                sql: """
                    WITH RECURSIVE called AS (
                        SELECT id, merged_into, state, type
                        FROM entities
                        WHERE name = :name
                            AND (type = :type
                                -- A recogniser cannot tell these two apart.
                                OR (type IN ('company', 'organisation') AND :type IN ('company', 'organisation')))
                        UNION
                        SELECT e.id, e.merged_into, e.state, e.type
                        FROM called AS c JOIN entities AS e ON e.id = c.merged_into
                    )
                    SELECT id, state FROM called WHERE merged_into IS NULL
                    ORDER BY state = 'active' DESC, type = :type DESC, id
                    LIMIT 1
                    """),
            arguments: ["name": key.name, "type": key.type])
        if let found {
            guard found["state"] == "active" else { return .rejected }
            let id: Int64 = found["id"]
            if let ticker {
                try db.cachedStatement(
                    sql: "UPDATE entities SET ticker = ?, updated_at = ? WHERE id = ? AND ticker IS NULL"
                )
                .execute(arguments: [ticker, now, id])
            }
            return .known(id)
        }
        try db.cachedStatement(
            sql: "INSERT INTO entities (type, name, ticker, inserted_at, updated_at) VALUES (?, ?, ?, ?, ?)"
        ).execute(arguments: [key.type, key.name, ticker, now, now])
        return .new(db.lastInsertedRowID)
    }
}
