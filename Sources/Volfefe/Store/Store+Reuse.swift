import Foundation
import GRDB
import Inference

/// A content that was given verdicts which had been computed for an equal text.
public struct ReusedText: Sendable, Hashable {
    /// The content with the predictions that were taken over.
    public var text: ClassifiedText
    /// Whether it misses nothing any more.
    public var isComplete: Bool
}

/// Takes over verdicts on equal texts: same hash, same model version, same engine, same precision.
///
/// Only predictions on a text as it is now are taken over, never failures. The content gets rows of its own, which name the
/// content they were computed for.
struct Reuse {
    private let db: Database
    private let run: Int64
    private let versions: [String: RegisteredVersion]

    init(run: Int64, versions: [String: RegisteredVersion], in db: Database) {
        self.db = db
        self.run = run
        self.versions = versions
    }

    /// Stores what can be taken over for the items of a page that the run has just claimed. Items that miss nothing after that
    /// leave the page, and their claims go.
    func apply(to page: inout ClaimedPage) throws {
        let twins = try contentsWithTwins(page.items.map(\.contentID))
        guard !twins.isEmpty else { return }
        for index in page.items.indices where twins.contains(page.items[index].contentID) {
            let item = page.items[index]
            guard let text = try takeOver(item) else { continue }
            page.items[index].missing = item.missing.filter { text.results.models[$0] == nil }
            page.reused.append(.init(text: text, isComplete: page.items[index].missing.isEmpty))
        }
        guard !page.reused.isEmpty else { return }
        page.items.removeAll(where: \.missing.isEmpty)
        var saving = Saving(run: run, versions: versions, in: db)
        try saving.store(
            page.reused.filter(\.isComplete).map(\.text),
            unfinished: page.reused.filter { !$0.isComplete }.map(\.text))
    }

    /// Those of the contents whose text some other content has too: usually few, and found in the index alone.
    private func contentsWithTwins(_ ids: [Int64]) throws -> Set<Int64> {
        try Set(
            Int64.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT asked.value
                        FROM json_each(?) AS asked JOIN contents AS c ON c.id = asked.value
                        WHERE EXISTS (SELECT 1 FROM contents AS o WHERE o.text_hash = c.text_hash AND o.id <> c.id)
                        """), arguments: [jsonArray(ids)]))
    }

    /// What equal texts have of the models that an item misses; nil for nothing.
    private func takeOver(_ item: WorkItem) throws -> ClassifiedText? {
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: Self.donors), arguments: ["content": item.contentID, "run": run])
        guard !rows.isEmpty else { return nil }
        var text = ClassifiedText(
            contentID: item.contentID, textVersion: item.textVersion, results: .init(models: [:], textInfo: nil))
        for model in item.missing {
            guard let version = versions[model],
                let row = rows.first(where: { $0["model_version_id"] == version.id })
            else { continue }
            let donor: Int64 = row["content_id"]
            let original: Int64 = row["reused_from"] ?? donor
            let prediction = try ClassificationRow(row).prediction(version: version.version, labels: version.labels)
            text.results.models[model] = .prediction(prediction)
            // The text may have come home: then the one it comes from is the one to name.
            text.reusedFrom[model] = original == item.contentID ? donor : original
            if text.results.textInfo == nil { text.results.textInfo = try facts(of: donor, row["text_version"]) }
        }
        return text.results.models.isEmpty ? nil : text
    }

    private func facts(of content: Int64, _ textVersion: Int) throws -> TextInfo? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM text_facts WHERE content_id = ? AND text_version = ?"),
            arguments: [content, textVersion]
        ).map(TextInfo.init)
    }

    /// Predictions on the text of a content that other contents have, made as this run would make them.
    private static let donors = """
        SELECT k.*, u.reused_from
        FROM (
            SELECT o.id, o.text_version
            FROM contents AS o
            WHERE o.text_hash = (SELECT c.text_hash FROM contents AS c WHERE c.id = :content) AND o.id <> :content
            ORDER BY o.id
            -- A hundred thousand contents may say "RT": whoever has a verdict is among the first.
            LIMIT 64) AS twin
        CROSS JOIN classifications AS k ON k.content_id = twin.id AND k.text_version = twin.text_version
        JOIN run_models AS theirs ON theirs.run_id = k.run_id AND theirs.model_version_id = k.model_version_id
        JOIN run_models AS mine ON mine.run_id = :run AND mine.model_version_id = k.model_version_id
        LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
        WHERE k.error_code IS NULL AND mine.engine = theirs.engine AND mine.precision = theirs.precision
        ORDER BY twin.id
        """
}
