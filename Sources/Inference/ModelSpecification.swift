/// The three sentiments that every model's labels are mapped to.
public enum Sentiment: String, Codable, Sendable, CaseIterable, Hashable {
    case positive, neutral, negative
}

/// One entry of `models:` in `volfefe.yaml`, as it is handed to a worker.
///
/// The registry is data: adding a model is adding an entry, and neither Swift nor the worker names any model in code.
public struct ModelSpecification: Codable, Sendable, Hashable {
    /// What a raw label of the model means.
    public struct Label: Codable, Sendable, Hashable {
        /// The model's own name for the class.
        public var name: String
        /// The sentiment it stands for.
        public var sentiment: Sentiment

        /// Creates a label.
        public init(name: String, sentiment: Sentiment) {
            self.name = name
            self.sentiment = sentiment
        }
    }

    /// Name of the model in results, commands and SQL; unique in the registry.
    public var id: String
    /// The engine that runs it, for example `onnxruntime` or `lexicon`; `auto`: the fastest that is as good.
    public var engine: String
    /// Where its files come from: `shipped`, `shipped:DIR`, `folder:PATH`, `hub:ORG/NAME`, `package:NAME`.
    public var source: String
    /// Pinned hash of the weights (`sha256:…`); nil accepts what is there and records it.
    public var revision: String?
    /// Commit of a hub source.
    public var commit: String?
    /// Version label under which verdicts are stored; one label never covers two revisions.
    public var version: String
    /// Raw labels in the order of the model's outputs.
    public var labels: [Label]
    /// Whether the model can answer "neutral".
    public var hasNeutral: Bool
    /// Longest input in the model's own tokens; longer texts are truncated and marked so.
    public var maxTokens: Int?
    /// Weight in consensus methods.
    public var weight: Double
    /// Numeric precision, for example `fp32`; nil leaves it to the engine.
    public var precision: String?
    /// Where it runs, `cpu` or `cuda`; nil leaves it to the engine.
    public var device: String?
    /// Whether the model runs.
    public var enabled: Bool
    /// Profiles that the model belongs to.
    public var profiles: [String]

    /// Creates a specification.
    public init(
        id: String, engine: String, source: String, revision: String? = nil, commit: String? = nil,
        version: String, labels: [Label], hasNeutral: Bool, maxTokens: Int? = nil, weight: Double = 1,
        precision: String? = nil, device: String? = nil, enabled: Bool = true, profiles: [String] = ["default"]
    ) {
        self.id = id
        self.engine = engine
        self.source = source
        self.revision = revision
        self.commit = commit
        self.version = version
        self.labels = labels
        self.hasNeutral = hasNeutral
        self.maxTokens = maxTokens
        self.weight = weight
        self.precision = precision
        self.device = device
        self.enabled = enabled
        self.profiles = profiles
    }

    enum CodingKeys: String, CodingKey {
        case id, engine, source, revision, commit, version, labels, weight, precision, device, enabled, profiles
        case hasNeutral = "has_neutral"
        case maxTokens = "max_tokens"
    }
}
