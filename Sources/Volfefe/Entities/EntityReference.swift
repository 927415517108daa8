import GRDB

/// An entity as a person names it: by its id, its name or one of its other names.
public enum EntityReference: Sendable, Hashable, CustomStringConvertible {
    case id(Int64)
    case name(String)

    /// Digits are an id, anything else a name.
    public init(_ text: String) {
        self = Int64(text).map(EntityReference.id) ?? .name(text)
    }

    /// As it was written.
    public var description: String {
        switch self {
        case .id(let id): String(id)
        case .name(let name): "\"\(name)\""
        }
    }

    /// The id of the entity. A name is looked for among active entities: their own names first, then their tickers and other
    /// names; case does not matter.
    ///
    /// Throws `EntityError` when there is none, or several.
    func find(in db: Database) throws -> Int64 {
        switch self {
        case .id(let id):
            guard try Entities(in: db).standing(id) != nil else { throw EntityError.noEntity(description) }
            return id
        case .name(let name):
            for search in [Self.byName, Self.byOtherNames] {
                let found = try Row.fetchAll(db, sql: search, arguments: ["name": name.withoutNUL])
                if found.count == 1 { return found[0]["id"] }
                if found.count > 1 {
                    throw EntityError.severalEntities(
                        name, found.map { "\($0["id"] as Int64) (\($0["type"] as String) \($0["name"] as String))" })
                }
            }
            throw EntityError.noEntity(description)
        }
    }

    private static let byName = """
        SELECT e.id, e.type, e.name
        FROM entities AS e
        WHERE e.state = 'active' AND e.name = :name COLLATE NOCASE
        ORDER BY e.id
        """

    private static let byOtherNames = """
        SELECT e.id, e.type, e.name
        FROM entities AS e
        WHERE e.state = 'active'
            AND (e.ticker = :name COLLATE NOCASE
                OR e.id IN (SELECT n.entity_id FROM entity_names AS n WHERE n.name = :name COLLATE NOCASE))
        ORDER BY e.id
        """
}
