/// Something that has to hold of the collection, with a value that is compared with a threshold.
public enum Gate: String, Sendable, Hashable, CaseIterable, Codable, CodingKeyRepresentable {
    /// Share of contents that have every field that their source requires.
    case requiredFields = "required_fields"
    /// Problems in the database: what `volfefe doctor` looks for in it.
    case integrity
    /// Share of contents with a text that have a verdict of every enabled model.
    case sentimentCoverage = "sentiment_coverage"
    /// Coherence of the current topics, (1 + NPMI) / 2.
    case topicCoherence = "topic_coherence"
    /// Lower end of the 95 % interval of the accuracy of entity resolution on labelled pairs.
    case entityResolution = "entity_resolution"
    /// Contents that phases still have to see, and jobs that wait.
    case backlog
    /// Age of the content that has waited longest for a phase, in seconds.
    case oldestPending = "oldest_pending"

    /// What a value is measured in.
    public enum Unit: Sendable, Hashable {
        /// 0…1.
        case share
        /// A whole number.
        case count
        /// Seconds.
        case seconds
    }

    /// What its value and its threshold are measured in.
    public var unit: Unit {
        switch self {
        case .requiredFields, .sentimentCoverage, .topicCoherence, .entityResolution: .share
        case .integrity, .backlog: .count
        case .oldestPending: .seconds
        }
    }

    /// Whether the threshold is the least that passes; else it is the most.
    public var isLeast: Bool { unit == .share }

    /// Whether it can be asked of one source, and not only of the whole.
    public var isPerSource: Bool {
        switch self {
        case .requiredFields, .sentimentCoverage, .backlog, .oldestPending: true
        case .integrity, .topicCoherence, .entityResolution: false
        }
    }
}
