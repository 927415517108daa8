/// What metrics are about, and what counts as complete.
public struct MetricsScope: Sendable {
    /// Only this source; nil: every source, and all together.
    public var source: String?
    /// The models that are on, with the versions that count for coverage.
    public var enabledModels: [(id: String, version: String)]
    /// Phases that are off for a source that `offBySource` does not name.
    public var off: Set<Phase>
    /// Phases that are off, by name of the source.
    public var offBySource: [String: Set<Phase>]
    /// Fewer contents with a text have no topics.
    public var minimumTopicContents: Int
    /// Coverage from which a phase is complete, 0…1.
    public var complete: Double

    /// Creates a scope; by default everything is on, and complete is what the gate on coverage asks for.
    public init(
        source: String? = nil, enabledModels: [(id: String, version: String)], off: Set<Phase> = [],
        offBySource: [String: Set<Phase>] = [:], minimumTopicContents: Int = 1000, complete: Double = 0.95
    ) {
        self.source = source
        self.enabledModels = enabledModels
        self.off = off
        self.offBySource = offBySource
        self.minimumTopicContents = minimumTopicContents
        self.complete = complete
    }

    /// What is on by the settings.
    public init(_ configuration: Configuration) {
        func off(_ source: String?) -> Set<Phase> {
            Set(Phase.allCases.filter { !configuration.isOn($0, source: source) })
        }
        self.init(
            enabledModels: configuration.activeModels.map { ($0.id, $0.version) }, off: off(nil),
            offBySource: Dictionary(uniqueKeysWithValues: configuration.sources.keys.map { ($0, off($0)) }))
        if case .integer(let minimum) = configuration.phases.phases[.topics]?.worker["minimum_contents"] {
            minimumTopicContents = minimum
        }
        if let threshold = configuration.threshold(.sentimentCoverage) { complete = threshold }
    }

    /// Whether a phase is on for a source.
    func isOn(_ phase: Phase, for source: String) -> Bool { !(offBySource[source] ?? off).contains(phase) }
}
