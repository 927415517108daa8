import Foundation
import Inference
import Synchronization
import Volfefe

/// `volfefe classify` of stored contents: select, run what is missing, store, sum up.
struct StoredClassification {
    private let supervisor: Supervisor
    private let options: SelectionOptions
    private let input: InputOptions
    private let force: Bool
    private let reuse: Bool
    private let showsJSON: Bool
    private let isVerbose: Bool

    init(
        _ supervisor: Supervisor, _ options: SelectionOptions, _ input: InputOptions, force: Bool, reuse: Bool,
        showsJSON: Bool, isVerbose: Bool
    ) {
        self.supervisor = supervisor
        self.options = options
        self.input = input
        self.force = force
        self.reuse = reuse
        self.showsJSON = showsJSON
        self.isVerbose = isVerbose
    }

    func run() async throws -> ExitStatus {
        let begun = ContinuousClock.now
        if options.file == nil { try supervisor.requireDatabase() }
        let store = try supervisor.openStore()
        try await store.interruptDeadRuns()
        let ingested = try await ingestFile(into: store)
        let selection = try ingested.map { Selection.contents($0.contentIDs) } ?? storedSelection()
        try await refuseChangedPins(store)
        let plan = try await store.plan(selection: selection, models: supervisor.modelVersions, force: force)
        report(plan)
        guard plan.contents > 0 else {
            Terminal.say("nothing to do: every selected content with text has a verdict of every model")
            try await show(listed(selection, [], store), summary: nil, plan: plan)
            return status(plan, ingested, failed: 0)
        }
        let outcome = try await perform(selection, plan, store)
        let summary = Summary(
            run: outcome.run, models: supervisor.models,
            distribution: try await store.distribution(.run(outcome.run), models: supervisor.modelVersions),
            agreement: try await agreement(of: outcome.run, store),
            tally: outcome.tally, missing: outcome.missing, seconds: (ContinuousClock.now - begun) / .seconds(1))
        try await show(listed(selection, outcome.contentIDs, store), summary: summary, plan: plan)
        let failed = outcome.tally.failed + outcome.tally.failedElsewhere + outcome.missing.count
        return outcome.signal ?? status(plan, ingested, failed: failed)
    }

    /// `--dry-run`: what would run, with a preview of each text. Starts no process and writes nothing.
    func list() async throws -> ExitStatus {
        if let file = options.file { return try listFile(file) }
        let store = try supervisor.openStore(readOnly: true)
        let selection = try storedSelection()
        let plan = try await store.plan(selection: selection, models: supervisor.modelVersions, force: force)
        var after: Int64 = 0
        var left = if case .limit(let limit) = selection { limit } else { Int.max }
        while left > 0 {
            let page = try await store.work(
                selection: selection, models: supervisor.modelVersions, force: force, after: after, page: min(500, left)
            )
            guard let last = page.last else { break }
            after = last.contentID
            left -= page.count
            for item in page {
                let entry = DryRunEntry(contentID: item.contentID, models: item.missing, preview: item.text.preview(60))
                guard Terminal.show(showsJSON ? try JSON.line(entry) : entry.line) else { return .done }
            }
        }
        report(plan)
        Terminal.say(
            "dry run: \(plan.contents.grouped) contents, \(plan.cells.grouped) verdicts to get; nothing was run")
        return plan.unknownIDs.isEmpty ? .done : .someFailed
    }

    // MARK: - Steps

    /// How far the models agree on what the run has judged, as `volfefe agreement` counts it; nil for too many models.
    private func agreement(of run: Int64, _ store: Store) async throws -> AgreementReport? {
        let known = try await store.analysedModels()
        let models = supervisor.modelVersions.compactMap { model in
            known.first { $0.modelID == model.id && $0.modelVersion == model.version }
        }
        guard models.count <= VerdictPatterns.mostModels else { return nil }
        return AgreementReport(try await store.verdictPatterns(models, run: run))
    }

    private struct Outcome: Sendable {
        let run: Int64
        let tally: ClassificationRun.Tally
        let contentIDs: [Int64]
        let missing: [MissingModel]
        let signal: ExitStatus?
    }

    /// Runs what is missing and books the run, whatever its end.
    private func perform(_ selection: Selection, _ plan: WorkPlan, _ store: Store) async throws -> Outcome {
        let progress = Progress(total: plan.contents, unit: "contents", quiet: isVerbose)
        defer { progress.end() }
        let run = try await supervisor.beginRun(in: store)
        let workers = supervisor.workerCount(texts: plan.contents)
        let done = Mutex<[Int64]>([])
        let keepsIDs = lists(plan.contents)
        do {
            let (tally, missing, signal) = try await Interruption.handling(
                grace: supervisor.configuration.shutdownGrace
            ) {
                interruption in
                let (tally, missing) = try await supervisor.withPool(workers: workers, stop: interruption.stop) {
                    pool in
                    let ready = try await pool.ready()
                    try await supervisor.register(ready, with: store)
                    try await supervisor.describe(run, ready, in: store)
                    let missing = MissingModel.list(of: supervisor.models, besides: ready)
                    let loaded = supervisor.modelVersions.filter { model in !missing.contains { $0.id == model.id } }
                    let tally = try await ClassificationRun(
                        store: store, pool: pool, models: loaded, limits: supervisor.limits(workers: workers), run: run,
                        stop: interruption.stop
                    ).perform(
                        selection, force: force, reuse: reuse,
                        onWaiting: { others in
                            Terminal.say(
                                others == 1
                                    ? "another volfefe is at work on the rest; waiting for it"
                                    : "\(others) others are at work on the rest; waiting for them")
                        }
                    ) { id, results in
                        if keepsIDs { done.withLock { $0.append(id) } }
                        if isVerbose { Terminal.say(Verdicts.line(id, results, order: supervisor.modelIDs)) }
                        progress.advance(1, failed: results.failures)
                    }
                    return (tally, missing)
                }
                return (tally, missing, interruption.exitStatus)
            }
            try await store.finishRun(run, interrupted: signal != nil)
            return Outcome(
                run: run, tally: tally, contentIDs: done.withLock { $0.sorted() }, missing: missing, signal: signal)
        } catch {
            try? await store.finishRun(run, interrupted: true)
            throw error
        }
    }

