/// Which contents to classify.
public enum Selection: Sendable, Hashable {
    /// These, as asked for by a person; ids that do not exist are reported.
    case ids([Int64])
    /// The first so many, by id, that still miss a verdict.
    case limit(Int)
    /// Every content.
    case all
    /// These, as they come from an ingestion.
    case contents([Int64])

    /// The ids it names, ascending and each once; nil when it names none.
    var sortedIDs: [Int64]? {
        switch self {
        case .ids(let ids), .contents(let ids): Set(ids).sorted()
        case .limit, .all: nil
        }
    }

    /// How many contents it has at most.
    var limit: Int {
        if case .limit(let limit) = self { return max(limit, 0) }
        return .max
    }
}

/// A content with the models that still owe it a verdict.
public struct WorkItem: Sendable, Hashable {
    /// Its id.
    public var contentID: Int64
    /// Its text, never empty.
    public var text: String
    /// Version of that text.
    public var textVersion: Int
    /// Ids of the models to run, in the order that was asked for.
    public var missing: [String]
}

/// How much there is to do.
public struct WorkPlan: Sendable, Hashable {
    /// Contents that miss at least one verdict.
    public var contents: Int
    /// Verdicts that are missing: pairs of content and model.
    public var cells: Int
    /// Contents of the selection that have no text; with a limit they are not counted.
    public var withoutText: Int
    /// Ids of the selection that do not exist, ascending.
    public var unknownIDs: [Int64]
}
