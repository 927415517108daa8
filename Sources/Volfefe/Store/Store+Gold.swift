import Foundation
import GRDB
import Inference

/// A content that a label is for.
struct LabelledContent: Sendable, Hashable {
    var id: Int64
    var textVersion: Int
}

/// A label to be stored.
struct GoldLabel: Sendable, Hashable {
    var contentID: Int64
    /// Version of the text that it is about.
    var textVersion: Int
    /// Who says so; empty when nobody is named.
    var annotator: String
    var sentiment: Sentiment
    /// Whether the file had the text, so that it is surely about this version.
    var isOfThisText: Bool

    init(_ content: LabelledContent, _ draft: GoldDraft) {
        contentID = content.id
        textVersion = content.textVersion
        annotator = draft.annotator
        sentiment = draft.sentiment
        isOfThisText = !draft.textHashes.isEmpty
    }

    /// What is to be done about a label, given the stored one of the same content and annotator.
    enum Step: Hashable { case insert, replace, keep, keepStale }

    /// A file without texts that is read again does not make labels of edited texts current.
    func step(storedVersion: Int?, storedSentiment: Sentiment?) -> Step {
        guard let storedVersion, let storedSentiment else { return .insert }
        guard storedVersion < textVersion else { return storedSentiment == sentiment ? .keep : .replace }
        return storedSentiment == sentiment && !isOfThisText ? .keepStale : .replace
    }
}

/// What became of labels.
struct LabelCounts: Sendable, Hashable {
    var new = 0, changed = 0, unchanged = 0, stale = 0
}

extension Store {
    /// The contents that each draft means, one or several with an equal text; or why there is none.
    func contents(of drafts: [GoldDraft]) async throws -> [Result<[LabelledContent], UnusableLabel>] {
        try await read { db in
            let search = ContentSearch(db: db)
            return try drafts.map(search.contents)
        }
    }

    /// Stores labels in one transaction; what they replace is kept in `gold_history`.
    func label(_ labels: [GoldLabel]) async throws -> LabelCounts {
        guard !labels.isEmpty else { return LabelCounts() }
        return try await write { db in
            let now = Date().milliseconds
            var counts = LabelCounts()
            for label in labels {
                let stored = try Row.fetchOne(
                    db.cachedStatement(
                        sql: "SELECT text_version, sentiment FROM gold_labels WHERE content_id = ? AND annotator = ?"),
                    arguments: [label.contentID, label.annotator])
                switch label.step(
                    storedVersion: stored?[0], storedSentiment: (stored?[1] as Int?).map(Sentiment.init(code:)))
                {
                case .keep: counts.unchanged += 1
                case .keepStale: counts.stale += 1
                case .insert:
                    counts.new += 1
                    try Self.store(label, at: now, in: db)
                case .replace:
                    counts.changed += 1
                    try Self.store(label, at: now, in: db)
                }
            }
            return counts
        }
    }

    private static func store(_ label: GoldLabel, at now: Int64, in db: Database) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO gold_labels (content_id, annotator, text_version, sentiment, inserted_at)
                VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (content_id, annotator) DO UPDATE SET
                    text_version = excluded.text_version,
                    sentiment = excluded.sentiment,
                    inserted_at = excluded.inserted_at
                """
        ).execute(arguments: [label.contentID, label.annotator, label.textVersion, label.sentiment.code, now])
    }
}

/// Finds the contents that labels are for.
private struct ContentSearch {
    let db: Database

    func contents(of draft: GoldDraft) throws -> Result<[LabelledContent], UnusableLabel> {
        if let source = draft.source, let name = draft.externalID {
            let row = try row(
                """
                SELECT c.id, c.text_version, c.text_hash
                FROM sources AS s JOIN contents AS c ON c.source_id = s.id
                WHERE s.name = ? AND c.external_id = ?
                """, [source, name])
            return check(
                row, draft, missing: "there is no content with this id in the source \"\(source)\"; is it stored?")
        }
        let byID = try draft.contentID.flatMap {
            try row("SELECT id, text_version, text_hash FROM contents WHERE id = ?", [$0])
        }
        guard !draft.textHashes.isEmpty, !draft.isContentIDCertain else {
            return check(
                byID, draft, missing: "there is no content \(draft.contentID ?? 0); its id in a source needs --source.")
        }
        let found = try byText(draft.textHashes)
        // An id that is one in the file's own counting proves nothing; an equal text does.
        if let id = draft.contentID, let content = found.first(where: { $0.id == id }) { return .success([content]) }
        return found.isEmpty
            ? .failure(
                UnusableLabel(
                    message: "no stored content has this text; store it first (volfefe ingest), or it was edited since."
                ))
            : .success(found)
    }

    private func row(_ sql: String, _ arguments: StatementArguments) throws -> Row? {
        try Row.fetchOne(db.cachedStatement(sql: sql), arguments: arguments)
    }

    private func check(_ row: Row?, _ draft: GoldDraft, missing: String) -> Result<[LabelledContent], UnusableLabel> {
        guard let row else { return .failure(UnusableLabel(message: missing)) }
        let id: Int64 = row[0]
        guard let hash: Data = row[2] else {
            return .failure(UnusableLabel(message: "content \(id) has no text that could be labelled."))
        }
        guard draft.textHashes.isEmpty || draft.textHashes.contains(hash) else {
            return .failure(
                UnusableLabel(
                    message:
                        "content \(id) has another text than this record: it was edited since, or another content is meant."
                ))
        }
        return .success([LabelledContent(id: id, textVersion: row[1])])
    }

    /// The contents with the first of these hashes that any has.
    private func byText(_ hashes: [Data]) throws -> [LabelledContent] {
        for hash in hashes {
            let rows = try Row.fetchAll(
                db.cachedStatement(sql: "SELECT id, text_version FROM contents WHERE text_hash = ? ORDER BY id"),
                arguments: [hash])
            if !rows.isEmpty { return rows.map { LabelledContent(id: $0[0], textVersion: $0[1]) } }
        }
        return []
    }
}
