import Inference

/// A model version of a results file, and how it is known what it can say.
public struct ImportedModel: Sendable, Hashable, Encodable {
    /// Where its labels come from.
    public enum Origin: String, Sendable, Hashable, Encodable {
        /// The header of the file, or `--models`.
        case declared
        /// Verdicts of the same version that are stored already.
        case stored
        /// The registry, `volfefe.yaml`.
        case registry
        /// The labels of its verdicts in the file.
        case observed
    }

    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// Raw labels with their sentiments.
    public var labels: [ModelSpecification.Label]
    /// Where these come from.
    public var labelsFrom: Origin
    /// Verdicts of the file that are in the database now and were not before.
    public var stored = 0

    enum CodingKeys: String, CodingKey {
        case labels, stored
        case modelID = "model_id"
        case modelVersion = "model_version"
        case labelsFrom = "labels_from"
    }

    /// One sentence for people.
    public var explanation: String {
        let reason =
            switch labelsFrom {
            case .declared: "as declared"
            case .stored: "as stored already"
            case .registry: "as in the registry"
            case .observed: "as observed in the file; --models declares others"
            }
        return "\(modelID)@\(modelVersion): labels \(LabelMap(labels: labels).summary), \(reason)"
    }
}

/// Decides what each model version of a file can say. Pure.
struct ResultModels {
    /// What is declared, by model and version; of several the first.
    let declared: [ResultModel: DeclaredModel]
    private let versions: [String: String]
    private let registry: [String: DeclaredModel]

    /// `declared`: of `--models` before those of the header.
    init(declared: [DeclaredModel], registry: [DeclaredModel]) {
        self.declared = Dictionary(declared.map { ($0.model, $0) }) { first, _ in first }
        self.registry = Dictionary(registry.map { ($0.id, $0) }) { first, _ in first }
        var versions = Dictionary(registry.map { ($0.id, $0.version) }) { first, _ in first }
        let named = Dictionary(grouping: declared, by: \.id)
        for (id, models) in named where Set(models.map(\.version)).count == 1 { versions[id] = models[0].version }
        self.versions = versions
    }

    /// The version of a verdict; where the file does not tell it, the one that is declared or registered. Throws `ResultFault`.
    func version(of block: ResultBlock) throws -> String {
        guard let version = block.version ?? versions[block.modelID] else {
            throw ResultFault(
                "`models.\(block.modelID)` needs a `model_version`: the file does not tell it, and neither --models nor "
                    + "volfefe.yaml has one version of that model.")
        }
        return version
    }

    /// What is known of a version that is not stored yet; nil when nothing says what it can express.
    func decide(_ model: ResultModel, _ observed: ObservedModels) -> (DeclaredModel, ImportedModel.Origin)? {
        if let declared = declared[model] { return (declared, .declared) }
        if var entry = registry[model.id] {
            if entry.version == model.version { return (entry, .registry) }
            if observed.fit(entry.labels, model) {
                // Another version: of its weights and its engine the registry knows nothing.
                entry = DeclaredModel(model, labels: entry.labels)
                return (entry, .registry)
            }
        }
        let labels = observed.labels(of: model)
        return labels.isEmpty ? nil : (DeclaredModel(model, labels: labels), .observed)
    }
}

extension DeclaredModel {
    /// Its name in a file.
    var model: ResultModel { .init(id: id, version: version) }

    /// A version of which only the labels are known.
    init(_ model: ResultModel, labels: [ModelSpecification.Label]) {
        id = model.id
        version = model.version
        self.labels = labels
    }
}
