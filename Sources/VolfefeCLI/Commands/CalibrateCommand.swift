import ArgumentParser
import Volfefe

/// `volfefe calibrate`: makes models as sure as they are right.
struct CalibrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "calibrate",
        abstract: "Fit a temperature for each model on gold labels, and store it.",
        discussion: """
            Temperature scaling changes how sure a model is, never what it says; the verdicts
            stay as they are. Figures under "after" are held out: each text is scaled by a
            temperature that was fitted without the fold that it lies in. A text's fold depends
            on its bytes alone.

              volfefe calibrate
              volfefe calibrate --models minilm_social --folds 10 --name october
              volfefe evaluate --calibration latest
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "Parts that the labels are divided into.")
    var folds = 5

    @Option(name: .long, help: "What to call it (default: after its parameters).")
    var name: String?

    func validate() throws {
        if !(2...100).contains(folds) { throw ValidationError("--folds must be between 2 and 100.") }
        if let name, ["latest", "none", ""].contains(name) {
            throw ValidationError("--name \"\(name)\" means something else; take another.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            // Not made when it is not there: it would have no labels.
            let reading = try Store.reading(global)
            let models = try await reading.analysedModels(choice.models?.list)
            let store = try Store(path: reading.path)
            let report = try await store.calibrate(models, folds: folds, name: name)
            let tables = CalibrationTables(report)
            try format.show(report, grid: tables.grid(rounded: false)) { tables.text }
            guard let name = report.name else {
                throw CommandError(
                    .someFailed, "no model could be calibrated; volfefe gold next says what to label.")
            }
            Terminal.say(report.isNew ? "stored as \(name)" : "\(name) was there already")
            return report.models.contains { $0.temperature == nil } ? .someFailed : .done
        }
    }
}
