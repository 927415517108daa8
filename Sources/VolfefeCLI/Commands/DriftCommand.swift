import ArgumentParser
import Volfefe

/// `volfefe drift`: whether models say other things of later texts.
struct DriftCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drift",
        abstract: "Compare what models said of the texts of two periods.",
        discussion: """
            Periods are days, ISO weeks, months or years of publication in UTC; both ends are
            included. PSI is the population stability index: usually below 0.1 is taken as
            stable, from 0.25 as a major shift. p is that of a χ² test of the sentiments and of
            a Kolmogorov–Smirnov test of the confidences; Holm's corrects it for all of them.

              volfefe drift --reference 2025-01..2025-03 --current 2025-04..2025-06
              volfefe drift --reference 2025-W40..2025-W43 --current 2025-W44 --models vader
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "The period to compare with, such as 2025-01..2025-03.", transform: Period.init(_:))
    var reference: Period

    @Option(name: .long, help: "The period to look at, such as 2025-04..2025-06.", transform: Period.init(_:))
    var current: Period

    func validate() throws {
        if reference.overlaps(current) {
            throw ValidationError("\(reference) and \(current) overlap; take two that do not.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(choice.models?.list)
            let drift = try await store.drift(of: models, from: reference, to: current)
            let tables = DriftTables(drift)
            try format.show(drift, grid: tables.figures) { tables.text }
            return .done
        }
    }
}
