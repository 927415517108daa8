import Foundation

/// How far a phase has come on the contents that it is on for.
public struct PhaseStatus: Encodable, Sendable, Hashable {
    /// Whether it runs.
    public enum Switch: String, Encodable, Sendable, Hashable {
        case on, off
        /// On for some of the sources.
        case some
    }

    /// The phase.
    public var phase: Phase
    /// Whether the settings have it on.
    public var state: Switch
    /// Contents that it is to look at: those with a text, of `resolve` those that `ner` has looked at. Nil for `analytics`, which is
    /// about sources.
    public var due: Int?
    /// Contents that it has been through at their current text.
    public var done: Int?
    /// Contents that it has failed on for good, or until it is run again: those of sentiment that miss nothing but failures.
    public var failed: Int?
    /// Contents per second between the commits of the last minute in which it finished any; nil for fewer than two commits.
    public var rate: Double?
    /// When it last finished a content.
    public var lastAt: Date?

    /// Creates a status.
    public init(
        _ phase: Phase, _ state: Switch, due: Int? = nil, done: Int? = nil, failed: Int? = nil, rate: Double? = nil,
        lastAt: Date? = nil
    ) {
        self.phase = phase
        self.state = state
        self.due = due
        self.done = done
        self.failed = failed
        self.rate = rate
        self.lastAt = lastAt
    }

    /// Contents that it still has to see, or will try again.
    public var pending: Int? {
        guard let due, let done, let failed else { return nil }
        return max(due - done - failed, 0)
    }

    /// Done ÷ due; nil where nothing is due.
    public var coverage: Double? {
        guard let due, let done, due > 0 else { return nil }
        return Double(done) / Double(due)
    }

    /// Seconds until nothing is pending at that rate; nil when nothing is known or nothing is left.
    public var secondsLeft: Double? {
        guard let rate, rate > 0, let pending, pending > 0 else { return nil }
        return Double(pending) / rate
    }

    enum CodingKeys: String, CodingKey {
        case phase, state, due, done, pending, failed, coverage, rate
        case secondsLeft = "eta_s"
        case lastAt = "last_at"
    }

    /// Writes everything, with `null` where nothing is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(phase, forKey: .phase)
        try container.encode(state, forKey: .state)
        try container.encode(due, forKey: .due)
        try container.encode(done, forKey: .done)
        try container.encode(pending, forKey: .pending)
        try container.encode(failed, forKey: .failed)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(rate, forKey: .rate)
        try container.encode(secondsLeft, forKey: .secondsLeft)
        try container.encode(lastAt, forKey: .lastAt)
    }
}

/// What has been counted of the phases, by source, and what follows from it. Pure.
struct PhaseCounts {
    /// Of one source and phase.
    struct Ended {
        var done = 0
        var failed = 0
        var lastAt: Date?
    }

    /// When a commit was, and the contents that it finished.
    struct Commit {
        var at: Date
        var contents: Int
    }

    /// Source → contents with a text.
    var due: [String: Int] = [:]
    /// Phase → source → what has ended.
    var ended: [Phase: [String: Ended]] = [:]
    /// Phase → commits of its last minute, oldest first.
    var commits: [Phase: [Commit]] = [:]
    /// When the figures of `analytics` were last computed.
    var computedAt: Date?

    /// How far a phase has come on the sources that it is on for.
    func status(_ phase: Phase, isOn: (_ source: String?) -> Bool) -> PhaseStatus {
        let sources = due.keys.sorted()
        let on = sources.filter { isOn($0) }
        let state: PhaseStatus.Switch =
            sources.isEmpty ? (isOn(nil) ? .on : .off) : on.isEmpty ? .off : on.count < sources.count ? .some : .on
        guard phase != .analytics else { return PhaseStatus(phase, state, lastAt: computedAt) }
        var status = PhaseStatus(phase, state, due: 0, done: 0, failed: 0, rate: rate(phase))
        for source in on {
            let own = ended[phase]?[source] ?? Ended()
            status.due = (status.due ?? 0) + dueCount(phase, source)
            status.done = (status.done ?? 0) + own.done
            status.failed = (status.failed ?? 0) + own.failed
            status.lastAt = [status.lastAt, own.lastAt].compactMap { $0 }.max()
        }
        return status
    }

    private func dueCount(_ phase: Phase, _ source: String) -> Int {
        phase.prerequisite.map { ended[$0]?[source]?.done ?? 0 } ?? due[source] ?? 0
    }

    /// What came after the first commit, by the time since it.
    private func rate(_ phase: Phase) -> Double? {
        guard let commits = commits[phase], let first = commits.first, let last = commits.last, last.at > first.at
        else {
            return nil
        }
        return Double(commits.dropFirst().reduce(0) { $0 + $1.contents }) / last.at.timeIntervalSince(first.at)
    }
}
