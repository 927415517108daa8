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
        /// Requests and texts that this process has answered.
        public var requests = 0
        public var texts = 0
        /// Why earlier processes of this slot ended → how many.
        public var restarts: [String: Int] = [:]
        /// The last of those ends as a clause, for example "it was killed by signal 9".
        public var lastEnding: String?
        /// Resident memory of its whole process group in bytes; nil before it was measured.
        public var memoryBytes: UInt64?
        /// Milliseconds since its launch, and since its last answer.
        public var ageMs: Double?
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
        /// Model id and version label.
        public var id: String
        public var version: String
        /// `sha256:…` of the weights in memory; nil while no worker is ready, or when it could not be loaded.
        public var revision: String?
        /// Why it could not be loaded, where the pool runs without it.
        public var missing: String?
        /// Unix seconds of its last real forward pass, and milliseconds since then.
        public var lastForwardAt: Double?
        public var lastForwardAgeMs: Double?
        /// The two warm-up calls of the first worker.
        public var firstCallMs: Double?
        public var secondCallMs: Double?
        /// Predictions and failures that workers have answered.
        public var predictions = 0
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

    /// Whether the pool can be relied on, and what speaks against it.
    public var state: State
    public var reasons: [String]
    /// Bounds on the number of workers.
    public var minWorkers: Int
    public var maxWorkers: Int
    /// Requests that wait for a worker, and those that one is working on.
    public var waiting: Int
    public var running: Int
    public var workers: [Worker]
    public var models: [Model]
    /// Everything that was counted since the pool opened.
    public var counters: PoolCounts

    enum CodingKeys: String, CodingKey {
        case state, reasons, waiting, running, workers, models, counters
        case minWorkers = "min_workers"
        case maxWorkers = "max_workers"
    }
}
