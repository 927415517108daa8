import Crypto
import Foundation
import GRDB
import Inference

/// What became of the drafts of one `ingest`, in their order.
public struct IngestResult: Sendable, Hashable {
    /// What became of one draft.
    public enum Outcome: Sendable, Hashable {
        /// It was not there before.
        case inserted
        /// It was there with the same text; new fields were added.
        case unchanged
        /// It was there with another text; the verdicts on that text are stale now.
        case edited
    }

    /// Content id of each draft; a draft that comes twice has the same id twice.
    public internal(set) var contentIDs: [Int64] = []
    /// Version of the text of each draft, for `ClassifiedText`.
    public internal(set) var textVersions: [Int] = []
    /// Outcome of each draft.
    public internal(set) var outcomes: [Outcome] = []

    /// Drafts that were new.
    public var inserted: Int { outcomes.count { $0 == .inserted } }
    /// Drafts that were known.
    public var unchanged: Int { outcomes.count { $0 == .unchanged } }
    /// Drafts whose text had changed.
    public var edited: Int { outcomes.count { $0 == .edited } }

    fileprivate mutating func append(_ id: Int64, _ textVersion: Int, _ outcome: Outcome) {
        contentIDs.append(id)
        textVersions.append(textVersion)
        outcomes.append(outcome)
    }
}

extension Store {
    /// Stores drafts of one source in one transaction.
    ///
    /// A draft whose external id is known is not stored twice: its other fields replace or join the stored ones, and a
    /// text that differs replaces the stored one under the next text version. An empty text counts as none.
    @discardableResult
    public func ingest(_ drafts: [ContentDraft], source: String) async throws -> IngestResult {
        guard !drafts.isEmpty else { return IngestResult() }
        return try await write { db in
            try Ingestion(source: source, in: db).store(drafts)
        }
    }

    /// Stores drafts of one source with what a run's models have said about each, in one transaction: nobody sees such a
    /// content as unjudged.
    public func ingest(
        _ drafts: [ContentDraft], source: String, results: [ModelResults], run: Int64
    ) async throws -> IngestResult {
        guard !drafts.isEmpty else { return IngestResult() }
        let registered = registered.withLock { $0 }
        return try await write { db in
            let stored = try Ingestion(source: source, in: db).store(drafts)
            var saving = Saving(run: run, versions: registered, in: db)
            try saving.store(
                zip(zip(stored.contentIDs, stored.textVersions), results).map {
                    ClassifiedText(contentID: $0.0, textVersion: $0.1, results: $1)
                })
            return stored
        }
    }
}

/// The statements of one `ingest`.
struct Ingestion {
    private let db: Database
    private let sourceID: Int64
    private let now = Date().milliseconds

    init(source: String, in db: Database) throws {
        self.db = db
        try db.execute(
            sql: "INSERT INTO sources (name, inserted_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING",
            arguments: [source.withoutNUL, now])
        let id = try Int64.fetchOne(db, sql: "SELECT id FROM sources WHERE name = ?", arguments: [source.withoutNUL])
        guard let id else { throw DatabaseError(message: "the source was not stored") }
        sourceID = id
    }

    /// Stores drafts of the source, in the caller's transaction.
    func store(_ drafts: [ContentDraft]) throws -> IngestResult {
        var result = IngestResult()
        for draft in drafts { try store(draft, &result) }
        return result
    }

    private func store(_ draft: ContentDraft, _ result: inout IngestResult) throws {
        // As bytes: bound as a string, a text would end at its first NUL.
        let text = draft.text.flatMap { $0.isEmpty ? nil : Data($0.utf8) }
        let hash = text.map(\.sha256)
        guard let known = try find(draft) else {
            result.append(try insert(draft, text, hash), 1, .inserted)
            return
        }
        let id: Int64 = known["id"]
        let version: Int = known["text_version"]
        try refresh(id, draft)
        if known["text_hash"] == hash {
            result.append(id, version, .unchanged)
        } else {
            try replaceText(id, text, hash)
            result.append(id, version + 1, .edited)
        }
    }

    private func find(_ draft: ContentDraft) throws -> Row? {
        try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT id, text_hash, text_version FROM contents WHERE source_id = ? AND external_id = ?"),
            arguments: [sourceID, draft.externalID.withoutNUL])
    }

    private func insert(_ draft: ContentDraft, _ text: Data?, _ hash: Data?) throws -> Int64 {
        try db.cachedStatement(
            sql: """
                INSERT INTO contents
                    (source_id, external_id, text_hash, published_at, inserted_at, updated_at, author, url, text, meta)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, CAST(? AS TEXT), ?)
                """
        ).execute(arguments: [
            sourceID, draft.externalID.withoutNUL, hash, draft.publishedAt?.milliseconds, now, now,
            draft.author?.withoutNUL, draft.url?.withoutNUL, text, draft.meta,
        ])
        return db.lastInsertedRowID
    }

    /// Adds what the draft knows to what is stored, and writes only where that makes a difference.
    private func refresh(_ id: Int64, _ draft: ContentDraft) throws {
        try db.cachedStatement(
            sql: """
                UPDATE contents SET
                    author = coalesce(:author, author),
                    url = coalesce(:url, url),
                    published_at = coalesce(:published_at, published_at),
                    meta = CASE WHEN :meta IS NULL THEN meta ELSE json_patch(coalesce(meta, '{}'), :meta) END,
                    updated_at = :now
                WHERE id = :id
                    AND (coalesce(author <> :author, :author IS NOT NULL)
                        OR coalesce(url <> :url, :url IS NOT NULL)
                        OR coalesce(published_at <> :published_at, :published_at IS NOT NULL)
                        OR coalesce(meta <> json_patch(meta, :meta), :meta IS NOT NULL))
                """
        ).execute(arguments: [
            "id": id, "author": draft.author?.withoutNUL, "url": draft.url?.withoutNUL,
            "published_at": draft.publishedAt?.milliseconds, "meta": draft.meta, "now": now,
        ])
    }

    private func replaceText(_ id: Int64, _ text: Data?, _ hash: Data?) throws {
        try db.cachedStatement(
            sql: """
                UPDATE contents
                SET text = CAST(? AS TEXT), text_hash = ?, text_version = text_version + 1, updated_at = ?
                WHERE id = ?
                """
        ).execute(arguments: [text, hash, now, id])
    }
}

extension String {
    /// Without NUL, at which SQLite's shell and GRDB end a string; only texts may hold one.
    var withoutNUL: String { contains("\0") ? replacing("\0", with: "\u{FFFD}") : self }
}

extension Data {
    /// SHA-256 of the bytes.
    var sha256: Data { Data(SHA256.hash(data: self)) }
}
