import Foundation
import GRDB

/// An entity that a name in review may be.
public struct NameCandidate: Sendable, Hashable, Codable {
    /// The entity, as it is today.
    public var entityID: Int64
    /// Its name.
    public var name: String
    /// company, organisation, person, place or asset.
    public var type: EntityType
    /// How alike the names are, 0…1.
    public var score: Double
    /// The rule that said so.
    public var why: String

    enum CodingKeys: String, CodingKey {
        case name, type, score, why
        case entityID = "entity_id"
    }

    /// One as `entity_names.candidates` has it.
    struct Stored: Codable {
        var entity_id: Int64
        var score: Double
        var why: String

        /// A list of them as the column holds it.
        static func json(_ candidates: [Stored]) throws -> String {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(candidates), as: UTF8.self)
        }
    }

    /// What a name may be, best first. What was merged since is what it was merged into; what was rejected is left out.
    static func current(of name: Int64, in db: Database) throws -> [NameCandidate] {
        let json = try String.fetchOne(db, sql: "SELECT candidates FROM entity_names WHERE id = ?", arguments: [name])
        return try current(json, in: db)
    }

    /// The same from the column.
    static func current(_ json: String?, in db: Database) throws -> [NameCandidate] {
        guard let json, let stored = try? JSONDecoder().decode([Stored].self, from: Data(json.utf8)) else { return [] }
        let entities = Entities(in: db)
        var seen: Set<Int64> = []
        return try stored.compactMap { candidate in
            let today = try entities.today(candidate.entity_id)
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT name, type FROM entities WHERE id = ? AND state = 'active'"),
                arguments: [today])
            guard let row, let type = EntityType(rawValue: row["type"]), seen.insert(today).inserted else { return nil }
            return NameCandidate(
                entityID: today, name: row["name"], type: type, score: candidate.score, why: candidate.why)
        }
    }
}
