/// A step of ingestion that has a status of its own for every content.
public enum Phase: String, Sendable, Hashable, CaseIterable, Codable, CodingKeyRepresentable {
    /// Which language a text is in: at ingestion.
    case language
    /// Names that are nearly sure, from a dictionary: at ingestion.
    case entities
    /// Every enabled model's verdict. Its status is that of the verdicts.
    case sentiment
    /// More names, from a statistical recogniser.
    case ner
    /// Which names are one entity. Follows `ner`.
    case resolve
    /// What the collection is about.
    case topics
    /// Contents that tell the same.
    case stories
    /// Figures per source and across sources, exported. It is about sources: no content has a status of it.
    case analytics

    /// Those that run while contents are read.
    public static let fast: [Phase] = [.language, .entities]
    /// Those that look at one text at a time, through `priv/ml/phase.py`.
    public static let text: [Phase] = [.language, .entities, .ner]
    /// Those that look at all contents at once.
    public static let corpus: [Phase] = [.topics, .stories]
    /// Those whose status is in `content_phases`.
    public static let recorded: [Phase] = [.language, .entities, .ner, .resolve, .topics, .stories]

    /// The phase that a content must have been through before.
    public var prerequisite: Phase? { self == .resolve ? .ner : nil }
}
