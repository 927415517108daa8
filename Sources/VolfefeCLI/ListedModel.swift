import Foundation
import Inference
import Synchronization
import Volfefe

/// A model of the registry, with what will run it on this machine.
struct ListedModel: Encodable {
    let specification: ModelSpecification
    let isActive: Bool
    /// nil where Python could not be asked.
    let runs: PreparationStep?

    /// The whole registry; each model with what `prepare.py --show` says of it, which loads nothing.
    static func all(_ configuration: Volfefe.Configuration, supervisor: Supervisor?) async -> [ListedModel] {
        let steps = Mutex<[String: PreparationStep]>([:])
        do {
            _ = try await supervisor?.prepare(flags: ["--show"], models: configuration.models) { line in
                guard let step = try? JSONDecoder().decode(PreparationStep.self, from: Data(line.utf8)) else { return }
                guard let model = step.model else {
                    return Terminal.say("volfefe: what runs the models is not known: \(step.message ?? "failed")")
                }
                steps.withLock { $0[model] = step }
            }
        } catch {
            Terminal.say("volfefe: what runs the models is not known: \(error)")
        }
        let found = steps.withLock { $0 }
        let active = Set(configuration.activeModels.map(\.id))
        return configuration.models.map {
            ListedModel(specification: $0, isActive: active.contains($0.id), runs: found[$0.id])
        }
    }

    /// Whether engines could be compared for it, and were not.
    var isUnmeasured: Bool { runs?.choice == "unmeasured" }

    /// What runs it here, as one word: `openvino bf16`; what the registry says where Python could not be asked.
    var engine: String { runs?.runs ?? specification.engine }

    func encode(to encoder: any Encoder) throws {
        try specification.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isActive, forKey: .active)
        guard let runs, runs.type == "shown" else { return }
        var here = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .runs)
        try here.encodeIfPresent(runs.engine, forKey: .engine)
        try here.encodeIfPresent(runs.precision, forKey: .precision)
        try here.encodeIfPresent(runs.choice, forKey: .choice)
        try here.encodeIfPresent(runs.why, forKey: .why)
        try here.encodeIfPresent(runs.chosen, forKey: .measured)
    }

    private enum CodingKeys: String, CodingKey {
        case active, runs, engine, precision, choice, why, measured
    }
}

extension [ListedModel] {
    /// The registry as a table.
    var table: String {
        var table = Table(
            ("model", .left), ("active", .left), ("version", .left), ("runs on", .left), ("× ref.", .right),
            ("agreement", .right), ("mean |Δp|", .right), ("source", .left), ("labels", .left), ("weight", .right),
            ("profiles", .left), ("revision", .left))
        for listed in self {
            let model = listed.specification
            let measured = listed.runs?.chosen
            table.add(
                model.id, listed.isActive ? "yes" : "no", model.version, listed.engine,
                measured?.timesReference?.digits(2) ?? "–", measured?.labelAgreement?.digits(4) ?? "–",
                measured?.meanDelta?.digits(4) ?? "–", model.source,
                model.labels.map(\.sentiment.rawValue).joined(separator: ","), model.weight.digits(2),
                model.profiles.joined(separator: ","), model.revision?.shortRevision ?? "–")
        }
        return table.rendered()
    }

    /// What to do about active models that nothing here can run as they ask for, or whose engines have not been compared; nil
    /// where there is nothing to do.
    var advice: String? {
        let failures = filter { $0.isActive && $0.runs?.type == "failed" }.compactMap(\.runs?.message)
        let advice = failures + [unmeasured].compactMap { $0 }
        return advice.isEmpty ? nil : advice.joined(separator: "\n")
    }

    private var unmeasured: String? {
        let waiting = filter { $0.isActive && $0.isUnmeasured }.map(\.specification.id)
        guard !waiting.isEmpty else { return nil }
        return
            "\(waiting.joined(separator: ", ")): not measured on this machine; `volfefe models prepare` picks the fastest engine that says the same"
    }
}
