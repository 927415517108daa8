import Foundation
import GRDB
import Inference

/// The statements that store a page of results.
struct ResultStoring {
    private let db: Database
    private let versions: [ResultModel: RegisteredVersion]
    private let settings: ResultSettings
    private let contents: ResultContents
    private var ingestions: [String: Ingestion] = [:]
    private var saving: Saving?
    private(set) var outcome = ResultPageOutcome()

    init(_ versions: [ResultModel: RegisteredVersion], _ settings: ResultSettings, run: Int64?, in db: Database) {
        self.db = db
        self.versions = versions
        self.settings = settings
        contents = ResultContents(in: db)
        outcome.run = run
    }

    /// Stores the verdicts of a record, with its content where that is new.
    mutating func store(_ result: PreparedResult) throws {
        do {
            var found: [ResultContents.Found]
            switch try contents.find(result.record, source: settings.source) {
            case .stored(let stored): found = stored
            case .new(let draft, let source):
                let ids = try ingestion(source ?? settings.fallbackSource).store([draft])
                outcome.newContents += 1
                found = zip(ids.contentIDs, ids.textVersions).map {
                    .init(id: $0, textVersion: $1, hash: draft.text.map { Data($0.utf8).sha256 })
                }
            }
            for content in found { try store(result, content, original: found[0].id) }
        } catch let fault as ResultFault {
            outcome.problems.append((result.record.line, fault.message))
        }
    }

    /// Counts what `store` would do.
    mutating func plan(_ result: PreparedResult) throws {
        do {
            switch try contents.find(result.record, source: settings.source) {
            case .stored(let found):
                for content in found {
                    for verdict in result.verdicts {
                        let cell = try versions[verdict.model].map { try compare(verdict.prediction, content, $0) }
                        outcome.cells.append((result.record.line, verdict.model, cell ?? .stored))
                    }
                }
            case .new(let draft, let source):
                outcome.newIdentities.append([source ?? settings.fallbackSource, draft.externalID].hashValue)
                outcome.cells += result.verdicts.map { (result.record.line, $0.model, .stored) }
            }
        } catch let fault as ResultFault {
            outcome.problems.append((result.record.line, fault.message))
        }
    }

    /// Counts what was stored in the run.
    mutating func end() throws -> ResultPageOutcome {
        try saving?.countInRun()
        return outcome
    }

    private mutating func store(
        _ result: PreparedResult, _ content: ResultContents.Found, original: Int64
    ) throws {
        var item: ClassifiedText?
        for verdict in result.verdicts {
            guard let version = versions[verdict.model] else { continue }
            let cell = try compare(verdict.prediction, content, version)
            outcome.cells.append((result.record.line, verdict.model, cell))
            guard cell == .stored || cell == .replaced else { continue }
            if saving == nil { try begin() }
            if item == nil {
                let facts = try contents.missingFacts(content, result.record)
                let text = ClassifiedText(
                    contentID: content.id, textVersion: content.textVersion,
                    results: ModelResults(models: [:], textInfo: facts))
                try saving?.store(text)
                item = text
            }
            guard let item else { continue }
            let row: ClassificationRow
            do {
                row = try ClassificationRow(verdict.prediction, labels: version.labels)
            } catch let unstorable as ClassificationRow.Unstorable {
                throw ResultFault("`models.\(verdict.model.id)`: \(unstorable.reason).")
            }
            try saving?.store(row, of: item, version.id, from: original == content.id ? nil : original)
        }
    }

    /// What storing a verdict would mean for what is there.
    private func compare(
        _ prediction: Prediction, _ content: ResultContents.Found, _ version: RegisteredVersion
    ) throws -> ResultPageOutcome.Cell {
        let row = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM classifications WHERE content_id = ? AND model_version_id = ?"),
            arguments: [content.id, version.id])
        guard let row, (row["error_code"] as String?) == nil, row["text_version"] == content.textVersion else {
            return .stored
        }
        let stored = try ClassificationRow(row).prediction(version: version.version, labels: version.labels)
        if stored == prediction { return .unchanged }
        if settings.replace { return .replaced }
        // The same verdict, timed another time.
        let isSame =
            stored.sentiment == prediction.sentiment && stored.confidence == prediction.confidence
            && stored.meta.rawScores == prediction.meta.rawScores
        return isSame ? .unchanged : .kept
    }

    /// Begins the run, unless an earlier page has, and the saving of this page.
    private mutating func begin() throws {
        let run: Int64
        if let begun = outcome.run {
            run = begun
        } else {
            let draft = settings.run
            run = try Store.beginRun(command: draft.command, configuration: draft.configuration, in: db)
            try db.execute(sql: "UPDATE runs SET environment = ? WHERE id = ?", arguments: [draft.environment, run])
            for engine in draft.engines {
                guard let version = versions[engine.version] else { continue }
                try db.execute(
                    sql: """
                        INSERT INTO run_models (run_id, model_version_id, engine, precision) VALUES (?, ?, ?, ?)
                        ON CONFLICT (run_id, model_version_id) DO NOTHING
                        """,
                    arguments: [run, version.id, engine.engine, engine.precision])
            }
            outcome.run = run
        }
        var saving = Saving(run: run, versions: [:], in: db)
        try saving.look()
        self.saving = saving
    }

    private mutating func ingestion(_ source: String) throws -> Ingestion {
        if let known = ingestions[source] { return known }
        let made = try Ingestion(source: source, in: db)
        ingestions[source] = made
        return made
    }
}
