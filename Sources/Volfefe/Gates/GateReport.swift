import Foundation

/// What has been measured for a gate.
public struct GateReading: Sendable, Hashable {
    /// The gate.
    public var gate: Gate
    /// Of one source's contents; nil: of all.
    public var source: String?
    /// In the gate's unit; nil when there is nothing to judge yet.
    public var value: Double?
    /// Why there is no value, or what it counts.
    public var why: String?

    /// Creates a reading.
    public init(_ gate: Gate, source: String? = nil, value: Double?, why: String? = nil) {
        self.gate = gate
        self.source = source
        self.value = value
        self.why = why
    }
}

/// What a gate says.
public struct GateReport: Encodable, Sendable, Hashable {
    /// What the value is, compared with the threshold.
    public enum Verdict: String, Codable, Sendable, Hashable {
        case pass, fail
        /// There is nothing to judge yet.
        case unknown
    }

    /// The gate.
    public var gate: Gate
    /// Of one source's contents; nil: of all.
    public var source: String?
    /// In the gate's unit; nil when there is nothing to judge yet.
    public var value: Double?
    /// What passes: at least this of a share, at most this of anything else.
    public var threshold: Double
    /// Whether it does.
    public var verdict: Verdict
    /// Why there is no value, or what it counts.
    public var why: String?
    /// Since when the verdict has been this one, as far as anybody has looked.
    public var changedAt: Date

    /// The report that `reading` makes. Pure.
    public init(_ reading: GateReading, threshold: Double, changedAt: Date) {
        gate = reading.gate
        source = reading.source
        value = reading.value
        self.threshold = threshold
        verdict = Self.verdict(reading.gate, reading.value, threshold)
        why = reading.why
        self.changedAt = changedAt
    }

    /// A share passes from the threshold on, anything else up to it; both ends pass.
    static func verdict(_ gate: Gate, _ value: Double?, _ threshold: Double) -> Verdict {
        guard let value else { return .unknown }
        return (gate.isLeast ? value >= threshold : value <= threshold) ? .pass : .fail
    }

    enum CodingKeys: String, CodingKey {
        case gate, source, value, threshold, verdict, why
        case changedAt = "since"
    }

    /// Writes everything, with `null` where nothing is known.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(gate, forKey: .gate)
        try container.encode(source, forKey: .source)
        try container.encode(value, forKey: .value)
        try container.encode(threshold, forKey: .threshold)
        try container.encode(verdict, forKey: .verdict)
        try container.encode(why, forKey: .why)
        try container.encode(changedAt, forKey: .changedAt)
    }
}

/// A verdict that is not what it was.
public struct GateChange: Sendable, Hashable {
    /// What the gate says now.
    public var report: GateReport
    /// What it said before; `unknown` when nobody had looked.
    public var previous: GateReport.Verdict
}
