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
    /// Worker processes; 0 means: as many as cores and memory allow.
    public var workers: Int
    /// Threads per worker.
    public var threadsPerWorker: Int
    /// Memory that a worker may need, in MiB.
    public var workerMemoryMB: Int
    /// Texts per request.
    public var batchSize: Int
    /// Contents per commit.
    public var commitEvery: Int
    /// From launch to ready.
    public var startTimeout: Duration
    /// Per text of a request, and at least this for the first request of a process.
    public var requestTimeout, firstRequestTimeout: Duration
    /// How long a worker may take to leave.
    public var shutdownGrace: Duration
    /// Deaths that a text may be part of.
    public var maxAttempts: Int
    /// Failed launches tolerated within the window.
    public var restartLimit: Int
    /// Length of that window.
    public var restartWindow: Duration
    /// First and longest pause between launches.
    public var backoffInitial, backoffMax: Duration
    /// Longest line of input and of the wire, longest text, in bytes.
    public var maxLineBytes, maxTextBytes: Int
    /// Per source: how its input is read.
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

/// How the input of one source is read.
public struct SourceSettings: Codable, Sendable, Hashable {
    /// Whether texts are HTML.
    public enum HTML: String, Codable, Sendable, CaseIterable {
        case auto, yes, no
    }

    /// Our field → path of the field in the input.
    public var fields: [String: String]
    /// Whether texts are HTML; `auto` looks at each.
    public var html: HTML

    /// Creates settings of a source.
    public init(fields: [String: String] = [:], html: HTML = .auto) {
        self.fields = fields
        self.html = html
    }
}
