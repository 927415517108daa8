import Foundation
import GRDB

/// Where entities and names stand, read in the caller's transaction.
struct Entities {
    let db: Database

    init(in db: Database) { self.db = db }

    /// Where an entity stands; nil when there is none.
    func standing(_ entity: Int64) throws -> EntityStanding? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT state, merged_into FROM entities WHERE id = ?"), arguments: [entity]
        ).map { row in
            EntityStanding(state: EntityState(rawValue: row["state"]) ?? .active, mergedInto: row["merged_into"])
        }
    }

    /// Where a name stands; nil when there is none.
    func standing(ofName name: Int64) throws -> NameStanding? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT state, entity_id FROM entity_names WHERE id = ?"), arguments: [name]
        ).map { row in NameStanding(state: NameState(rawValue: row["state"]) ?? .open, entity: row["entity_id"]) }
    }

    /// Names of an entity: id and name, oldest first.
    func names(of entity: Int64) throws -> [(id: Int64, name: String)] {
        try Row.fetchAll(
            db, sql: "SELECT id, name FROM entity_names WHERE entity_id = ? ORDER BY id", arguments: [entity]
        ).map { ($0["id"], $0["name"]) }
    }

    /// What the entity is today: itself, or what it was merged into, however often.
    func today(_ entity: Int64) throws -> Int64 {
        var entity = entity
        while let into = try standing(entity)?.mergedInto { entity = into }
        return entity
    }

    /// `3 (Nike)`
    func label(_ entity: Int64) throws -> String {
        let name = try String.fetchOne(db, sql: "SELECT name FROM entities WHERE id = ?", arguments: [entity])
        return "\(entity) (\(name ?? "gone"))"
    }

    /// Refuses an entity that names cannot be linked to.
    func requireActive(_ entity: Int64) throws {
        switch try standing(entity) {
        case nil: throw EntityError.noEntity(String(entity))
        case .some(let standing) where standing.state == .active: return
        case .some(let standing):
            let into = try standing.mergedInto.map { " into \(try label($0))" } ?? ""
            throw EntityError.refused(
                "entity \(try label(entity)) is \(standing.state.rawValue)\(into); volfefe entities log --entity \(entity) says "
                    + "by which decision, and volfefe entities undo takes that back.")
        }
    }
}
