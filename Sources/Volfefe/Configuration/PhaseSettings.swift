import Inference

/// How the phases of ingestion run: `phases:` of the settings.
public struct PhasesSettings: Sendable, Hashable {
    /// Contents per commit.
    public var chunk: Int
    /// Processes per phase at most; 0 means: one per core.
    public var processes: Int
    /// How often a content is tried that fails.
    public var maxAttempts: Int
    /// From a request to the first line of its answer, and from one line to the next.
    public var requestTimeout: Duration
    /// Each phase's own.
    public var phases: [Phase: PhaseSettings]

    /// Creates settings.
    public init(
        chunk: Int = 1000, processes: Int = 0, maxAttempts: Int = 3, requestTimeout: Duration = .seconds(300),
        phases: [Phase: PhaseSettings] = [:]
    ) {
        self.chunk = chunk
        self.processes = processes
        self.maxAttempts = maxAttempts
        self.requestTimeout = requestTimeout
        self.phases = phases
    }

    /// Phase → setting → value, as `PhasePoolConfiguration.settings` takes them; only of `phases` where these are given, since a
    /// process refuses settings of a phase that it does not load.
    public func worker(_ phases: [Phase] = Phase.allCases) -> [String: [String: PhaseSetting]] {
        var values: [String: [String: PhaseSetting]] = [:]
        for phase in phases {
            guard let own = self.phases[phase]?.worker, !own.isEmpty else { continue }
            values[phase.rawValue] = own
        }
        return values
    }
}

/// How one phase runs.
public struct PhaseSettings: Sendable, Hashable {
    /// Whether it runs, where a source does not say otherwise.
    public var isEnabled: Bool
    /// When `volfefe work` runs it by itself; nil: never.
    public var schedule: String?
    /// Time zone of the schedule.
    public var timeZone: String
    /// What its program is told, as `docs/phases.md` lists it.
    public var worker: [String: PhaseSetting]

    /// Creates settings.
    public init(
        isEnabled: Bool = true, schedule: String? = nil, timeZone: String = "UTC", worker: [String: PhaseSetting] = [:]
    ) {
        self.isEnabled = isEnabled
        self.schedule = schedule
        self.timeZone = timeZone
        self.worker = worker
    }
}

extension Configuration {
    /// Whether a phase runs on the contents of a source; nil: of one that the settings do not know.
    public func isOn(_ phase: Phase, source: String? = nil) -> Bool {
        source.flatMap { sources[$0]?.phases[phase] } ?? phases.phases[phase]?.isEnabled ?? true
    }

    /// The contents that a phase is to look at, of one source or of all, in disjoint parts; empty when it is off for them.
    public func selections(_ phase: Phase, source: String? = nil) -> [PhaseSelection] {
        let attempts = phases.maxAttempts
        if let source {
            return isOn(phase, source: source) ? [PhaseSelection(source: source, maxAttempts: attempts)] : []
        }
        let own = sources.filter { $0.value.phases[phase] == !isOn(phase) }.keys.sorted()
        return isOn(phase)
            ? [PhaseSelection(besides: own, maxAttempts: attempts)]
            : own.map { PhaseSelection(source: $0, maxAttempts: attempts) }
    }
}
