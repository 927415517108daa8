import Foundation
import Inference

/// Brings the results of models that ran elsewhere into the store: validated, in pages, with their provenance.
///
/// The file is read twice, as what a model can say follows from all its verdicts. Nothing of a file is kept in memory but the
/// names of its models.
public struct ResultsImport: Sendable {
    /// What is wished.
    public struct Options: Sendable {
        /// Source of contents for which the file tells none; nil: whichever has the id, or the file's name for new ones.
        public var source: String?
        /// File that declares models.
        public var models: String?
        /// Whether stored verdicts give way to other ones.
        public var replace = false
        /// Whether a bad record keeps everything out.
        public var strict = false
        /// Whether to store nothing and only say what would be.
        public var dryRun = false
        /// Command line, for the run.
        public var command = "results import"

        /// Good records are stored, bad ones skipped.
        public init() {}
    }

    private static let page = 500
    private let configuration: Configuration
    private let options: Options
    private let stop: StopRequest

    /// Prepares an import.
    public init(_ configuration: Configuration, _ options: Options, stop: StopRequest = StopRequest()) {
        self.configuration = configuration
        self.options = options
        self.stop = stop
    }

    /// Imports `path` ("-" is standard input) into the database of the settings. `onModel` gets each model version before
    /// anything is stored, `onProgress` the number of records after each commit.
    public func run(
        _ path: String, onModel: (ImportedModel) -> Void = { _ in }, onProgress: (Int) -> Void = { _ in }
    ) async throws -> ResultsReport {
        let file = try ResultsFile(path: path)
        let registry = configuration.models.map(DeclaredModel.init)
        let given = try options.models.map(DeclaredModel.load) ?? []
        let survey = try ResultsSurvey(
            file, registry: registry, declared: given, maxLineBytes: configuration.maxLineBytes, stop: stop)
        let models = ResultModels(declared: survey.declared, registry: registry)
        let existing = try FileManager.default.fileExists(atPath: configuration.database) ? open() : nil
        let known = try await existing?.storedVersions(survey.observed.traits.keys.sorted()) ?? [:]
        var versions = Versions(survey, models, known: known)
        versions.imported.forEach(onModel)

        if options.dryRun || options.strict {
            let plan = try await read(file, versions, models, survey) { page, settings, _ in
                try await existing?.planResults(page, versions: known, settings: settings)
                    ?? Self.plan(page, settings)
            }
            if options.dryRun || plan.problems > 0 || stop.isRequested { return plan }
        }
        guard !stop.isRequested else { return versions.report(of: file.name, survey) }
        let store = try existing ?? open()
        versions.registered.merge(try await store.register(versions.declared)) { $1 }
        let registered = versions.registered
        var begun: Int64?
        do {
            let report = try await read(file, versions, models, survey) { page, settings, run in
                let outcome = try await store.importResults(page, versions: registered, settings: settings, run: run)
                begun = outcome.run
                onProgress(page.count)
                return outcome
            }
            if let begun { try await store.finishRun(begun, interrupted: stop.isRequested) }
            return report
        } catch {
            if let begun { try? await store.finishRun(begun, interrupted: true) }
            throw error
        }
    }

    private func open() throws -> Store {
        try Store(
            path: configuration.database, mode: options.dryRun ? .readOnly : .readWrite,
            busyTimeout: configuration.busyTimeout)
    }

    /// Reads the file a page at a time, and sums up what `take` makes of the pages.
    private func read(
        _ file: ResultsFile, _ versions: Versions, _ models: ResultModels, _ survey: ResultsSurvey,
        take: ([PreparedResult], ResultSettings, _ run: Int64?) async throws -> ResultPageOutcome
    ) async throws -> ResultsReport {
        var report = versions.report(of: file.name, survey)
        let settings = ResultSettings(
            source: options.source,
            fallbackSource: options.source ?? URL(filePath: file.name).deletingPathExtension().lastPathComponent,
            replace: options.replace, run: try versions.runDraft(options.command, file.name, survey))
        let reader = try ResultsReader(file, maxLineBytes: configuration.maxLineBytes)
        var page: [PreparedResult] = []
        var identities: Set<Int> = []
        func commit() async throws {
            let outcome = try await take(page, settings, report.run)
            report.add(outcome)
            report.newContents += outcome.newIdentities.count { identities.insert($0).inserted }
            page.removeAll(keepingCapacity: true)
        }
        while !stop.isRequested, let record = try reader.next() {
            switch record {
            case .header: break
            case .problem(let problem): report.add(problem)
            case .result(let result):
                do {
                    page.append(try prepare(result, versions, models, &report))
                } catch let fault as ResultFault {
                    report.add(InputProblem(file: file.name, line: result.line, message: fault.message))
                }
                if page.count >= Self.page { try await commit() }
            }
        }
        if !page.isEmpty { try await commit() }
        return report
    }

    private func prepare(
        _ record: ResultRecord, _ versions: Versions, _ models: ResultModels, _ report: inout ResultsReport
    ) throws -> PreparedResult {
        var differing: [String] = []
        let verdicts = try record.blocks.map { block in
            let model = ResultModel(id: block.modelID, version: try models.version(of: block))
            let labels = versions.labels[model] ?? LabelMap(labels: [])
            let (prediction, isAsTold) = try block.prediction(version: model.version, labels: labels)
            if !isAsTold { differing.append(model.name) }
            return (model: model, prediction: prediction)
        }
        report.records += 1
        report.failures += record.failures
        report.qualityDiffers += differing.count
        for name in differing {
            report.note(record.line, "the quality of \(name) is not what its scores give; what they give is stored.")
        }
        return PreparedResult(record: record, verdicts: verdicts)
    }

    /// What would become of a page where there is no database yet.
    private static func plan(_ page: [PreparedResult], _ settings: ResultSettings) -> ResultPageOutcome {
        var outcome = ResultPageOutcome()
        for result in page {
            guard let text = result.record.text else {
                outcome.problems.append(
                    (result.record.line, "there is no database yet, and the record has no `text` to store."))
                continue
            }
            let id = result.record.externalID ?? ContentDraft.derivedID(text)
            outcome.newIdentities.append(
                [result.record.source ?? settings.fallbackSource, id].hashValue)
            outcome.cells += result.verdicts.map { (result.record.line, $0.model, .stored) }
        }
        return outcome
    }
}
