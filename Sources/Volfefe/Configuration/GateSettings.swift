/// What the gates compare with: `gates:` of the settings.
public struct GateSettings: Sendable, Hashable {
    /// Fields that every content must have, where its source does not say otherwise; names of `FieldMapping.Field`.
    public var required: [String]
    /// Thresholds by gate.
    public var thresholds: GateThresholds

    /// Creates settings.
    public init(required: [String] = ["published_at"], thresholds: GateThresholds = GateThresholds()) {
        self.required = required
        self.thresholds = thresholds
    }
}

/// Thresholds by gate, in the gate's unit; a gate that is off has none.
public struct GateThresholds: Codable, Sendable, Hashable {
    /// Those that are given.
    public var values: [Gate: Double]
    /// Gates that are off.
    public var off: Set<Gate>

    /// Creates thresholds.
    public init(_ values: [Gate: Double] = [:], off: Set<Gate> = []) {
        self.values = values
        self.off = off
    }

    /// Whether nothing is said about any gate.
    public var isEmpty: Bool { values.isEmpty && off.isEmpty }

    /// The gates that something is said about.
    public var gates: [Gate] { Gate.allCases.filter { values[$0] != nil || off.contains($0) } }
}

extension Configuration {
    /// The threshold of a gate, for one source or for all; nil when it is off.
    public func threshold(_ gate: Gate, source: String? = nil) -> Double? {
        if let own = source.flatMap({ sources[$0]?.thresholds }) {
            if own.off.contains(gate) { return nil }
            if let value = own.values[gate] { return value }
        }
        return gates.thresholds.off.contains(gate) ? nil : gates.thresholds.values[gate]
    }

    /// The fields that contents of a source must have.
    public func requiredFields(source: String) -> [String] { sources[source]?.required ?? gates.required }
}
