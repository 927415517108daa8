import Inference

/// A version of a model as the store knows it: what its verdicts come from.
public struct ModelVersionRecord: Sendable, Hashable {
    /// Model id of the registry.
    public var modelID: String
    /// Version label.
    public var version: String
    /// Hash of the weights, `sha256:…`.
    public var revision: String
    /// Engine that ran it first.
    public var engine: String
    /// Numeric precision, for example `fp32`.
    public var precision: String
    /// Whether it can answer neutral.
    public var hasNeutral: Bool
    /// Longest input in tokens; nil without a limit.
    public var maxTokens: Int?
    /// Raw labels in index order.
    public var labels: [ModelSpecification.Label]

    /// Creates a record.
    public init(
        modelID: String, version: String, revision: String, engine: String, precision: String, hasNeutral: Bool,
        maxTokens: Int?, labels: [ModelSpecification.Label]
    ) {
        self.modelID = modelID
        self.version = version
        self.revision = revision
        self.engine = engine
        self.precision = precision
        self.hasNeutral = hasNeutral
        self.maxTokens = maxTokens
        self.labels = labels
    }

    /// Takes over what a worker has really loaded.
    public init(_ model: LoadedModel) {
        self.init(
            modelID: model.id, version: model.version, revision: model.revision, engine: model.engine,
            precision: model.precision, hasNeutral: model.hasNeutral, maxTokens: model.maxTokens, labels: model.labels)
    }
}
