import Foundation
import Inference

/// How the verdicts on a content become one.
public enum ConsensusMethod: String, Sendable, Hashable, CaseIterable, Codable {
    /// What most models say.
    case majority
    /// Confidence × weight of the models that say it.
    case weighted
    /// What is most probable given how often each model is estimated to be wrong, and how.
    case dawidSkene = "dawid-skene"
    /// `weighted` as an earlier system did it: divided by no less than 1, four digits. For parity only.
    case v1 = "v1.0"

    /// Whether models have weights in it.
    public var usesWeights: Bool { self == .weighted || self == .v1 }
    /// Whether it asks for which labels a model counts.
    public var usesLabels: Bool { self == .majority || self == .weighted }
}

/// A method, its parameters and its models: all that a consensus depends on, but for the verdicts.
public struct ConsensusVersion: Sendable, Hashable {
    /// For which sentiments a model counts.
    public enum Labels: String, Sendable, Hashable, CaseIterable, Codable {
        /// For those that it can say: one without neutral is no vote against neutral.
        case own
        /// For all.
        case all
    }

    /// A model that takes part.
    public struct Voter: Sendable, Hashable {
        /// The model version.
        public var model: AnalysedModel
        /// Its weight, more than 0; 1 in methods without weights.
        public var weight: Double
    }

    /// How verdicts become one.
    public let method: ConsensusMethod
    /// For which sentiments a model counts; `own` for Dawid–Skene, `all` for `v1.0`.
    public let labels: Labels
    /// With fewer verdicts there is no consensus.
    public let minimumModels: Int
    /// Rounds that Dawid and Skene's method may take; nil for the others.
    public let iterations: Int?
    /// The models, by name: their order must change neither a digit nor the name.
    public let voters: [Voter]

    /// Creates a version; models of weight 0 take no part. Throws `VolfefeError.usage` for parameters that cannot be.
    public init(
        method: ConsensusMethod, models: [AnalysedModel], weights: [Double]? = nil, labels: Labels = .own,
        minimumModels: Int = 1, iterations: Int = DawidSkene.mostIterations
    ) throws {
        self.method = method
        self.labels = method == .v1 ? .all : method == .dawidSkene ? .own : labels
        self.minimumModels = minimumModels
        self.iterations = method == .dawidSkene ? iterations : nil
        let weights = method.usesWeights ? weights : nil
        voters = models.enumerated().map { Voter(model: $1, weight: weights?[$0] ?? 1) }
            .filter { $0.weight > 0 }.sorted { $0.model.name < $1.model.name }
        guard models.isEmpty || !voters.isEmpty else {
            throw VolfefeError.usage("every model has the weight 0; give one of them more with --weights.")
        }
        guard voters.count <= VerdictPatterns.mostModels else {
            throw VolfefeError.badInput(
                "\(voters.count) models are too many at once; name at most \(VerdictPatterns.mostModels) with --models."
            )
        }
        guard Set(voters.map(\.model)).count == voters.count else {
            throw VolfefeError.usage("a model is named twice: \(names).")
        }
        guard iterations >= 1 else { throw VolfefeError.usage("--iterations must be at least 1.") }
        guard minimumModels >= 1 else { throw VolfefeError.usage("--min-models must be at least 1.") }
        guard voters.isEmpty || minimumModels <= voters.count else {
            throw VolfefeError.usage(
                "--min-models \(minimumModels) leaves nothing: there are only \(voters.count) models, \(names).")
        }
    }

    private var names: String { voters.map(\.model.name).joined(separator: ", ") }

    /// Everything above as JSON with a fixed order of keys.
    public var definition: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(Definition(self)), as: UTF8.self)
        }
    }

    /// The method and the first 12 digits of the SHA-256 of the definition: the same name is the same version.
    public var name: String {
        get throws { "\(method.rawValue)-\(Data(try definition.utf8).sha256.hexadecimal.prefix(12))" }
    }
}

/// What a version is, without what does not apply to its method.
private struct Definition: Encodable {
    struct Model: Encodable {
        var model: String
        var weight: Double?
    }
    var method: ConsensusMethod
    var labels: ConsensusVersion.Labels?
    var iterations: Int?
    var min_models: Int
    var models: [Model]

    init(_ version: ConsensusVersion) {
        method = version.method
        labels = version.method.usesLabels ? version.labels : nil
        iterations = version.iterations
        min_models = version.minimumModels
        models = version.voters.map {
            .init(model: $0.model.name, weight: version.method.usesWeights ? $0.weight : nil)
        }
    }
}
