import Foundation

/// What finds things in a phase; stored with whatever it finds.
public struct PhaseMethod: Codable, Sendable, Hashable {
    /// The phase.
    public var name: String
    /// How it finds things, in words.
    public var method: String
    /// `sha256:` of what it finds them with: a model, a dictionary, settings.
    public var revision: String

    /// Creates a description.
    public init(name: String, method: String, revision: String) {
        self.name = name
        self.method = method
        self.revision = revision
    }
}

/// A phase worker's answer to `start`: everything has been loaded.
public struct PhaseReady: Codable, Sendable, Hashable {
    /// Number of the wire protocol.
    public var `protocol`: Int
    /// Process id.
    public var pid: Int32
    /// Versions and platform, stored once per run.
    public var environment: WorkerReady.Environment
    /// Milliseconds from start to ready inside the process.
    public var loadMs: Double
    /// The loaded phases.
    public var phases: [PhaseMethod]

    /// `environment` as one line of JSON with sorted keys.
    public var environmentJSON: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(environment)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// What finds things in a phase; nil when the phase is not loaded.
    public func method(of phase: String) -> PhaseMethod? { phases.first { $0.name == phase } }

    enum CodingKeys: String, CodingKey {
        case `protocol`, pid, environment, phases
        case loadMs = "load_ms"
    }
}
