/// How far the contents of a source have come.
public enum ProcessingLevel: String, Sendable, Hashable, CaseIterable, Encodable {
    /// They are stored and can be queried; phase 1 is not complete.
    case none
    /// Phase 1 is complete: language and the names that are nearly sure.
    case basic
    /// Every model that is on has judged them.
    case sentimentComplete = "sentiment_complete"
    /// Every phase that is on is complete.
    case full

    /// The level that these phases make. A phase is complete when its coverage is `complete` or more; one that is off, or has
    /// nothing to do, keeps nobody back.
    public init(_ phases: [PhaseCoverage], complete: Double) {
        func isComplete(_ names: [Phase]) -> Bool {
            let due = phases.filter { names.contains($0.phase) && $0.isOn && $0.due > 0 }
            return due.allSatisfy { ($0.coverage ?? 0) >= complete }
        }
        let hasText = phases.contains { $0.isOn && $0.due > 0 }
        let isJudged = phases.contains { $0.phase == .sentiment && $0.isOn && $0.due > 0 } && isComplete([.sentiment])
        self =
            switch true {
            case !hasText: .none
            case isComplete(Phase.allCases): .full
            case isJudged: .sentimentComplete
            case isComplete(Phase.fast): .basic
            default: .none
            }
    }
}

/// How many contents have been through a phase.
public struct PhaseCoverage: Sendable, Hashable, Encodable {
    /// The phase.
    public var phase: Phase
    /// Whether the settings have it on, for any of the sources.
    public var isOn: Bool
    /// Contents with a text, of the sources that have it on.
    public var due: Int
    /// Those that have been through it as they are now. Of `sentiment`: that every model which is on has judged.
    public var done: Int
    /// Those on which it failed last.
    public var failed: Int
    /// Why nothing is due; nil when something is.
    public var reason: String?

    /// Neither done nor failed.
    public var pending: Int { max(due - done - failed, 0) }
    /// done ÷ due; nil where nothing is due.
    public var coverage: Double? { due > 0 ? Double(done) / Double(due) : nil }

    enum CodingKeys: String, CodingKey {
        case phase, due, done, failed, pending, coverage, reason
        case isOn = "on"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(phase, forKey: .phase)
        try container.encode(isOn, forKey: .isOn)
        try container.encode(due, forKey: .due)
        try container.encode(done, forKey: .done)
        try container.encode(failed, forKey: .failed)
        try container.encode(pending, forKey: .pending)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(reason, forKey: .reason)
    }
}
