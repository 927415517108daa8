/// Everything a pool of phase workers needs to know.
public struct PhasePoolConfiguration: Sendable {
    /// Executable and arguments of a worker: an interpreter and `priv/ml/phase.py`.
    public var command: [String]
    /// Variables added to the inherited environment.
    public var environment: [String: String]
    /// Phases that every process loads, by the names of `docs/phases.md`.
    public var phases: [String]
    /// Phase → setting → value; those that are left out have their defaults.
    public var settings: [String: [String: PhaseSetting]]
    /// Threads of each process's numeric libraries.
    public var threads: Int
    /// Processes at most; they are launched when there is something for them to do.
    public var processes: Int
    /// From launch to ready.
    public var startTimeout: Duration
    /// From a request to the first line of its answer, and from one line to the next.
    public var requestTimeout: Duration
    /// How long a process may take to leave after its input has closed.
    public var shutdownGrace: Duration
    /// From TERM to KILL for a process that has to go now.
    public var terminationGrace: Duration
    /// Longest line in either direction, in bytes.
    public var maxLineBytes: Int
    /// When to launch again.
    public var restartPolicy: RestartPolicy

    /// Creates a configuration; the limits default to those of `volfefe.yaml`.
    public init(
        command: [String], environment: [String: String] = [:], phases: [String],
        settings: [String: [String: PhaseSetting]] = [:], threads: Int = 1, processes: Int = 1,
        startTimeout: Duration = .seconds(120), requestTimeout: Duration = .seconds(300),
        shutdownGrace: Duration = .seconds(30), terminationGrace: Duration = .seconds(2), maxLineBytes: Int = 8 << 20,
        restartPolicy: RestartPolicy = RestartPolicy(
            initialBackoff: .milliseconds(500), maximumBackoff: .seconds(30), limit: 5, window: .seconds(60))
    ) {
        self.command = command
        self.environment = environment
        self.phases = phases
        self.settings = settings
        self.threads = threads
        self.processes = max(processes, 1)
        self.startTimeout = startTimeout
        self.requestTimeout = requestTimeout
        self.shutdownGrace = shutdownGrace
        self.terminationGrace = terminationGrace
        self.maxLineBytes = maxLineBytes
        self.restartPolicy = restartPolicy
    }

    /// How a process is launched, and made to leave.
    var launch: ProcessLaunch {
        ProcessLaunch(
            command: command, environment: environment, threads: threads, others: processes - 1,
            shutdownGrace: shutdownGrace, terminationGrace: terminationGrace, maxLineBytes: maxLineBytes)
    }

    /// The phases that look at each text by itself.
    var textPhases: [String] { phases.filter(PhaseAnnotations.phases.contains) }
}
