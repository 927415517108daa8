/// Everything a pool needs to know; nothing below it is hard-coded.
public struct WorkerPoolConfiguration: Sendable {
    /// Executable and arguments of a worker.
    public var command: [String]
    /// Variables added to the inherited environment; nil removes one.
    public var environment: [String: String?]
    /// Models that every worker loads.
    public var models: [ModelSpecification]
    /// Where prepared models are kept.
    public var cacheDirectory: String
    /// Processes at least and at most.
    public var workers: ClosedRange<Int>
    /// Threads of each process's engines.
    public var threadsPerWorker: Int
    /// From launch to ready.
    public var startTimeout: Duration
    /// Per text of a request.
    public var requestTimeout: Duration
    /// At least this much for the first request of a process.
    public var firstRequestTimeout: Duration
    /// How long a worker may take to leave after its input has closed.
    public var shutdownGrace: Duration
    /// From TERM to KILL for a worker that is to go now.
    public var terminationGrace: Duration
    /// Deaths that a text may be part of before it is set aside.
    public var maxAttempts: Int
    /// Longest line in either direction, in bytes.
    public var maxLineBytes: Int
    /// When to launch again.
    public var restartPolicy: RestartPolicy
    /// When to replace a worker that works.
    public var recycling: RecyclingLimits
    /// Idleness after which a worker is given a text by the pool itself, to see that it answers; nil: never.
    public var healthInterval: Duration?
    /// How old a model's last forward pass may be in a pool that calls itself ready.
    public var healthWindow: Duration
    /// Whether workers may serve without models that cannot be loaded.
    public var degraded: Bool
    /// Bytes that a further worker may need.
    public var memoryPerWorker: UInt64
    /// Bytes that are left for it.
    public var availableMemory: @Sendable () -> UInt64

    /// Creates a configuration.
    public init(
        command: [String], environment: [String: String?] = [:], models: [ModelSpecification], cacheDirectory: String,
        workers: ClosedRange<Int>, threadsPerWorker: Int, startTimeout: Duration, requestTimeout: Duration,
        firstRequestTimeout: Duration, shutdownGrace: Duration, terminationGrace: Duration, maxAttempts: Int,
        maxLineBytes: Int, restartPolicy: RestartPolicy, recycling: RecyclingLimits = RecyclingLimits(),
        healthInterval: Duration? = .seconds(15), healthWindow: Duration = .seconds(60), degraded: Bool = false,
        memoryPerWorker: UInt64 = 0, availableMemory: @escaping @Sendable () -> UInt64 = { ProcessMemory.available }
    ) {
        self.command = command
        self.environment = environment
        self.models = models
        self.cacheDirectory = cacheDirectory
        self.workers = workers
        self.threadsPerWorker = threadsPerWorker
        self.startTimeout = startTimeout
        self.requestTimeout = requestTimeout
        self.firstRequestTimeout = firstRequestTimeout
        self.shutdownGrace = shutdownGrace
        self.terminationGrace = terminationGrace
        self.maxAttempts = maxAttempts
        self.maxLineBytes = maxLineBytes
        self.restartPolicy = restartPolicy
        self.recycling = recycling
        self.healthInterval = healthInterval
        self.healthWindow = healthWindow
        self.degraded = degraded
        self.memoryPerWorker = memoryPerWorker
        self.availableMemory = availableMemory
    }

    /// As many workers as there are cores for and memory for, at least one.
    ///
    /// N workers of one thread do more than one worker of N threads. `available` and `perWorker` are bytes.
    public static func workerCount(cores: Int, threadsPerWorker: Int, available: UInt64, perWorker: UInt64) -> Int {
        let byCores = max(cores / max(threadsPerWorker, 1), 1)
        let byMemory = perWorker == 0 ? byCores : Int(min(available / perWorker, UInt64(byCores)))
        return max(min(byCores, byMemory), 1)
    }

    /// How a worker is launched, and made to leave.
    var launch: ProcessLaunch {
        ProcessLaunch(
            command: command, environment: environment, threads: threadsPerWorker, others: workers.upperBound - 1,
            shutdownGrace: shutdownGrace, terminationGrace: terminationGrace, maxLineBytes: maxLineBytes)
    }

    /// How long a request of `texts` texts may take.
    func timeout(texts: Int, isFirst: Bool) -> Duration {
        let scaled = requestTimeout * texts
        return isFirst ? max(scaled, firstRequestTimeout) : scaled
    }
}
