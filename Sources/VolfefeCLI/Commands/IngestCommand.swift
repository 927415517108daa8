import ArgumentParser
import Volfefe

/// `volfefe ingest`: the contents of files into the store, without classifying them.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Store the contents of JSON, JSON Lines or CSV files.",
        discussion: """
            Good records are stored, bad ones listed with file, line and column. What is there already is recognised by
            source and id; an edited text makes its verdicts stale.

              volfefe ingest posts.json --source truth_social
              volfefe ingest a.jsonl b.csv --source news --map text=Headline --map id=Key
              zcat posts.jsonl.gz | volfefe ingest - --source archive
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var input: InputOptions

    @Argument(help: "Files to read; - reads standard input.")
    var files: [String]

    @Option(name: .shortAndLong, help: "Source that the contents belong to (default: the file's name).")
    var source: String?

    func run() async throws {
        try await reportingErrors {
            let configuration = try LoadedSettings(global).configuration
            let store = try Store(path: configuration.database)
            return try await Interruption.handling { interruption in
                let ingestion = FileIngestion(
                    configuration, source: source, map: try input.mapping(), format: input.format,
                    stop: interruption.stop)
                var problems = 0
                for file in files where !interruption.stop.isRequested {
                    let progress = Progress(total: nil, unit: "contents")
                    let report = try await ingestion.run(file, into: store) { progress.advance($0) }
                    progress.end()
                    problems += report.problems
                    report.say()
                    if format.json { Terminal.show(try JSON.line(report)) }
                }
                return interruption.exitStatus ?? input.status(problems: problems)
            }
        }
    }
}

/// How files are read.
struct InputOptions: ParsableArguments {
    @Option(name: .long, help: "Field of the input for one of ours, such as text=Headline; repeat for several.")
    var map: [String] = []

    @Option(name: .customLong("as"), help: "Format of the input: json, jsonl or csv (default: found out).")
    var format: InputFormat?

    @Flag(name: .long, help: "End with status 65 when any record is bad (good ones are stored all the same).")
    var strict = false

    func validate() throws { _ = try mapping() }

    /// Our field → theirs.
    func mapping() throws -> [String: String] {
        let known = FieldMapping.Field.allCases.map(\.rawValue)
        var mapping: [String: String] = [:]
        for pair in map {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]) else {
                throw ValidationError(
                    "--map \(pair): write it as OURS=THEIRS, where OURS is one of \(known.joined(separator: ", ")).")
            }
            mapping[parts[0]] = parts[1]
        }
        return mapping
    }

    func status(problems: Int) -> ExitStatus { problems == 0 ? .done : strict ? .badInput : .someFailed }
}

extension InputFormat: ExpressibleByArgument {}
