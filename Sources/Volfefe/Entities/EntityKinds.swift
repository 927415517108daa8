/// What sort of thing an entity is.
public enum EntityType: String, Sendable, Hashable, CaseIterable, Codable {
    case company, organisation, person, place
    /// An index, a coin, a ticker that the dictionary lacks.
    case asset
}

/// What has become of an entity.
public enum EntityState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Names may be linked to it. May become any other.
    case active
    /// It is another one, which has its names. Taken back it is active.
    case merged
    /// It is no thing at all, and has no names. Taken back it is active.
    case rejected
}

/// What has become of a name that a phase has found.
public enum NameState: String, Sendable, Hashable, CaseIterable, Codable {
    /// Nobody has looked at it yet. Becomes any other.
    case open
    /// It is a name of an entity.
    case linked
    /// A person has to decide.
    case review
    /// It names nothing, whenever it is found.
    case rejected
}

/// Where a name stands: its state, and the entity that it names where it is linked.
struct NameStanding: Equatable {
    var state: NameState
    var entity: Int64?

    static let open = NameStanding(state: .open, entity: nil)
    static let review = NameStanding(state: .review, entity: nil)
    static let rejected = NameStanding(state: .rejected, entity: nil)
    static func linked(to entity: Int64) -> NameStanding { NameStanding(state: .linked, entity: entity) }
}

/// Where an entity stands: its state, and what it was merged into.
struct EntityStanding: Equatable {
    var state: EntityState
    var mergedInto: Int64?

    static let active = EntityStanding(state: .active, mergedInto: nil)
    static let rejected = EntityStanding(state: .rejected, mergedInto: nil)
    static func merged(into entity: Int64) -> EntityStanding { EntityStanding(state: .merged, mergedInto: entity) }
}
