import ArgumentParser
import Foundation
import Inference
import Volfefe

/// How verdicts become one: method, weights, and for what a model counts.
struct ConsensusOptions: ParsableArguments {
    @Option(name: .long, help: "How verdicts become one: majority, weighted, dawid-skene, or v1.0 for parity.")
    var method: ConsensusMethod = .majority

    @Option(
        name: .long,
        help: "Weights of weighted and v1.0, as id=0.2,id@version=0.4 (default: `weight` in volfefe.yaml).",
        transform: Weights.init)
    var weights: Weights?

    @Option(
        name: .long,
        help: "For which sentiments a model counts in majority and weighted: own, those that it can say; or all.")
    var labels: ConsensusVersion.Labels?

    @Option(name: .long, help: "No consensus where fewer models have judged the content.")
    var minModels = 1

    @Option(
        name: .long, help: "Rounds that dawid-skene may take (default 2000; it ends when nothing changes any more).")
    var iterations: Int?

    /// `finbert=.2,distilbert=.4`.
    struct Weights: Sendable {
        let given: [ConsensusWeights.Given]

        init(_ text: String) throws {
            given = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                guard sides.count == 2, let weight = Double(sides[1]), weight.isFinite, weight >= 0 else {
                    throw ValidationError("\"\(part)\" is no weight; write id=0.2, a number from 0.")
                }
                return .init(reference: try ModelReference(argument: sides[0]), weight: weight)
            }
            guard Set(given.map(\.reference)).count == given.count else {
                throw ValidationError("a model is named twice: \(text).")
            }
        }
    }

    func validate() throws {
        if weights != nil, !method.usesWeights {
            throw ValidationError("\(method.rawValue) has no weights; --weights goes with --method weighted or v1.0.")
        }
        if labels != nil, !method.usesLabels {
            throw ValidationError("--labels goes with --method majority or weighted, not with \(method.rawValue).")
        }
        if let iterations, method != .dawidSkene || iterations < 1 {
            throw ValidationError("--iterations goes with --method dawid-skene and must be at least 1.")
        }
        if minModels < 1 { throw ValidationError("--min-models must be at least 1.") }
    }

    /// The version that was asked for, of these models; `settings` are the weights of the settings by model id.
    func version(of models: [AnalysedModel], settings: [String: Double]) throws -> ConsensusVersion {
        let chosen = ConsensusWeights(given: weights?.given ?? [], settings: settings)
        return try ConsensusVersion(
            method: method, models: models, weights: method.usesWeights ? try chosen.of(models) : nil,
            labels: labels ?? .own, minimumModels: minModels,
            iterations: iterations ?? DawidSkene.mostIterations)
    }
}

extension ConsensusMethod: ExpressibleByArgument {}
extension ConsensusVersion.Labels: ExpressibleByArgument {}

extension Volfefe.Configuration {
    /// The weights of the registry, by model id.
    var weights: [String: Double] {
        Dictionary(models.map { ($0.id, $0.weight) }) { first, _ in first }
    }
}
