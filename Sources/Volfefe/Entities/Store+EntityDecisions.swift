import Foundation
import GRDB

/// A decision that was stored.
public struct EntityDecision: Sendable, Hashable, Codable {
    /// Its number, for `undo`; nil when nothing had to be changed.
    public var decision: Int64?
    /// What was done.
    public var action: DecisionAction
    /// The names whose state or entity it changed.
    public var names: [Int64]
    /// The entity that they belong to now; nil where they belong to none, or to several.
    public var entity: Int64?

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(decision, forKey: .decision)
        try container.encode(action, forKey: .action)
        try container.encode(names, forKey: .names)
        try container.encode(entity, forKey: .entity)
    }
}

/// What a name in review turns out to be.
public enum NameTarget: Sendable, Hashable {
    /// The only entity that it is like, or one of its own when it is like none.
    case candidate
    /// This entity.
    case entity(EntityReference)
    /// An entity of its own.
    case new
}

extension Store {
    /// Gives the names of `others` to `entity`, which keeps its name; the others become merged.
    public func merge(
        _ others: [EntityReference], into entity: EntityReference, by actor: String
    ) async throws -> EntityDecision {
        try await write { db in
            let entities = Entities(in: db)
            let target = try entity.find(in: db)
            try entities.requireActive(target)
            var writer = DecisionWriter(.merge, by: actor, in: db)
            var moved: [Int64] = []
            for other in others {
                let source = try other.find(in: db)
                guard source != target else {
                    throw EntityError.refused("entity \(try entities.label(source)) cannot be merged into itself.")
                }
                try entities.requireActive(source)
                for name in try entities.names(of: source) {
                    try writer.change(name: name.id, to: .linked(to: target), why: "merged by hand")
                    moved.append(name.id)
                }
                try writer.change(entity: source, to: .merged(into: target), why: "merged by hand")
            }
            return EntityDecision(decision: writer.batch, action: .merge, names: moved, entity: target)
        }
    }

    /// Lets names leave an entity for a new one, which is called `title` or, without one, like the first of them.
    ///
    /// A name is given by its id or as it is spelled.
    public func split(
        _ entity: EntityReference, names: [String], as title: String? = nil, by actor: String
    ) async throws -> EntityDecision {
        try await write { db in
            let entities = Entities(in: db)
            let source = try entity.find(in: db)
            try entities.requireActive(source)
            let known = try entities.names(of: source)
            let leaving = try names.flatMap { name in
                let found = known.filter { $0.name.lowercased() == name.lowercased() || String($0.id) == name }
                guard !found.isEmpty else {
                    throw EntityError.notAmongNames(
                        "\"\(name)\"", entity: source, known.map { "\($0.id) (\($0.name))" })
                }
                return found
            }
            let ids = Set(leaving.map(\.id))
            guard ids.count < known.count, let first = leaving.first else {
                throw EntityError.refused(
                    "all names of entity \(try entities.label(source)) would leave it; leave at least one behind.")
            }
            let type = try String.fetchOne(db, sql: "SELECT type FROM entity_names WHERE id = ?", arguments: [first.id])
            var writer = DecisionWriter(.split, by: actor, in: db)
            let made = try writer.create(
                type: type ?? EntityType.organisation.rawValue, name: title?.withoutNUL ?? first.name,
                why: "split from \(try entities.label(source))")
            for id in ids.sorted() {
                try writer.change(
                    name: id, to: .linked(to: made), why: "split from \(try entities.label(source))")
            }
            return EntityDecision(decision: writer.batch, action: .split, names: ids.sorted(), entity: made)
        }
    }

    /// Links names to an entity, all or none of them.
    public func accept(_ names: [Int64], as target: NameTarget, by actor: String) async throws -> [EntityDecision] {
        try await write { db in
            try names.map { name in
                var writer = DecisionWriter(.accept, by: actor, in: db)
                let entity = try Accepting(name, in: db).entity(for: target, &writer)
                return EntityDecision(
                    decision: writer.batch, action: .accept, names: writer.batch == nil ? [] : [name], entity: entity)
            }
        }
    }

    /// Writes down that names name nothing, all or none of them. An entity that loses its last name goes with it.
    public func reject(names: [Int64], by actor: String) async throws -> EntityDecision {
        try await write { db in
            let entities = Entities(in: db)
            var writer = DecisionWriter(.reject, by: actor, in: db)
            var rejected: [Int64] = []
            for name in names {
                guard let before = try entities.standing(ofName: name) else { throw EntityError.noName(String(name)) }
                guard before != .rejected else { continue }
                try writer.change(name: name, to: .rejected, why: "rejected by hand")
                rejected.append(name)
                if let entity = before.entity, try entities.names(of: entity).isEmpty {
                    try writer.change(entity: entity, to: .rejected, why: "it has no name left")
                }
            }
            return EntityDecision(decision: writer.batch, action: .reject, names: rejected, entity: nil)
        }
    }

    /// Writes down that an entity is none, nor any of its names a name.
    public func reject(_ entity: EntityReference, by actor: String) async throws -> EntityDecision {
        try await write { db in
            let entities = Entities(in: db)
            let id = try entity.find(in: db)
            try entities.requireActive(id)
            var writer = DecisionWriter(.reject, by: actor, in: db)
            let names = try entities.names(of: id).map(\.id)
            for name in names { try writer.change(name: name, to: .rejected, why: "rejected by hand") }
            try writer.change(entity: id, to: .rejected, why: "rejected by hand")
            return EntityDecision(decision: writer.batch, action: .reject, names: names, entity: nil)
        }
    }
}

/// A name that is to be linked.
private struct Accepting {
    private let db: Database
    private let name: Int64
    private let entities: Entities

    init(_ name: Int64, in db: Database) {
        self.db = db
        self.name = name
        entities = Entities(in: db)
    }

    /// Links the name, and gives the entity that it belongs to now.
    func entity(for target: NameTarget, _ writer: inout DecisionWriter) throws -> Int64 {
        guard let before = try entities.standing(ofName: name) else { throw EntityError.noName(String(name)) }
        let chosen = try choose(target, before)
        guard chosen == nil || chosen != before.entity else { return chosen ?? 0 }
        if let former = before.entity, try entities.names(of: former).count == 1 {
            throw EntityError.refused(
                "name \(name) is the only one of entity \(try entities.label(former)); volfefe entities merge makes that entity "
                    + "and another one the same.")
        }
        let entity = try chosen ?? create(&writer)
        try writer.change(name: name, to: .linked(to: entity), why: "accepted by hand")
        return entity
    }

    /// The entity to link to; nil for a new one.
    private func choose(_ target: NameTarget, _ before: NameStanding) throws -> Int64? {
        switch target {
        case .new: return nil
        case .entity(let reference):
            let entity = try entities.today(reference.find(in: db))
            try entities.requireActive(entity)
            return entity
        case .candidate:
            if let entity = before.entity { return entity }
            let candidates = try NameCandidate.current(of: name, in: db)
            guard candidates.count < 2 else {
                throw EntityError.severalCandidates(name: name, candidates.map { "\($0.entityID) (\($0.name))" })
            }
            return candidates.first?.entityID
        }
    }

    private func create(_ writer: inout DecisionWriter) throws -> Int64 {
        let row = try Row.fetchOne(db, sql: "SELECT type, name FROM entity_names WHERE id = ?", arguments: [name])
        guard let row else { throw EntityError.noName(String(name)) }
        return try writer.create(type: row["type"], name: row["name"], why: "accepted by hand")
    }
}
