import Foundation
import GRDB

/// A line of the log: a name or an entity that a decision has changed.
public struct LoggedDecision: Sendable, Hashable, Codable {
    /// Number of the line.
    public var id: Int64
    /// Number of the decision, for `undo`.
    public var decision: Int64
    /// When it was made.
    public var decidedAt: Date
    /// A phase, or a person.
    public var actor: String
    /// What was done.
    public var action: DecisionAction
    /// The name that it changed; nil: an entity.
    public var nameID: Int64?
    /// The entity that it changed; nil: a name.
    public var entityID: Int64?
    /// How that name or entity is called; nil where the log was read without.
    public var subject: String?
    /// Its state before, nil when it did not exist; and after.
    public var fromState, toState: String?
    /// The entity that a name belonged to, or that an entity was merged into, before and after.
    public var fromEntity, toEntity: Int64?
    /// Likeness of a name to the entity that it was merged into, 0…1.
    public var score: Double?
    /// The reason, in words.
    public var why: String?
    /// The decision that took it back; nil: it stands.
    public var undoneBy: Int64?

    init(_ row: Row) {
        id = row["id"]
        decision = row["batch"]
        decidedAt = Date(milliseconds: row["decided_at"])
        actor = row["actor"]
        action = DecisionAction(rawValue: row["action"]) ?? .review
        nameID = row["name_id"]
        entityID = row["entity_id"]
        subject = row.hasColumn("subject") ? row["subject"] : nil
        fromState = row["from_state"]
        toState = row["to_state"]
        fromEntity = row["from_entity"]
        toEntity = row["to_entity"]
        score = row["score"]
        why = row["why"]
        undoneBy = row["undone_by"]
    }

    /// Whether a phase decided, not a person.
    var isOfPhase: Bool { Phase(rawValue: actor) != nil }

    enum CodingKeys: String, CodingKey {
        case id, decision, actor, action, subject, score, why
        case decidedAt = "decided_at"
        case nameID = "name_id"
        case entityID = "entity_id"
        case fromState = "from_state"
        case toState = "to_state"
        case fromEntity = "from_entity"
        case toEntity = "to_entity"
        case undoneBy = "undone_by"
    }

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(decision, forKey: .decision)
        try container.encode(decidedAt, forKey: .decidedAt)
        try container.encode(actor, forKey: .actor)
        try container.encode(action, forKey: .action)
        try container.encode(nameID, forKey: .nameID)
        try container.encode(entityID, forKey: .entityID)
        try container.encode(subject, forKey: .subject)
        try container.encode(fromState, forKey: .fromState)
        try container.encode(toState, forKey: .toState)
        try container.encode(fromEntity, forKey: .fromEntity)
        try container.encode(toEntity, forKey: .toEntity)
        try container.encode(score, forKey: .score)
        try container.encode(why, forKey: .why)
        try container.encode(undoneBy, forKey: .undoneBy)
    }
}

/// Which lines of the log are meant.
public struct DecisionFilter: Sendable, Hashable {
    /// Of this name.
    public var name: Int64?
    /// Of this entity: what it was itself, and names that came to it or left it.
    public var entity: Int64?
    /// Of this actor.
    public var actor: String?
    /// Of anybody but the phases.
    public var byPeople: Bool
    /// The newest so many.
    public var limit: Int

    /// Creates a filter; by itself it means the newest fifty of all.
    public init(
        name: Int64? = nil, entity: Int64? = nil, actor: String? = nil, byPeople: Bool = false, limit: Int = 50
    ) {
        self.name = name
        self.entity = entity
        self.actor = actor
        self.byPeople = byPeople
        self.limit = limit
    }
}

extension Store {
    /// The log of decisions about names and entities, newest first.
    public func entityDecisions(_ filter: DecisionFilter) async throws -> [LoggedDecision] {
        try await read { db in try Self.decisions(filter, in: db) }
    }

    static func decisions(_ filter: DecisionFilter, in db: Database) throws -> [LoggedDecision] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT d.*, coalesce(n.name, e.name) AS subject
                FROM entity_decisions AS d
                LEFT JOIN entity_names AS n ON n.id = d.name_id
                LEFT JOIN entities AS e ON e.id = d.entity_id
                WHERE (:name IS NULL OR d.name_id = :name)
                    AND (:entity IS NULL
                        OR d.entity_id = :entity OR d.from_entity = :entity OR d.to_entity = :entity)
                    AND (:actor IS NULL OR d.actor = :actor)
                    AND (NOT :by_people OR d.actor NOT IN (SELECT value FROM json_each(:phases)))
                ORDER BY d.id DESC
                LIMIT :limit
                """,
            arguments: [
                "name": filter.name, "entity": filter.entity, "actor": filter.actor, "by_people": filter.byPeople,
                "phases": "[" + Phase.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]",
                "limit": filter.limit,
            ]
        ).map(LoggedDecision.init)
    }
}
