import Foundation

/// The wire between supervisor and worker, protocol 1: one JSON object per line. `docs/protocol.md` shows every message.
enum WorkerMessage: Sendable {
    case ready(WorkerReady)
    case result(WorkerResult)
    case requestError(WorkerRequestError)
    case fatal(WorkerFatal)

    static let protocolNumber = 1

    /// Reads one line; nil when it is no message of the protocol (noise).
    static func decode(_ line: [UInt8]) -> WorkerMessage? {
        let (type, result) = line.withUnsafeBufferPointer { WorkerResult.read($0) } ?? ("", nil)
        if let result { return .result(result) }
        let decoder = JSONDecoder()
        let data = Data(line)
        switch type {
        case "ready": return (try? decoder.decode(WorkerReady.self, from: data)).map(Self.ready)
        case "error": return (try? decoder.decode(WorkerRequestError.self, from: data)).map(Self.requestError)
        case "fatal": return (try? decoder.decode(WorkerFatal.self, from: data)).map(Self.fatal)
        default: return nil
        }
    }

    /// The request id that the message answers, if it answers one.
    var requestID: String? {
        switch self {
        case .result(let result): result.id
        case .requestError(let error): error.id
        case .ready, .fatal: nil
        }
    }

    static func encode(_ message: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes]
        var bytes = [UInt8](try encoder.encode(message))
        bytes.append(0x0A)
        return bytes
    }
}

/// First line to a worker, and what `prepare.py` reads: which models, and where their prepared files are kept.
public struct WorkerStart: Encodable, Sendable {
    private let type = "start"
    private let `protocol` = WorkerMessage.protocolNumber
    private let threads: Int
    private let cacheDirectory: String
    private let models: [ModelSpecification]
    private let degraded: Bool?

    /// Creates the message; `threads` are those that one model may use. `degraded` allows the worker to become ready
    /// without models that it cannot load.
    public init(threads: Int, cacheDirectory: String, models: [ModelSpecification], degraded: Bool = false) {
        self.threads = threads
        self.cacheDirectory = cacheDirectory
        self.models = models
        self.degraded = degraded ? true : nil
    }

    enum CodingKeys: String, CodingKey {
        case type, `protocol`, threads, models, degraded
        case cacheDirectory = "cache_dir"
    }
}

/// Texts for a worker, and the models to run on each of them.
struct WorkerRequest: Encodable {
    let type = "classify"
    let id: String
    let models: [String]
    let texts: [String]
}

/// A worker's answer to `start`: every model has loaded and has done two real forward passes.
public struct WorkerReady: Codable, Sendable, Hashable {
    /// Number of the wire protocol.
    public var `protocol`: Int
    /// Process id of the worker.
    public var pid: Int32
    /// Threads that its engines use.
    public var threads: Int
    /// Versions and platform, stored once per run.
    public var environment: Environment
    /// Milliseconds from start to ready inside the worker.
    public var loadMs: Double
    /// The loaded models.
    public var models: [LoadedModel]
    /// Models that could not be loaded, where the start message allowed to go on without them.
    public var missing: [WorkerFatal]?

    /// What the worker runs on.
    public struct Environment: Codable, Sendable, Hashable {
        /// Python's version.
        public var python: String
        /// Operating system and machine.
        public var platform: String
        /// Version of the worker's own package.
        public var volfefeMl: String
        /// Package → version, for those that decide results.
        public var packages: [String: String]

        enum CodingKeys: String, CodingKey {
            case python, platform, packages
            case volfefeMl = "volfefe_ml"
        }
    }

    enum CodingKeys: String, CodingKey {
        case `protocol`, pid, threads, environment, models, missing
        case loadMs = "load_ms"
    }
}

/// A model as it really was loaded.
public struct LoadedModel: Codable, Sendable, Hashable {
    /// Model id of the registry.
    public var id: String
    /// Version label.
    public var version: String
    /// Engine and its version.
    public var engine, engineVersion: String
    /// Numeric precision and device.
    public var precision, device: String
    /// `sha256:…` of the weights that were loaded.
    public var revision: String
    /// Raw labels in index order.
    public var labels: [ModelSpecification.Label]
    /// Whether it can answer neutral.
    public var hasNeutral: Bool
    /// Longest input in tokens; nil for engines without a limit.
    public var maxTokens: Int?
    /// Operations of its matrix products with weights for one token; nil where the worker does not know.
    public var opsPerToken: Int?
    /// Milliseconds to load, and of the first and second forward pass.
    public var loadMs, firstCallMs, secondCallMs: Double

    enum CodingKeys: String, CodingKey {
        case id, version, engine, precision, device, revision, labels
        case engineVersion = "engine_version"
        case hasNeutral = "has_neutral"
        case maxTokens = "max_tokens"
        case opsPerToken = "ops_per_token"
        case loadMs = "load_ms"
        case firstCallMs = "first_call_ms"
        case secondCallMs = "second_call_ms"
    }
}

/// A request that the worker could not read or serve.
struct WorkerRequestError: Decodable, Sendable {
    let id: String?
    let code: String
    let message: String
}

/// Why a worker cannot start at all.
public struct WorkerFatal: Codable, Sendable, Hashable {
    /// Stable code such as `weights_missing` or `revision_mismatch`.
    public var code: String
    /// The model concerned, if one is.
    public var model: String?
    /// The file or folder concerned.
    public var path: String?
    /// A sentence that says what is wrong.
    public var message: String
    /// What to do about it.
    public var remedy: String?
    /// Exit status to end with: 66, 70 or 78.
    public var exit: Int32
}

extension ModelOutcome {
    /// The outcome itself, or a failure when its numbers cannot be true.
    func validated() -> ModelOutcome {
        guard case .prediction(let prediction) = self else { return self }
        let scores = prediction.meta.rawScores
        let sum = scores.values.reduce(0, +)
        let plausible =
            (0...1).contains(prediction.confidence) && scores.values.allSatisfy((0...1).contains)
            && abs(sum - 1) < 1e-3 && scores[prediction.sentiment.rawValue] != nil
            && scores.keys.allSatisfy { Sentiment(rawValue: $0) != nil }
        return plausible
            ? self
            : .failure(.init(code: "bad_reply", message: "the worker's scores for this model are no distribution"))
    }
}
