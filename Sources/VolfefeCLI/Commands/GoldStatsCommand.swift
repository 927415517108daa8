import ArgumentParser
import Volfefe

/// `volfefe gold stats`: how many labels there are, and how far annotators agree.
struct GoldStatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Count gold labels by source and annotator, and show how far annotators agree.",
        discussion: """
            A model cannot be measured better than the annotators agree: read `evaluate` beside
            this. Intervals are at 95 %, as those of `volfefe agreement`.

              volfefe gold stats
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let statistics = try await store.goldStatistics()
            let tables = GoldTables(statistics)
            try format.show(statistics, grid: tables.sources) { tables.text }
            return .done
        }
    }
}
