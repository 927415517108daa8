import Inference

/// A model that a degraded run does without, and what to do about it.
struct MissingModel: Encodable, Sendable {
    let id: String
    let version: String
    let reason: String
    let remedy: String

    /// Those of `models` that no worker has loaded.
    static func list(of models: [ModelSpecification], besides ready: WorkerReady) -> [MissingModel] {
        models.filter { model in !ready.models.contains { $0.id == model.id } }.map { model in
            let fatal = ready.missing?.first { $0.model == model.id }
            return MissingModel(
                id: model.id, version: model.version, reason: fatal?.message ?? "it could not be loaded",
                remedy: fatal?.remedy ?? "volfefe models verify --model \(model.id)")
        }
    }

    /// For stderr.
    var line: String { Style.red("✗ \(id)") + "  did not run: \(reason)\n  → \(remedy)" }

    /// What stands in its place in a result map. It is never stored: a text is not to blame.
    var failure: ModelOutcome {
        .failure(.init(code: "model_missing", message: "\(reason)", detail: remedy))
    }
}

extension [MissingModel] {
    /// The results with a failure for each of these models.
    func completing(_ results: ModelResults) -> ModelResults {
        guard !isEmpty else { return results }
        var results = results
        for model in self { results.models[model.id] = model.failure }
        return results
    }
}
