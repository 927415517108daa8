import Volfefe

/// How model versions are called in a report: by the model's id alone where there is one version of it.
struct ModelNames {
    private let short: [String: String]

    init(_ models: [AnalysedModel]) {
        let versions = Dictionary(grouping: models, by: \.modelID)
        short = Dictionary(
            models.map { ($0.name, versions[$0.modelID]?.count == 1 ? $0.modelID : $0.name) },
            uniquingKeysWith: { first, _ in first })
    }

    /// The short name of `id@version`.
    subscript(_ name: String) -> String { short[name] ?? name }

    /// The short name of a model version.
    subscript(_ model: AnalysedModel) -> String { self[model.name] }
}
