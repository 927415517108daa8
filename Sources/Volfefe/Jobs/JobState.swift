/// Where a job is.
///
/// `scheduled` and `retryable` become `available` at their time; `available` becomes `executing` by a claim; `executing` becomes
/// `completed`, `retryable`, `discarded`, `scheduled` (snoozed), `cancelled`, or `available` again (given back, rescued). A person
/// may cancel or discard what has not ended, and bring back what has.
public enum JobState: String, Sendable, Hashable, Codable, CaseIterable {
    case scheduled, available, executing, retryable, completed, discarded, cancelled

    /// Whether nothing more happens to it by itself.
    public var isFinal: Bool {
        switch self {
        case .completed, .discarded, .cancelled: true
        case .scheduled, .available, .executing, .retryable: false
        }
    }

    /// Whether no other job may have the same unique key meanwhile. A dead letter holds it: it waits for a person.
    var holdsKey: Bool { self != .completed && self != .cancelled }

    /// Whether a person may ask for it to be done again: what has ended, or waits.
    public var canRetry: Bool { self != .executing && self != .available }
}
