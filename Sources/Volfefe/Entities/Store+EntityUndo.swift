import Foundation
import GRDB

extension Store {
    /// Takes a decision back: every name and entity that it changed becomes what it was before. That is a decision too, and can
    /// itself be taken back.
    ///
    /// Decisions may be taken back in any order, as long as what they changed is as they left it. Throws `EntityError.refused`
    /// with the decision that stands in the way otherwise. A name on which a phase had decided goes to review, so that the phase
    /// does not decide the same again.
    public func undo(_ decision: Int64, by actor: String) async throws -> EntityDecision {
        try await write { db in try Undoing(decision, by: actor, in: db).run() }
    }
}

/// The statements of one `undo`.
private struct Undoing {
    private let db: Database
    private let entities: Entities
    private let batch: Int64
    private let actor: String
    private let why: String

    init(_ batch: Int64, by actor: String, in db: Database) {
        self.db = db
        self.batch = batch
        self.actor = actor
        why = "decision \(batch) was taken back"
        entities = Entities(in: db)
    }

    func run() throws -> EntityDecision {
        let rows = try Row.fetchAll(
            db, sql: "SELECT * FROM entity_decisions WHERE batch = ? ORDER BY id DESC", arguments: [batch]
        ).map(LoggedDecision.init)
        guard let first = rows.first else { throw EntityError.noDecision(batch) }
        if let undoneBy = first.undoneBy {
            throw EntityError.refused("decision \(batch) was taken back already, by decision \(undoneBy).")
        }
        var writer = DecisionWriter(.undo, by: actor, in: db)
        for row in rows {
            if let name = row.nameID {
                try restore(name: name, row, &writer)
            } else if let entity = row.entityID {
                try restore(entity: entity, row, &writer)
            }
        }
        try db.execute(
            sql: "UPDATE entity_decisions SET undone_by = ? WHERE batch = ?", arguments: [writer.batch, batch])
        // Whoever takes back that something was taken back lets it stand again.
        try db.execute(sql: "UPDATE entity_decisions SET undone_by = NULL WHERE undone_by = ?", arguments: [batch])
        let names = rows.reversed().compactMap(\.nameID)
        let owners = try Set(names.map { try entities.standing(ofName: $0)?.entity })
        return EntityDecision(
            decision: writer.batch, action: .undo, names: names, entity: owners.count == 1 ? owners.first ?? nil : nil)
    }

    // MARK: - Names

    private func restore(name: Int64, _ row: LoggedDecision, _ writer: inout DecisionWriter) throws {
        let left = NameStanding(state: NameState(rawValue: row.toState ?? "") ?? .open, entity: row.toEntity)
        guard try entities.standing(ofName: name) == left else {
            throw try inTheWay("name \(name)", of: "name_id", name)
        }
        let before = NameState(rawValue: row.fromState ?? "") ?? .open
        // Open again, it would be decided on again, in the same way.
        guard before != .open || !row.isOfPhase else {
            let candidates = try row.toEntity.map { entity in
                try NameCandidate.Stored.json([
                    .init(entity_id: entity, score: row.score ?? 1, why: row.why ?? "it was linked to it")
                ])
            }
            return try writer.change(name: name, to: .review, why: why, candidates: candidates)
        }
        if let entity = row.fromEntity, try entities.standing(entity) != .active {
            throw try inTheWay("entity \(try entities.label(entity))", of: "entity_id", entity)
        }
        let reason = try Row.fetchOne(
            db,
            sql: """
                SELECT score, why
                FROM entity_decisions
                WHERE name_id = :name AND id < :id AND to_state = :state AND to_entity IS :entity
                ORDER BY id DESC
                LIMIT 1
                """,
            arguments: ["name": name, "id": row.id, "state": before.rawValue, "entity": row.fromEntity])
        try writer.change(
            name: name, to: NameStanding(state: before, entity: row.fromEntity), score: reason?["score"],
            why: reason?["why"])
    }

    // MARK: - Entities

    private func restore(entity: Int64, _ row: LoggedDecision, _ writer: inout DecisionWriter) throws {
        let left = EntityStanding(state: EntityState(rawValue: row.toState ?? "") ?? .active, mergedInto: row.toEntity)
        guard try entities.standing(entity) == left else {
            throw try inTheWay("entity \(try entities.label(entity))", of: "entity_id", entity)
        }
        // What did not exist before is rejected: the log still tells of it.
        let state = row.fromState.flatMap(EntityState.init(rawValue:)) ?? .rejected
        if state != .active { try requireUnused(entity) }
        if let into = row.fromEntity, try entities.standing(into) != .active {
            throw try inTheWay("entity \(try entities.label(into))", of: "entity_id", into)
        }
        try writer.change(entity: entity, to: EntityStanding(state: state, mergedInto: row.fromEntity), why: why)
    }

    /// Refuses to end an entity that has got names, or other entities, by later decisions.
    private func requireUnused(_ entity: Int64) throws {
        if let name = try entities.names(of: entity).first {
            throw try inTheWay("name \(name.id) (\(name.name))", of: "name_id", name.id)
        }
        let merged = try Int64.fetchOne(db, sql: "SELECT id FROM entities WHERE merged_into = ?", arguments: [entity])
        if let merged { throw try inTheWay("entity \(try entities.label(merged))", of: "entity_id", merged) }
    }

    // MARK: - Refusals

    /// Names the last decision on a name or an entity, which has to be taken back first.
    private func inTheWay(_ what: String, of column: String, _ id: Int64) throws -> EntityError {
        let later = try Row.fetchOne(
            db,
            sql: """
                SELECT batch, action, actor
                FROM entity_decisions
                WHERE \(column) = ? AND batch <> ? AND undone_by IS NULL
                ORDER BY id DESC
                LIMIT 1
                """, arguments: [id, batch])
        guard let later else {
            return .refused("\(what) is no longer as decision \(batch) left it; nothing was taken back.")
        }
        let number: Int64 = later["batch"]
        return .refused(
            "decision \(number) (\(later["action"] as String), by \(later["actor"] as String)) stands in the way: it has changed "
                + "\(what) since. Take that back first: volfefe entities undo \(number)")
    }
}
