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
    /// Processes.
    public var workers: Int
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

    /// Creates a configuration.
    public init(
        command: [String], environment: [String: String?] = [:], models: [ModelSpecification], cacheDirectory: String,
        workers: Int, threadsPerWorker: Int, startTimeout: Duration, requestTimeout: Duration,
        firstRequestTimeout: Duration, shutdownGrace: Duration, terminationGrace: Duration, maxAttempts: Int,
        maxLineBytes: Int, restartPolicy: RestartPolicy
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
    }

    /// As many workers as there are cores for and memory for, at least one.
    ///
    /// N workers of one thread do more than one worker of N threads. `available` and `perWorker` are bytes.
    public static func workerCount(cores: Int, threadsPerWorker: Int, available: UInt64, perWorker: UInt64) -> Int {
        let byCores = max(cores / max(threadsPerWorker, 1), 1)
        let byMemory = perWorker == 0 ? byCores : Int(min(available / perWorker, UInt64(byCores)))
        return max(min(byCores, byMemory), 1)
    }

    /// How long a request of `texts` texts may take.
    func timeout(texts: Int, isFirst: Bool) -> Duration {
        let scaled = requestTimeout * texts
        return isFirst ? max(scaled, firstRequestTimeout) : scaled
    }
}
