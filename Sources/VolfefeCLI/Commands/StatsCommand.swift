import ArgumentParser
import Volfefe

/// `volfefe stats`: what each model has said.
struct StatsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Show how often each model says what, how sure it is, and what is missing.",
        discussion: """
              volfefe stats
              volfefe stats --model vader --by week
              volfefe stats --by source --csv > by-source.csv

            Coverage is the share of the contents with a text that have a verdict. Verdicts on
            texts that were edited since are counted as stale and nowhere else. Days and weeks
            (their Monday) are those of publication, in UTC.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(
        name: .long, help: "One model, as id or id@version (default: the newest version of each).",
        transform: ModelReference.init(argument:))
    var model: ModelReference?

    @Option(name: .long, help: "A row per day, week or source of the contents, or per model.")
    var by: ModelStatistics.Grouping = .model

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(model.map { [$0] })
            let statistics = try await store.statistics(of: models, by: by)
            let grid = Self.grid(statistics, by: by)
            try format.show(statistics, grid: grid) { grid.rendered() }
            return .done
        }
    }

    private static func grid(_ statistics: [ModelStatistics], by grouping: ModelStatistics.Grouping) -> Grid {
        var grid = Grid(
            (grouping == .model ? [] : ["<\(grouping.rawValue)"]) + [
                "<model", "<version", "verdicts", "coverage", "positive", "neutral", "negative", "mean confidence",
                "perfect share", "truncated", "reused", "failed", "stale",
            ])
        for row in statistics {
            grid.add(
                cells: (grouping == .model ? [] : [.text(row.group ?? "–")]) + [
                    .text(row.modelID), .text(row.modelVersion), .count(row.verdicts), .share(row.coverage),
                    .count(row.positive), .count(row.neutral), .count(row.negative), .share(row.meanConfidence),
                    .share(row.perfectShare), .count(row.truncated), .count(row.reused), .count(row.failed),
                    .count(row.stale),
                ])
        }
        return grid
    }
}

extension ModelStatistics.Grouping: ExpressibleByArgument {}
