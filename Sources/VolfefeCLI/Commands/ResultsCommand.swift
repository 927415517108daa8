import ArgumentParser
import Volfefe

/// `volfefe results`: results of models that ran elsewhere.
struct ResultsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results", abstract: "Import results of models that ran elsewhere.", subcommands: [Import.self])

    /// `volfefe results import FILE`
    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "import",
            abstract: "Store verdicts that were computed elsewhere: on a GPU box, in a notebook.",
            discussion: """
                One result map per line, as `volfefe classify --jsonl` prints them, or a JSON array of
                them. What a record is about: `external_id` (or `id`) with `source`; or
                `content_id`; or `text`; or `text_info.sha256`. A content that is not stored yet is
                stored when its text is there. Per model: `sentiment`, `confidence`,
                `model_version` and `raw_scores`; `processing`, `raw_model_output` as far as known.

                What a model can say is taken from --models, a header line (`{"models": [{"id",
                "version", "labels"}]}`), the database, volfefe.yaml, or the labels of the file, in
                that order. Bad lines are listed and skipped. Doing it twice changes nothing.

                  volfefe results import gpu.jsonl --source posts
                  volfefe results import notebook.jsonl --models notebook.yaml --strict
                  ssh gpu 'volfefe classify --jsonl < posts.jsonl' | volfefe results import - --source posts

                Exit status: 1 some lines were bad, or other verdicts are stored and were kept;
                65 with --strict: some lines were bad, nothing was stored; 78 a declared model is
                stored with other labels or weights.
                """)

        @OptionGroup var global: GlobalOptions
        @OptionGroup var format: OutputOptions

        @Argument(help: "File to read; - reads standard input.")
        var file: String

        @Option(name: .shortAndLong, help: "Source of the contents, where the file does not tell it.")
        var source: String?

        @Option(name: .long, help: "YAML or JSON file with `models:` (id, version, labels), as in volfefe.yaml.")
        var models: String?

        @Flag(name: .long, help: "Let the file's verdicts replace other ones that are stored.")
        var replace = false

        @Flag(name: .long, help: "Store nothing when any line is bad.")
        var strict = false

        @Flag(name: .long, help: "Store nothing; say what would be.")
        var dryRun = false

        func validate() throws {
            if source?.isEmpty == true { throw ValidationError("--source must not be empty.") }
        }

        func run() async throws {
            try await reportingErrors {
                let configuration = try LoadedSettings(global).configuration
                var options = ResultsImport.Options()
                options.source = source
                options.models = models
                options.replace = replace
                options.strict = strict
                options.dryRun = dryRun
                options.command = CommandLine.arguments.dropFirst().joined(separator: " ")
                return try await Interruption.handling { [options] interruption in
                    let progress = Progress(total: nil, unit: "results")
                    let work = ResultsImport(configuration, options, stop: interruption.stop)
                    let report = try await work.run(
                        file, onModel: { Terminal.say($0.explanation) }, onProgress: { progress.advance($0) })
                    progress.end()
                    report.say(isDryRun: options.dryRun, isStrict: options.strict)
                    if format.json { Terminal.show(try JSON.line(report)) }
                    return interruption.exitStatus ?? status(report)
                }
            }
        }

        private func status(_ report: ResultsReport) -> ExitStatus {
            if report.problems > 0 { return strict ? .badInput : .someFailed }
            return report.kept > 0 ? .someFailed : .done
        }
    }
}
