import ArgumentParser
import Volfefe

/// `volfefe evaluate`: how right models are, measured on gold labels.
struct EvaluateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure the models on gold labels.",
        discussion: """
            A model that cannot say a sentiment is measured on all labels, and apart on those
            that it can say. `majority` is what most of the models say, ties left out. With
            --calibration, each text is scaled by a temperature that was fitted without it.
            Intervals are at 95 %; docs/analysis.md has the formulas.

              volfefe evaluate
              volfefe evaluate --by length --csv
              volfefe evaluate --calibration latest --reliability
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "A row per source, day, week, month or length of the contents, or per model.")
    var by: Evaluation.Grouping = .model

    @Option(name: .long, help: "Name of a calibration, or latest.")
    var calibration: String?

    @Flag(name: .long, help: "Show how often each model is right by how sure it is, in 15 bins.")
    var reliability = false

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(choice.models?.list)
            var chosen: Calibration?
            if let calibration { chosen = try await store.calibration(calibration) }
            let evaluation = try await store.evaluation(of: models, by: by, calibration: chosen)
            let tables = EvaluationTables(evaluation, grouping: by)
            try format.show(evaluation, grid: reliability ? tables.reliability : tables.figures) {
                tables.text(withReliability: reliability)
            }
            if let chosen {
                for model in models where chosen.scaling(of: model) == nil {
                    Terminal.say(
                        "\(chosen.name) has no temperature for \(model.name): its probabilities are as they are.")
                }
            }
            return .done
        }
    }
}

extension Evaluation.Grouping: ExpressibleByArgument {}
