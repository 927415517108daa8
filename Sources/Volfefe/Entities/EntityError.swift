/// Why something cannot be decided about entities. Nothing of the decision was stored.
public enum EntityError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No entity has this id or name.
    case noEntity(String)
    /// Several entities have this name; each as id, type and name.
    case severalEntities(String, [String])
    /// No name has this id.
    case noName(String)
    /// The entity does not have this name; those that it has, each as id and name.
    case notAmongNames(String, entity: Int64, [String])
    /// No decision has this number.
    case noDecision(Int64)
    /// A name is like several entities, each as id and name: one has to be chosen.
    case severalCandidates(name: Int64, [String])
    /// The decision contradicts what is stored; a full sentence.
    case refused(String)

    /// A full sentence that says what to do next.
    public var description: String {
        switch self {
        case .noEntity(let entity):
            "there is no entity \(entity); volfefe entities list --search WORD finds those that there are."
        case .severalEntities(let name, let found):
            "several entities are called \"\(name)\": \(found.joined(separator: ", ")). Name one by its id."
        case .noName(let name):
            "there is no name \(name); volfefe entities conflicts and volfefe entities show ENTITY list names with their ids."
        case .notAmongNames(let name, let entity, let known):
            "\(name) is no name of entity \(entity); it has: \(known.joined(separator: ", "))."
        case .noDecision(let batch):
            "there is no decision \(batch); volfefe entities log lists them."
        case .severalCandidates(let name, let candidates):
            "name \(name) is like several entities: \(candidates.joined(separator: ", ")). Choose with --into ID, or say --new."
        case .refused(let sentence): sentence
        }
    }

    /// Exit status of a command that ends with this error.
    public var exitCode: Int32 {
        switch self {
        case .noEntity, .noName, .notAmongNames, .noDecision: 66
        case .severalEntities, .severalCandidates: 64
        case .refused: 1
        }
    }
}
