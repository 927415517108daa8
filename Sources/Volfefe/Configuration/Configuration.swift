import Inference

/// Every setting, read once at the top of a command.
public struct Configuration: Sendable {
    /// Path of the SQLite database.
    public var database: String
    /// Which models run: those that list this profile.
    public var profile: String
    /// Interpreter of the workers; empty means: find one.
    public var python: String
    /// Where prepared models are kept.
    public var cacheDirectory: String
    /// Script that the workers run instead of `classify.py`; empty means: that one.
    public var worker: String
    /// Worker processes at most; 0 means: as many as cores and memory allow.
    public var workers: Int
    /// Worker processes that are kept even when there is nothing to do.
    public var workersMin: Int
    /// Threads per worker; 0 means: cores ÷ workers.
    public var threadsPerWorker: Int
    /// Memory that a worker may need, in MiB.
    public var workerMemoryMB: Int
    /// Resident memory of a worker's process group in MiB at which it is recycled after its request, and at which it is
    /// killed; 0 means: in proportion to what it needed when it became ready.
    public var memorySoftMB, memoryHardMB: Int
    /// Requests after which a worker is recycled; 0 means never.
    public var maxRequests: Int
    /// Age at which it is recycled; 0 means never.
    public var maxAge: Duration
    /// Time without work after which a worker beyond `workersMin` leaves; 0 means never.
    public var idleAge: Duration
    /// Texts per request.
    public var batchSize: Int
    /// Whether verdicts on equal texts are taken over instead of computed again.
    public var reuse: Bool
    /// Contents per commit.
    public var commitEvery: Int
    /// From launch to ready.
    public var startTimeout: Duration
    /// Per text of a request, and at least this for the first request of a process.
    public var requestTimeout, firstRequestTimeout: Duration
    /// How long a worker may take to leave.
    public var shutdownGrace: Duration
    /// From TERM to KILL.
    public var terminationGrace: Duration
    /// Deaths that a text may be part of.
    public var maxAttempts: Int
    /// Failed launches tolerated within the window.
    public var restartLimit: Int
    /// Length of that window.
    public var restartWindow: Duration
    /// First and longest pause between launches.
    public var backoffInitial, backoffMax: Duration
    /// How long a worker may be idle before it is asked to prove that it works.
    public var healthInterval: Duration
    /// How old a model's last forward pass may be in a pool that calls itself ready.
    public var healthWindow: Duration
    /// Folder of the sockets of running supervisors.
    public var runtimeDirectory: String
    /// How long another writer of the database is waited for.
    public var busyTimeout: Duration
    /// Longest line of input and of the wire, longest text, in bytes.
    public var maxLineBytes, maxTextBytes: Int
    /// Attempts that a job may take.
    public var jobAttempts: Int
    /// Pause after a job's first failed attempt, and the longest one.
    public var jobBackoff, jobBackoffMax: Duration
    /// How often idle queues are looked at.
    public var jobPoll: Duration
    /// How long `volfefe work` is taken for alive where its process cannot be looked at.
    public var jobLease: Duration
    /// How long jobs are kept once they have ended.
    public var keepCompleted, keepCancelled: Duration
    /// Whether a commit waits until it is on the disk.
    public var syncCommits: Bool
    /// Cron entries of the settings.
    public var cron: [CronEntry]
    /// Command that is run when a gate's verdict changes; empty: none.
    public var alertCommand: String
    /// How the phases of ingestion run.
    public var phases: PhasesSettings
    /// What the gates compare with.
    public var gates: GateSettings
    /// Per source: how its input is read, and what is done with it.
    public var sources: [String: SourceSettings]
    /// The whole registry, in its order.
    public var models: [ModelSpecification]
    /// Every setting as it is in force, with where it comes from, in the order of volfefe.yaml.
    public var listing: [ListedSetting]

    /// The models that run: enabled, and in the profile.
    public var activeModels: [ModelSpecification] {
        models.filter { $0.enabled && $0.profiles.contains(profile) }
    }
}

/// One line of `volfefe config show`.
public struct ListedSetting: Codable, Sendable, Hashable {
    /// Dotted key, for example `models.vader.weight`.
    public var key: String
    /// Value in force.
    public var value: String
    /// Flag, environment variable, or file and line.
    public var origin: String
}
