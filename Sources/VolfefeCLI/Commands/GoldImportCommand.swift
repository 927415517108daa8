import ArgumentParser
import Foundation
import Volfefe

/// `volfefe gold import`: labels from a file.
struct GoldImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Store the labels of JSON, JSON Lines or CSV files.",
        discussion: """
            A record has a label and says which content it is for: by `content_id` (or `id`),
            by `external_id` (or `id`) and `source`, or by the `text` that is stored. Where it
            has a text and an id, both must fit. Records without a label are passed over, bad
            ones listed with file and line. Importing a file again changes nothing; a label
            that differs replaces the annotator's older one, which is kept in gold_history.

              volfefe gold import labels.csv
              volfefe gold import tweets.csv --source twitter --labels 0=negative,1=neutral,2=positive
              volfefe gold import export.jsonl --map label=annotation --labels mixed=skip --annotator kim
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions

    @Argument(help: "Files to read; - reads standard input.")
    var files: [String]

    @Option(name: .shortAndLong, help: "Source of the records that name none; `id` is then the id in it.")
    var source: String?

    @Option(name: .long, help: "Annotator of the records that name none.")
    var annotator: String?

    @Option(
        name: .long,
        help: "What labels stand for, such as 0=negative,1=neutral,2=positive,mixed=skip (default: the usual names).",
        transform: LabelNames.init(_:))
    var labels: LabelNames?

    @Option(name: .long, help: "Field of the input for one of ours, such as label=Annotation; repeat for several.")
    var map: [String] = []

    @Option(name: .customLong("as"), help: "Format of the input: json, jsonl or csv (default: found out).")
    var inputFormat: InputFormat?

    @Flag(name: .long, help: "End with status 65 when any record is bad (good ones are stored all the same).")
    var strict = false

    func validate() throws { _ = try fields() }

    func run() async throws {
        try await reportingErrors {
            let configuration = try LoadedSettings(global).configuration
            // Not made when it is not there: it would have nothing that could be labelled.
            guard FileManager.default.fileExists(atPath: configuration.database) else {
                throw StoreError.noDatabase(path: configuration.database)
            }
            let store = try Store(path: configuration.database)
            let columns = GoldFields(try fields())
            return try await Interruption.handling { interruption in
                let work = GoldImport(
                    fields: columns, labels: labels ?? LabelNames(), source: source, annotator: annotator,
                    format: inputFormat, maxLineBytes: configuration.maxLineBytes, stop: interruption.stop)
                var problems = 0
                for file in files where !interruption.stop.isRequested {
                    let progress = Progress(total: nil, unit: "labels")
                    let report = try await work.run(file, into: store) { progress.advance($0) }
                    progress.end()
                    problems += report.problems
                    report.say()
                    if format.json { Terminal.show(try JSON.line(report)) }
                }
                return interruption.exitStatus ?? (problems == 0 ? .done : strict ? .badInput : .someFailed)
            }
        }
    }

    /// Our field → theirs.
    private func fields() throws -> [String: String] {
        let known = GoldFields.Field.allCases.map(\.rawValue)
        var fields: [String: String] = [:]
        for pair in map {
            let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, known.contains(parts[0]) else {
                throw ValidationError(
                    "--map \(pair): write it as OURS=THEIRS, where OURS is one of \(known.joined(separator: ", ")).")
            }
            fields[parts[0]] = parts[1]
        }
        return fields
    }
}

extension GoldImportReport {
    /// Says on stderr what was read and what was wrong.
    fileprivate func say() {
        for problem in firstProblems { Terminal.say(problem) }
        if problems > firstProblems.count {
            Terminal.say("… and \((problems - firstProblems.count).grouped) more problems in \(file)")
        }
        var parts = ["\(new.grouped) new", "\(unchanged.grouped) known already"]
        if changed > 0 { parts.append("\(changed.grouped) changed") }
        if stale > 0 { parts.append("\(stale.grouped) of texts that were edited since (give the text to confirm)") }
        if unlabelled > 0 { parts.append("\(unlabelled.grouped) records without a label") }
        if problems > 0 { parts.append("\(problems.grouped) with problems") }
        Terminal.say("\(file): \(read.grouped) labels read: \(parts.joined(separator: ", "))")
    }
}
