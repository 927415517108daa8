import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe ingest`: the contents of files into the store, with their language and the names in them.
struct IngestCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ingest",
        abstract: "Store the contents of JSON, JSON Lines or CSV files, with their language and the names in them.",
        discussion: """
            Good records are stored, bad ones listed with file, line and column. What is
            there already is recognised by source and id; an edited text makes its
            verdicts stale. Several files are read at once; one that fails does not stop
            the others.

              volfefe ingest posts.json --source truth_social
              volfefe ingest a.jsonl b.csv --source news --map text=Headline --map id=Key
              zcat posts.jsonl.gz | volfefe ingest - --source archive
              volfefe ingest posts.json --mode full     verdicts too, before the next are read

            A content is there for queries as soon as its thousand is committed; the same
            command again does only what is missing.

            Exit status: 0 done; 1 a file failed, a record is bad, or a phase failed on a content.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: OutputOptions
    @OptionGroup var input: InputOptions

    @Argument(help: "Files to read; - reads standard input.")
    var files: [String]

    @Option(name: .shortAndLong, help: "Source that the contents belong to (default: the file's name).")
    var source: String?

    @Option(
        name: .long,
        help:
            "fast: language and sure names; full: further names and verdicts too (default: the source's setting, else fast)."
    )
    var mode: IngestMode?

    @Flag(name: .customLong("no-phases"), help: "Only store; language and names stay pending.")
    var noPhases = false

    func validate() throws {
        if noPhases, mode == .full { throw ValidationError("--no-phases and --mode full exclude each other.") }
        if files.count(where: { $0 == "-" }) > 1 {
            throw ValidationError("- stands twice: standard input is read once.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global)
            let configuration = settings.configuration
            let store = try Store(
                path: configuration.database, busyTimeout: configuration.busyTimeout,
                syncCommits: configuration.syncCommits)
            return try await Interruption.handling { interruption in
                let ingestion = FileIngestion(
                    configuration, source: source, map: try input.mapping(), format: input.format,
                    stop: interruption.stop)
                let status = try await run(settings, ingestion, store, interruption.stop)
                return interruption.exitStatus ?? status
            }
        }
    }

    /// Fast sources first, several files at once; then full ones, one after the other.
    private func run(
        _ settings: LoadedSettings, _ ingestion: FileIngestion, _ store: Store, _ stop: StopRequest
    ) async throws -> ExitStatus {
        func mode(of file: String) -> IngestMode {
            self.mode ?? settings.configuration.sources[ingestion.sourceName(of: file)]?.mode ?? .fast
        }
        let full = noPhases ? [] : files.filter { mode(of: $0) == .full }
        let fast = noPhases ? files : files.filter { mode(of: $0) == .fast }
        let status = try await withGroups([Phase.fast], settings, store) { phases in
            let atOnce = min(fast.count, phases.inFlight)
            return try await Ingesting(
                ingestion: ingestion, store: store, phases: phases, stop: stop, showsJSON: format.json, atOnce: atOnce,
                depth: max(phases.inFlight / max(atOnce, 1), 1) + 1
            ).run(fast, input: input)
        }
        guard !full.isEmpty, !stop.isRequested else { return status }
        let further = try await withGroups([Phase.fast, [.ner]], settings, store) { phases in
            let runners = PhaseRunners(settings: settings, store: store, stop: stop, isVerbose: global.verbose)
            let finishing = PhaseSequence(runners: runners, source: nil, wish: .init())
            return try await FullIngestion(
                supervisor: Supervisor(global), store: store, stop: stop, finishing: finishing
            ).run {
                afterCommit in
                try await Ingesting(
                    ingestion: ingestion, store: store, phases: phases, stop: stop, showsJSON: format.json, atOnce: 1,
                    depth: 1, afterCommit: afterCommit
                ).run(full, input: input)
            }
        }
        return status == .done ? further : status
    }

    /// Opens processes for each group of phases; without Python, or with --no-phases, there are none.
    private func withGroups(
        _ groups: [[Phase]], _ settings: LoadedSettings, _ store: Store,
        _ body: @escaping @Sendable (DraftPhases) async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let pools: [(phases: [Phase], pool: PhasePoolConfiguration)]
        do {
            pools = try noPhases ? [] : groups.map { ($0, try settings.phasePool($0)) }
        } catch VolfefeError.noInterpreter(let reason) {
            Terminal.say("\(reason) Contents are stored all the same; their phases stay pending.")
            pools = []
        }
        return try await Self.open(pools[...], [], isVerbose: global.verbose) { groups in
            let phases = DraftPhases(
                groups, store: store, maxAttempts: settings.configuration.phases.maxAttempts,
                isOn: { settings.configuration.isOn($0, source: $1) }
            ) { phases, error in
                let names = phases.map(\.rawValue).joined(separator: ", ")
                Terminal.say("volfefe: \(error)\ncontents are stored all the same; \(names) stay pending for them")
            }
            let status = try await body(phases)
            // What is not installed is no failure; what is and does not work, is.
            let isBroken = phases.broken.values.contains { $0.exitCode != ExitStatus.notFound.rawValue }
            return status == .done && isBroken ? .someFailed : status
        }
    }

    private static func open(
        _ pools: ArraySlice<(phases: [Phase], pool: PhasePoolConfiguration)>, _ opened: [DraftPhases.Group],
        isVerbose: Bool, _ body: @escaping @Sendable ([DraftPhases.Group]) async throws -> ExitStatus
    ) async throws -> ExitStatus {
        guard let next = pools.first else { return try await body(opened) }
        let log: @Sendable (String) -> Void = { line in if isVerbose { Terminal.say("[phases] \(line)") } }
        return try await withPhasePool(next.pool, log: log) { pool in
            try await open(
                pools.dropFirst(), opened + [DraftPhases.Group(pool: pool, phases: next.phases)], isVerbose: isVerbose,
                body)
        }
    }
}

extension IngestMode: ExpressibleByArgument {}

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
