import ArgumentParser
import Foundation
import Volfefe

/// `volfefe export`: verdicts as a file for pandas, DuckDB, `datasets`, a spreadsheet.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Write verdicts to a Parquet, CSV or JSON Lines file.",
        discussion: """
            --long (default) has a row per content, model and version; --wide a row per content
            with columns for each model. Verdicts on texts as they are now. Beside FILE goes
            FILE.manifest.json: columns with types, filters, rows, SHA-256. Both appear when they
            are complete. Without --output, CSV and JSON Lines go to stdout. Parquet needs the
            packages of requirements-export.txt.

              volfefe export --output verdicts.parquet
              volfefe export --wide --models vader,minilm_social --output wide.csv
              volfefe export --format jsonl --source posts --since 2025-10-01 | jq .sentiment
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "parquet, csv or jsonl (default: what the name of --output tells).")
    var format: ExportFormat?

    @Flag(exclusivity: .exclusive, help: "What a row is.")
    var layout: ExportLayout = .long

    @Option(name: .long, help: "Name of the source.")
    var source: String?

    @Option(name: .long, help: "Published then or later: 2025-10-31, or with a time as in 2025-10-31T17:24:49Z.")
    var since: ListCommand.Day?

    @Option(name: .long, help: "Published before then.")
    var until: ListCommand.Day?

    @Option(name: .shortAndLong, help: "File to write; - is stdout.")
    var output: String?

    func validate() throws {
        let format = try chosenFormat()
        if format == .parquet, file == nil {
            throw ValidationError("Parquet does not go to stdout; name a file with --output.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global)
            let store = try Store(path: settings.configuration.database, mode: .readOnly)
            var selection = ExportSelection(layout: layout, models: try await models(store))
            selection.source = source
            selection.since = since?.date
            selection.until = until?.date
            let export = Export(store: store, selection: selection, format: try chosenFormat(), settings: settings)
            return try await Interruption.handling { [file] interruption in
                if let file {
                    try await export.write(to: file, stop: interruption.stop)
                } else {
                    try await export.print(stop: interruption.stop)
                }
                return interruption.exitStatus ?? .done
            }
        }
    }

    /// nil: stdout.
    private var file: String? { output == "-" ? nil : output }

    private func chosenFormat() throws -> ExportFormat {
        guard let format = format ?? output.flatMap(ExportFormat.init(path:)) else {
            throw ValidationError("say how with --format parquet, csv or jsonl, or with the name of --output.")
        }
        return format
    }

    /// Long: every version that has verdicts; wide: the newest of each model.
    private func models(_ store: Store) async throws -> [AnalysedModel] {
        if let references = choice.models?.list { return try await store.analysedModels(references) }
        return layout == .long ? try await store.analysedModels() : try await store.analysedModels(nil)
    }
}

extension ExportFormat: ExpressibleByArgument {}
extension ExportLayout: EnumerableFlag {
    /// What `--help` says of a layout.
    public static func help(for value: ExportLayout) -> ArgumentHelp? {
        value == .long
            ? "A row per content, model and version (default)." : "A row per content, columns for each model."
    }
}
