import ArgumentParser
import Volfefe

/// `volfefe latency`: how long each model takes for a text.
struct LatencyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "latency",
        abstract: "Show how long each model takes per text.",
        discussion: """
            A text's latency is the wall time of its batch divided by the texts in it, in
            milliseconds. The time that it waited for a worker before is not in it and has a
            row of its own (queue, rounded up by at most 4.5 %, over all runs), and so has the
            first call of a model in a process, which is slower. Reused verdicts were not
            computed and are left out.

              volfefe latency --models minilm_finance,vader
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let reports = try await store.latencies(of: try await store.analysedModels(choice.models?.list))
            let grid = Self.grid(reports)
            try format.show(reports, grid: grid) { grid.rendered() }
            return .done
        }
    }

    private static func grid(_ reports: [LatencyReport]) -> Grid {
        var grid = Grid([
            "<model", "<version", "<calls", "texts", "mean ms", "p50 ms", "p95 ms", "p99 ms", "max ms", "reused",
        ])
        for report in reports {
            for (name, times) in [("steady", report.steady), ("first", report.firstCalls), ("queue", report.queue)] {
                guard times != nil || name == "steady" else { continue }
                func cell(_ value: Double?) -> Grid.Cell { .figure(value, digits: 2) }
                grid.add(
                    .text(report.modelID), .text(report.modelVersion), .text(name), .count(times?.count ?? 0),
                    cell(times?.meanMs), cell(times?.p50Ms), cell(times?.p95Ms), cell(times?.p99Ms),
                    cell(times?.maxMs), .count(name == "steady" ? report.reused : nil))
            }
        }
        return grid
    }
}
