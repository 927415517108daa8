import ArgumentParser
import Foundation
import Volfefe

/// `volfefe metrics`: figures per source and across sources.
struct MetricsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics",
        abstract: "Show figures per source and across sources, and how far each has come.",
        discussion: """
            Computed now, from one snapshot. A source's level is `basic` when language and
            sure names are known, `sentiment_complete` when all models that are on have
            judged it, `full` when every phase that is on is complete (95 %). `volfefe phases
            run analytics` stores the same in the database.

            --export writes metrics.json, a CSV file per table and report.html into a folder;
            each file is there whole or not at all, metrics.json last.

              volfefe metrics
              volfefe metrics --source truth_social --json
              volfefe metrics --export reports
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(name: .long, help: "Only this source.")
    var source: String?

    @Option(name: .long, help: "Write the figures into this folder, which is made where it is missing.")
    var export: String?

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global).configuration
            let store = try Store(path: settings.database, mode: .readOnly)
            var scope = MetricsScope(settings)
            scope.source = source
            let models = try await store.analysedModels(nil)
            let metrics = try await store.collectionMetrics(scope, models: models, at: Date())
            let tables = MetricsTables(metrics)
            if let export {
                let files = try MetricsFolder(export).write(metrics)
                Terminal.say("wrote \(files) files to \(export)")
            }
            // A folder is an answer; more is printed when it is asked for.
            guard export == nil || format.json || format.csv else { return .done }
            try format.show(metrics, grid: tables.long) { tables.text }
            return .done
        }
    }
}
