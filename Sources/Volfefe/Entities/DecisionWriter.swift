import Foundation
import GRDB

/// What was done to names and entities.
public enum DecisionAction: String, Sendable, Hashable, CaseIterable, Codable {
    case new, merge, review, accept, reject, split, rename, undo
}

/// Changes names and entities in the caller's transaction, and writes down what each was before: one batch.
///
/// Whoever undoes a batch goes through its rows backwards: names leave an entity before it ends, and come after it began.
struct DecisionWriter {
    private let db: Database
    private let entities: Entities
    private let actor: String
    private let action: DecisionAction
    private let now: Int64
    /// Number of the decision; nil before its first change.
    private(set) var batch: Int64?

    init(_ action: DecisionAction, by actor: String, in db: Database, at now: Date = Date()) {
        self.db = db
        self.actor = actor
        self.action = action
        self.now = now.milliseconds
        entities = Entities(in: db)
    }

    /// Adds an entity and gives its id.
    mutating func create(type: String, name: String, ticker: String? = nil, why: String?) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO entities (type, name, ticker, inserted_at, updated_at) VALUES (?, ?, ?, ?, ?)
                """
        ).execute(arguments: [type, name, ticker, now, now])
        let id = db.lastInsertedRowID
        try log(entity: id, from: nil, to: .active, why: why)
        return id
    }

    /// Moves an entity to another state.
    mutating func change(entity: Int64, to standing: EntityStanding, why: String?) throws {
        guard let before = try entities.standing(entity) else { throw EntityError.noEntity(String(entity)) }
        guard before != standing else { return }
        try db.cachedStatement(sql: "UPDATE entities SET state = ?, merged_into = ?, updated_at = ? WHERE id = ?")
            .execute(arguments: [standing.state.rawValue, standing.mergedInto, now, entity])
        try log(entity: entity, from: before, to: standing, why: why)
    }

    /// Moves a name to another state or entity. Its candidates stay unless there are new ones (JSON).
    mutating func change(
        name: Int64, to standing: NameStanding, score: Double? = nil, why: String?, candidates: String? = nil
    ) throws {
        guard let before = try entities.standing(ofName: name) else { throw EntityError.noName(String(name)) }
        try db.cachedStatement(
            sql: """
                UPDATE entity_names SET
                    state = :state, entity_id = :entity, score = :score, why = :why,
                    candidates = coalesce(:candidates, candidates),
                    decided_at = iif(:state = 'open', NULL, :now)
                WHERE id = :name
                """
        ).execute(arguments: [
            "state": standing.state.rawValue, "entity": standing.entity, "score": score, "why": why,
            "candidates": candidates, "now": now, "name": name,
        ])
        guard before != standing else { return }
        try log(name: name, from: before, to: standing, score: score, why: why)
    }

    // MARK: - The log

    private mutating func log(entity: Int64, from: EntityStanding?, to: EntityStanding, why: String?) throws {
        try log([
            "name": nil, "entity": entity, "from_state": from?.state.rawValue, "to_state": to.state.rawValue,
            "from_entity": from?.mergedInto, "to_entity": to.mergedInto, "score": nil, "why": why,
        ])
    }

    private mutating func log(
        name: Int64, from: NameStanding, to: NameStanding, score: Double?, why: String?
    ) throws {
        try log([
            "name": name, "entity": nil, "from_state": from.state.rawValue, "to_state": to.state.rawValue,
            "from_entity": from.entity, "to_entity": to.entity, "score": score, "why": why,
        ])
    }

    private mutating func log(_ change: StatementArguments) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO entity_decisions
                    (batch, decided_at, actor, action, name_id, entity_id, from_state, to_state, from_entity, to_entity, score, why)
                VALUES (
                    -- The number of a decision is the id of its first row, which is the next that AUTOINCREMENT gives.
                    coalesce(:batch, (SELECT seq + 1 FROM sqlite_sequence WHERE name = 'entity_decisions'), 1),
                    :now, :actor, :action, :name, :entity, :from_state, :to_state, :from_entity, :to_entity, :score, :why)
                """
        ).execute(
            arguments: change &+ ["batch": batch, "now": now, "actor": actor, "action": action.rawValue])
        if batch == nil { batch = db.lastInsertedRowID }
    }
}
