import ArgumentParser
import Volfefe

/// `volfefe runs`: jobs that were put in together, and how far they have come.
struct RunsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Show how far the jobs of each `enqueue` have come.",
        discussion: """
            The rate is that of the last minute in which a job of the run ended. A run goes on
            whenever `volfefe work` does; `volfefe jobs retry --run N` brings back what failed.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(name: .shortAndLong, help: "The last N runs.")
    var limit = 20

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let runs = try await Store.reading(global).jobRuns(limit: limit)
            let grid = Self.grid(runs)
            try format.show(runs, grid: grid) {
                runs.isEmpty ? "no jobs were ever put in: volfefe enqueue --all" : grid.rendered()
            }
            return .done
        }
    }

    private static func grid(_ runs: [JobRun]) -> Grid {
        var grid = Grid([
            "run", "<since", "total", "completed", "discarded", "cancelled", "pending", "jobs/s", "<ETA", "<command",
        ])
        for run in runs {
            grid.add(
                .id(run.id), .text(run.insertedAt.shown), .count(run.total), .count(run.completed),
                .count(run.discarded), .count(run.cancelled), .count(run.pending), .figure(run.rate, digits: 1),
                .text(run.pending == 0 ? "done" : run.secondsLeft?.spanned ?? "–"), .text(run.command))
        }
        return grid
    }
}
