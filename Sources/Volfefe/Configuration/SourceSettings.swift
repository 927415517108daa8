/// How the input of one source is read, and what is done with it.
public struct SourceSettings: Codable, Sendable, Hashable {
    /// Whether texts are HTML.
    public enum HTML: String, Codable, Sendable, CaseIterable {
        case auto, yes, no
    }

    /// Our field → path of the field in the input.
    public var fields: [String: String]
    /// Whether texts are HTML; `auto` looks at each.
    public var html: HTML
    /// How far its contents are brought as they are read.
    public var mode: IngestMode
    /// Phases that are on or off for it, whatever `phases:` says.
    public var phases: [Phase: Bool]
    /// When `volfefe work` runs a phase on its contents.
    public var schedules: [Phase: String]
    /// Time zone of the schedules.
    public var timeZone: String
    /// Fields that its contents must have; nil: those of `gates:`.
    public var required: [String]?
    /// Thresholds of its own.
    public var thresholds: GateThresholds

    /// Creates settings of a source.
    public init(
        fields: [String: String] = [:], html: HTML = .auto, mode: IngestMode = .fast, phases: [Phase: Bool] = [:],
        schedules: [Phase: String] = [:], timeZone: String = "UTC", required: [String]? = nil,
        thresholds: GateThresholds = GateThresholds()
    ) {
        self.fields = fields
        self.html = html
        self.mode = mode
        self.phases = phases
        self.schedules = schedules
        self.timeZone = timeZone
        self.required = required
        self.thresholds = thresholds
    }
}
