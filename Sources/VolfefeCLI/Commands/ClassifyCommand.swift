import ArgumentParser
import Inference
import Volfefe

/// `volfefe classify`: what is selected, what is piped in, or the first ten contents that miss a verdict.
struct ClassifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "classify",
        abstract: "Run every enabled model on stored contents, a file, or a pipe.",
        discussion: """
            Only what is missing is run: a content that has a verdict of a model's version
            is not given to it again, and a text that another content has too is judged once
            per engine and precision.

              volfefe classify --ids 1,2,3
              volfefe classify --limit 10           the default without a selection
              volfefe classify --all --dry-run      lists what would run, runs nothing
              volfefe classify --file posts.json --source truth_social
              echo "Record highs!" | volfefe classify
              cat lines.txt | volfefe classify --lines      a text per line
              cat items.jsonl | volfefe classify --jsonl    {"id": …, "text": …} per line

            A pipe is read only when nothing is selected; its verdicts are printed, and
            stored only with --store.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var selection: SelectionOptions
    @OptionGroup var pipe: PipeOptions
    @OptionGroup var input: InputOptions
    @OptionGroup var format: OutputOptions

    @Option(name: .long, help: "Run only this model; repeat for several.")
    var model: [String] = []

    @Flag(
        name: [.customShort("d"), .customLong("dry-run")], help: "List what would run; start no worker, write nothing.")
    var dryRun = false

    @Flag(name: .long, help: "Run the models again where they have answered already.")
    var force = false

    @Flag(name: .customLong("no-cache"), help: "Compute every text, even where an equal one has been judged.")
    var noCache = false

    @Flag(name: .long, help: "Run without models that cannot be loaded; exit status 1.")
    var degraded = false

    func validate() throws {
        try selection.validate(pipe: pipe)
        if dryRun, pipe.isAsked {
            throw ValidationError("--dry-run is for stored contents; a pipe has nothing to list.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let supervisor = try Supervisor(global, onlyModels: model, degraded: degraded)
            if readsPipe { return try await PipeClassification(supervisor, pipe, source: selection.source).run() }
            let classification = StoredClassification(
                supervisor, selection, input, force: force, reuse: supervisor.configuration.reuse && !noCache,
                showsJSON: format.json, isVerbose: global.verbose)
            return try await dryRun ? classification.list() : classification.run()
        }
    }

    /// A selection wins over a pipe; `-`, `--lines` and `--jsonl` ask for the pipe.
    private var readsPipe: Bool { pipe.isAsked || (!selection.isGiven && !dryRun && Terminal.hasPipedInput) }
}

/// Which stored contents.
struct SelectionOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Content ids, separated by commas.")
    var ids: String?

    @Option(name: .shortAndLong, help: "The first N contents that miss a verdict (default 10).")
    var limit: Int?

    @Flag(name: .shortAndLong, help: "Every content that misses a verdict.")
    var all = false

    @Option(name: .shortAndLong, help: "Ingest a JSON, JSONL or CSV file and classify what is in it.")
    var file: String?

    @Option(
        name: .shortAndLong,
        help: "Source that a file's or a stored pipe's contents belong to (default: the file's name).")
    var source: String?

    /// Whether any selection is on the command line.
    var isGiven: Bool { ids != nil || limit != nil || all || file != nil }

    func validate(pipe: PipeOptions) throws {
        let given = [ids != nil, limit != nil, all, file != nil].filter { $0 }.count
        if given > 1 { throw ValidationError("Give one of --ids, --limit, --all and --file.") }
        if let limit, limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if isGiven, pipe.lines || pipe.jsonl || pipe.isStandardInput {
            throw ValidationError("A selection and standard input exclude each other: drop one of them.")
        }
        if ids != nil { _ = try parsedIDs() }
        if let source, source.isEmpty { throw ValidationError("--source must not be empty.") }
    }

    /// The ids of `--ids`, each once, in their order.
    func parsedIDs() throws -> [Int64] {
        var seen = Set<Int64>()
        let parts = (ids ?? "").split(separator: ",", omittingEmptySubsequences: true)
        guard !parts.isEmpty else { throw ValidationError("--ids needs at least one id, such as --ids 1,2,3.") }
        return try parts.compactMap { part in
            let word = part.trimmingSpaces
            guard let id = Int64(word), id > 0 else {
                throw ValidationError(
                    "\"\(word)\" in --ids is no content id: ids are whole numbers from 1, separated by commas.")
            }
            return seen.insert(id).inserted ? id : nil
        }
    }
}

/// How a pipe is read.
struct PipeOptions: ParsableArguments {
    @Argument(help: "\"-\" reads standard input.")
    var input: String?

    @Flag(name: .long, help: "Read a text per line from standard input.")
    var lines = false

    @Flag(name: .long, help: "Read {\"id\", \"text\"} objects, one per line, from standard input.")
    var jsonl = false

    @Flag(name: .long, help: "Store a pipe's texts and verdicts too.")
    var store = false

    /// Whether "-" was given.
    var isStandardInput: Bool { input == "-" }
    /// Whether the command line asks for standard input.
    var isAsked: Bool { isStandardInput || lines || jsonl }

    func validate() throws {
        if lines, jsonl { throw ValidationError("Give --lines or --jsonl, not both.") }
        if let input, input != "-" {
            throw ValidationError(
                "Unexpected argument \"\(input)\": use --file \(input) for a file, or - for standard input.")
        }
    }
}

extension Substring {
    var trimmingSpaces: String {
        var rest = self
        while let first = rest.first, first.isWhitespace { rest = rest.dropFirst() }
        while let last = rest.last, last.isWhitespace { rest = rest.dropLast() }
        return String(rest)
    }
}