    /// Contents are listed one by one where they were asked for by name or number, up to five hundred.
    private func lists(_ contents: Int) -> Bool { !options.all && contents <= 500 }

    private func listed(_ selection: Selection, _ done: [Int64], _ store: Store) async throws -> [Summary.ContentLine]?
    {
        let ids: [Int64]
        switch selection {
        case .ids(let given), .contents(let given): ids = given
        case .limit: ids = done
        case .all: return nil
        }
        guard lists(ids.count) else { return nil }
        let rows = Dictionary(
            grouping: try await store.classifications(of: ids).filter { !$0.isStale }, by: \.contentID)
        var lines: [Summary.ContentLine] = []
        for id in ids {
            guard let content = try await store.content(id), let text = content.text else { continue }
            let current = supervisor.models.compactMap { model in
                rows[id]?.first { $0.modelID == model.id && $0.modelVersion == model.version }
            }
            lines.append(
                Summary.ContentLine(
                    contentID: id, externalID: content.externalID, preview: text.preview(40),
                    models: Dictionary(
                        current.map { ($0.modelID, $0.outcome) }, uniquingKeysWith: { first, _ in first })))
        }
        return lines
    }

    private func storedSelection() throws -> Selection {
        if options.ids != nil { return .ids(try options.parsedIDs()) }
        if options.all { return .all }
        return .limit(options.limit ?? 10)
    }

    private func ingestFile(into store: Store) async throws -> IngestReport? {
        guard let file = options.file else { return nil }
        let report = try await ingestion().run(file, into: store)
        report.say()
        return report
    }

    private func listFile(_ file: String) throws -> ExitStatus {
        let report = try ingestion().list(file) { draft in
            let entry = DryRunEntry(
                contentID: nil, models: supervisor.modelIDs, preview: (draft.text ?? "").preview(60),
                externalID: draft.externalID)
            if let line = showsJSON ? try? JSON.line(entry) : entry.line { Terminal.show(line) }
        }
        report.firstProblems.forEach(Terminal.say)
        Terminal.say("dry run: \(report.read.grouped) contents in \(file); nothing was stored or run")
        return input.status(problems: report.problems)
    }

    private func ingestion() throws -> FileIngestion {
        FileIngestion(supervisor.configuration, source: options.source, map: try input.mapping(), format: input.format)
    }

    /// A pinned revision that differs from the stored one needs no worker to be refused.
    private func refuseChangedPins(_ store: Store) async throws {
        for model in supervisor.models {
            guard let pinned = model.revision,
                let stored = try await store.storedRevision(modelID: model.id, version: model.version),
                stored != pinned
            else { continue }
            throw StoreError.revisionChanged(model: model.id, version: model.version, stored: stored, offered: pinned)
        }
    }

    private func report(_ plan: WorkPlan) {
        if !plan.unknownIDs.isEmpty {
            let shown = plan.unknownIDs.prefix(10).map(String.init).joined(separator: ", ")
            Terminal.say(
                "no content has these ids: \(shown)\(plan.unknownIDs.count > 10 ? ", …" : "")")
        }
        if plan.withoutText > 0 {
            Terminal.say("\(plan.withoutText.grouped) contents have no text (a picture, a repost): skipped")
        }
    }

    private func show(_ lines: [Summary.ContentLine]?, summary: Summary?, plan: WorkPlan) throws {
        if showsJSON {
            Terminal.show(try JSON.document(Summary.Document(summary, plan: plan, results: lines)))
        } else if let lines, !lines.isEmpty, !isVerbose {
            Terminal.show(Summary.table(lines, order: supervisor.modelIDs))
        }
        if let summary { Terminal.say(summary.text) }
    }

    private func status(_ plan: WorkPlan, _ ingested: IngestReport?, failed: Int) -> ExitStatus {
        let asked = options.ids != nil && (!plan.unknownIDs.isEmpty || plan.withoutText > 0)
        let status = input.status(problems: ingested?.problems ?? 0)
        return status == .done && (asked || failed > 0) ? .someFailed : status
    }
}

/// A line of `--dry-run`.
private struct DryRunEntry: Encodable {
    var contentID: Int64?
    var models: [String]
    var preview: String
    var externalID: String?

    var line: String {
        "[\(contentID.map(String.init) ?? externalID ?? "?")] \(preview)  → \(models.joined(separator: ", "))"
    }

    enum CodingKeys: String, CodingKey {
        case models, preview
        case contentID = "content_id"
        case externalID = "external_id"
    }
}
