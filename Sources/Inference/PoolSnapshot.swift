import Foundation

/// How a pool is at one moment: what `volfefe status --json` prints. Times are Unix seconds, durations milliseconds.
public struct PoolSnapshot: Codable, Sendable, Equatable {
    /// Whether the pool can be relied on.
    public enum State: String, Codable, Sendable {
        /// Enough workers serve, and every enabled model has answered within the health window.
        case ready
        /// It serves, but with fewer workers than it should have, or without a model.
        case degraded
        /// Nobody serves, or a model has not answered within the health window.
        case unready
        /// It finishes what is running and takes nothing more.
        case draining
    }

    /// One slot of the pool with the process that is in it.
    public struct Worker: Codable, Sendable, Equatable {
        /// `starting` may become `idle` or `gone`; `idle` and `busy` alternate; `retiring` finishes its request and
        /// leaves; `waiting` is the pause before the next launch; `vacant` is a slot that is not needed now.
        public enum State: String, Codable, Sendable {
            case starting, idle, busy, retiring, waiting, vacant
        }

        /// Number of the slot, from 1.
        public var slot: Int
        /// What it is doing.
        public var state: State
        /// Number of the launch in the pool; nil without a process.
        public var generation: Int?
        /// Process id; nil without a process.
        public var pid: Int32?
        /// Models that it has loaded.
        public var models: [String] = []
        /// Requests that this process has answered.
        public var requests = 0
        /// Texts in them.
        public var texts = 0
        /// Why earlier processes of this slot ended → how many.
        public var restarts: [String: Int] = [:]
        /// The last of those ends as a clause, for example "it was killed by signal 9".
        public var lastEnding: String?
        /// Resident memory of its whole process group in bytes; nil before it was measured.
        public var memoryBytes: UInt64?
        /// Milliseconds since its launch.
        public var ageMs: Double?
        /// Milliseconds since its last answer, while it is idle.
        public var idleMs: Double?
        /// Milliseconds that its last request took.
        public var lastLatencyMs: Double?

        /// Creates an empty slot.
        public init(slot: Int, state: State) {
            self.slot = slot
            self.state = state
        }

        enum CodingKeys: String, CodingKey {
            case slot, state, generation, pid, models, requests, texts, restarts
            case lastEnding = "last_ending"
            case memoryBytes = "memory_bytes"
            case ageMs = "age_ms"
            case idleMs = "idle_ms"
            case lastLatencyMs = "last_latency_ms"
        }
    }

    /// One enabled model.
    public struct Model: Codable, Sendable, Equatable {
        /// Model id.
        public var id: String
        /// Version label.
        public var version: String
        /// `sha256:…` of the weights in memory; nil while no worker is ready, or when it could not be loaded.
        public var revision: String?
        /// Why it could not be loaded, where the pool runs without it.
        public var missing: String?
        /// Unix seconds of its last real forward pass.
        public var lastForwardAt: Double?
        /// Milliseconds since then.
        public var lastForwardAgeMs: Double?
        /// The first warm-up call of the first worker.
        public var firstCallMs: Double?
        /// The second one.
        public var secondCallMs: Double?
        /// Predictions that workers have answered.
        public var predictions = 0
        /// Failures that they have answered.
        public var failures = 0

        /// Creates a model that nobody has loaded yet.
        public init(id: String, version: String) {
            self.id = id
            self.version = version
        }

        enum CodingKeys: String, CodingKey {
            case id, version, revision, missing, predictions, failures
            case lastForwardAt = "last_forward_at"
            case lastForwardAgeMs = "last_forward_age_ms"
            case firstCallMs = "first_call_ms"
            case secondCallMs = "second_call_ms"
        }
    }

    /// Whether the pool can be relied on.
    public var state: State
    /// What speaks against it.
    public var reasons: [String]
    /// Workers that are kept.
    public var minWorkers: Int
    /// Workers at most.
    public var maxWorkers: Int
    /// Requests that wait for a worker.
    public var waiting: Int
    /// Requests that one is working on.
    public var running: Int
    /// Every slot, twice where a successor is on its way.
    public var workers: [Worker]
    /// Every enabled model.
    public var models: [Model]
    /// Everything that was counted since the pool opened.
    public var counters: PoolCounts

    enum CodingKeys: String, CodingKey {
        case state, reasons, waiting, running, workers, models, counters
        case minWorkers = "min_workers"
        case maxWorkers = "max_workers"
    }
}
