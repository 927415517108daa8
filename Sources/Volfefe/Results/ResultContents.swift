import Foundation
import GRDB
import Inference

/// Finds the contents that a record of a results file is about.
struct ResultContents {
    /// A content that is stored.
    struct Found {
        var id: Int64
        var textVersion: Int
        /// Hash of its text; nil without one.
        var hash: Data?
    }

    /// What a record is about.
    enum Target {
        /// Contents that are stored; several where only a text is told, and several have it.
        case stored([Found])
        /// A content that is not; its source, where the file tells one.
        case new(ContentDraft, source: String?)
    }

    /// Of the contents with a text, so many get its verdicts.
    static let mostWithText = 1000

    private let db: Database

    init(in db: Database) { self.db = db }

    /// Finds the contents by source and id, then by content id, then by text. Throws `ResultFault` when there is none, when it
    /// is not clear which, and when the text that was judged is not the one that is stored.
    func find(_ record: ResultRecord, source given: String?) throws -> Target {
        let source = record.source ?? given
        let texts = Texts(record)
        if let externalID = record.externalID {
            let rows = try identified(externalID, source)
            if rows.count > 1 {
                guard let row = rows.first(where: { $0.id == record.contentID }) else {
                    throw ResultFault(
                        "\(rows.count) sources have a content with this id; say which with `source` in the record or --source."
                    )
                }
                return .stored([try checked(row, texts)])
            }
            if let row = rows.first { return .stored([try checked(row, texts)]) }
            if record.text != nil { return try new(record, texts, externalID, source) }
            if let number = record.number, record.contentID == nil, source == nil, let row = try content(number) {
                return .stored([try checked(row, texts)])
            }
            guard record.contentID != nil || record.hash != nil else {
                throw ResultFault(
                    "there is no content with this id\(source == nil ? "" : " in that source"), and the record has no `text` to "
                        + "store; add the text, or `volfefe ingest` the contents first.")
            }
        }
        if let id = record.contentID, record.externalID == nil || record.text == nil {
            if let row = try content(id) { return .stored([try checked(row, texts)]) }
            guard record.text != nil || record.hash != nil else {
                throw ResultFault("there is no content \(id) in this database.")
            }
        }
        for hash in texts.hashes {
            let found = try withText(hash, source)
            if !found.isEmpty { return .stored(found) }
        }
        guard let text = record.text else {
            throw ResultFault(
                "no content has the text that was judged (`text_info.sha256`); add `text`, or ingest it first.")
        }
        return try new(record, texts, ContentDraft.derivedID(text), source)
    }

    /// The facts of a content's text, unless they are stored already: those of the record, else counted now.
    func missingFacts(_ content: Found, _ record: ResultRecord) throws -> TextInfo? {
        let isThere = try Bool.fetchOne(
            db.cachedStatement(
                sql: "SELECT EXISTS (SELECT 1 FROM text_facts WHERE content_id = ? AND text_version = ?)"),
            arguments: [content.id, content.textVersion])
        guard isThere == false, let hash = content.hash else { return nil }
        if let info = record.textInfo, Data(hexadecimal: info.sha256, count: 32) == hash { return info }
        if let text = record.text, Data(text.utf8).sha256 == hash { return TextInfo(counting: text) }
        let text = try Data.fetchOne(
            db.cachedStatement(sql: "SELECT CAST(text AS BLOB) FROM contents WHERE id = ?"), arguments: [content.id])
        return text.map { TextInfo(counting: String(decoding: $0, as: UTF8.self)) }
    }

    private func new(
        _ record: ResultRecord, _ texts: Texts, _ externalID: String, _ source: String?
    ) throws -> Target {
        guard let text = texts.judged else {
            throw ResultFault("`text_info.sha256` is not that of `text`; correct one of them.")
        }
        let draft = ContentDraft(
            externalID: externalID, text: text, author: record.author, publishedAt: record.publishedAt, url: record.url,
            meta: record.meta)
        return .new(draft, source: source)
    }

    private func checked(_ found: Found, _ texts: Texts) throws -> Found {
        guard let hash = found.hash else {
            throw ResultFault("content \(found.id) has no text; nothing can be said of it.")
        }
        guard texts.isUnknown || texts.hashes.contains(hash) else {
            throw ResultFault(
                "content \(found.id) has another text than the one that was judged: it has been edited, or another one is "
                    + "meant.")
        }
        return found
    }

    private func identified(_ externalID: String, _ source: String?) throws -> [Found] {
        let found =
            if let source {
                try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT id, text_version, text_hash
                            FROM contents
                            WHERE source_id = (SELECT id FROM sources WHERE name = ?) AND external_id = ?
                            """), arguments: [source, externalID])
            } else {
                try Row.fetchAll(
                    db.cachedStatement(
                        sql: """
                            SELECT c.id, c.text_version, c.text_hash
                            FROM sources AS s CROSS JOIN contents AS c ON c.source_id = s.id AND c.external_id = ?
                            """), arguments: [externalID])
            }
        return found.map(Found.init)
    }

    private func content(_ id: Int64) throws -> Found? {
        try Row.fetchOne(
            db.cachedStatement(sql: "SELECT id, text_version, text_hash FROM contents WHERE id = ?"), arguments: [id]
        ).map(Found.init)
    }

    private func withText(_ hash: Data, _ source: String?) throws -> [Found] {
        try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT c.id, c.text_version, c.text_hash
                    FROM contents AS c
                    WHERE c.text_hash = :hash
                        AND (:source IS NULL OR c.source_id = (SELECT id FROM sources WHERE name = :source))
                    ORDER BY c.id
                    LIMIT :limit
                    """), arguments: ["hash": hash, "source": source, "limit": Self.mostWithText]
        ).map(Found.init)
    }
}

extension ResultContents.Found {
    fileprivate init(_ row: Row) {
        self.init(id: row["id"], textVersion: row["text_version"], hash: row["text_hash"])
    }
}

/// The text that was judged, as it is told: with the forms that `ingest` would have given it.
private struct Texts {
    /// Hashes of the forms, the most literal first.
    let hashes: [Data]
    /// The form to store for a new content; nil when the told hash is none of them.
    let judged: String?

    /// Whether nothing tells the text.
    var isUnknown: Bool { hashes.isEmpty }

    init(_ record: ResultRecord) {
        guard let text = record.text else {
            hashes = record.hash.map { [$0] } ?? []
            judged = nil
            return
        }
        let literal = Data(text.utf8).sha256
        if record.hash == literal {
            hashes = [literal]
            judged = text
            return
        }
        var forms = [text, HTMLText.tidy(text)]
        if HTMLText.looksLikeHTML(text) { forms.append(HTMLText.clean(text)) }
        let hashed = forms.filter { !$0.isEmpty }.map { ($0, Data($0.utf8).sha256) }
        if let told = record.hash {
            hashes = [told]
            judged = hashed.first { $0.1 == told }?.0
        } else {
            hashes = hashed.map(\.1)
            judged = text
        }
    }
}
