import Foundation
import GRDB
import Inference

extension Store {
    /// Stores results in one transaction, counts them in their run, and gives back its claims on their contents.
    ///
    /// Saving the same again changes nothing but times. A result on an older text never replaces one on a newer text, nor
    /// does a failure replace a prediction on the same text; a failure after a failure is the next attempt. A prediction
    /// with impossible numbers, or of an unknown version, becomes a failure `bad_reply`. Results of a content that is gone are dropped. Throws
    /// `notRegistered` for a model that `register` has never seen.
    public func save(_ items: [ClassifiedText], run: Int64) async throws {
        guard !items.isEmpty else { return }
        let registered = registered.withLock { $0 }
        try await write { db in
            var saving = Saving(run: run, versions: registered, in: db)
            try saving.store(items)
        }
    }
}

/// The statements of one `save`.
struct Saving {
    private let db: Database
    private let run: Int64
    private let now = Date().milliseconds
    private let registered: [String: RegisteredVersion]
    /// Whether there may be last words to replace: hardly ever, and looking for them cell by cell takes time.
    private var hasDetails = true
    /// Whether there may be marks of reuse to replace; for the same reason.
    private var hasReuses = true
    /// Whether the last outcome was stored, and not dropped in favour of the one that is there.
    private var isStored = false
    /// What the new verdicts add to the counts.
    private var tally = VerdictTally()
    /// The content that was last asked for.
    private var content: Content?
    private var contents = 0
    private var succeeded = 0
    private var failed = 0

    /// What has to be known of a content.
    private struct Content {
        let id: Int64
        let hash: Data?
        let counted: VerdictTally.Content
    }

    init(run: Int64, versions: [String: RegisteredVersion], in db: Database) {
        self.db = db
        self.run = run
        registered = versions
    }

    /// Stores results, gives back the run's claims on their contents, and counts them in the run.
    ///
    /// More will come for the contents of `unfinished`: they stay claimed, and only their verdicts count.
    mutating func store(_ items: [ClassifiedText], unfinished: [ClassifiedText] = []) throws {
        try look()
        for item in unfinished { try store(item) }
        contents = 0
        for item in items { try store(item) }
        try release(items)
        try countInRun()
    }

    /// Looks whether there are last words and marks of reuse at all, which most databases have none of.
    mutating func look() throws {
        hasDetails = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM failure_details)") ?? true
        hasReuses = try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM reuses)") ?? true
    }

    /// Stores what the models said about one content, of versions that this process has registered.
    mutating func store(_ item: ClassifiedText) throws {
        self.content = nil
        guard let content = try content(item.contentID) else { return }
        contents += 1
        if let info = item.results.textInfo {
            let isCurrent = content.counted.textVersion == item.textVersion
            try store(info, of: item, knownHash: isCurrent ? content.hash : nil)
        }
        for (modelID, outcome) in item.results.models {
            switch outcome {
            case .failure(let failure): try store(failure, of: item, modelID)
            case .prediction(let prediction):
                do {
                    let version = try version(prediction.modelVersion, of: modelID)
                    let row = try ClassificationRow(prediction, labels: version.labels)
                    try store(row, of: item, version.id, from: item.reusedFrom[modelID])
                } catch let error as ClassificationRow.Unstorable {
                    try store(badReply(error.reason), of: item, modelID)
                } catch StoreError.notRegistered where registered[modelID] != nil {
                    try store(badReply("it comes from a version that was not asked for"), of: item, modelID)
                }
            }
        }
    }

    private func badReply(_ reason: String) -> ModelFailure {
        .init(code: "bad_reply", message: "the answer is unusable: \(reason)")
    }

    private func release(_ items: [ClassifiedText]) throws {
        try db.cachedStatement(
            sql: "DELETE FROM claims WHERE content_id IN (SELECT value FROM json_each(?)) AND run_id = ?"
        ).execute(arguments: [jsonArray(items.map(\.contentID)), run])
    }

    /// Adds what was stored to the totals of the run, and what was new of it to the counts.
    mutating func countInRun() throws {
        try tally.write(run: run, in: db)
        try db.cachedStatement(
            sql: """
                UPDATE runs
                SET contents = contents + ?, succeeded = succeeded + ?, failed = failed + ?
                WHERE id = ?
                """
        ).execute(arguments: [contents, succeeded, failed, run])
    }

    private func version(_ version: String?, of modelID: String) throws -> RegisteredVersion {
        if let current = registered[modelID], version == nil || version == current.version { return current }
        let stored = try version.flatMap { try Store.version($0, ofModel: modelID, in: db) }
        guard let stored else { throw StoreError.notRegistered(model: modelID, version: version) }
        return stored
    }

    /// Stores one prediction of any model version; `original` is the content that it was computed for, where that is another.
    mutating func store(
        _ row: ClassificationRow, of item: ClassifiedText, _ versionID: Int64, from original: Int64?
    ) throws {
        succeeded += 1
        let isNew = try upsert([
            item.contentID, versionID, item.textVersion, row.sentiment, row.confidence, row.positive, row.neutral,
            row.negative, row.margin, row.entropy, row.flags, row.processing.latencyMs, row.processing.batchSize,
            row.processing.tokens, row.processing.truncated, row.processing.firstCall, run, now, nil, nil,
            row.rawOutput, row.allFlags,
        ])
        if isNew, let content = try counted(item) {
            tally.add(row, of: versionID, on: content, textVersion: item.textVersion)
        }
        if original == nil { addWait(of: item, versionID) }
        try keep(nil, of: item, versionID)
        try mark(original, of: item, versionID)
    }

    private mutating func store(
        _ failure: ModelFailure, of item: ClassifiedText, _ modelID: String
    ) throws {
        failed += 1
        let versionID = try version(nil, of: modelID).id
        let isNew = try upsert([
            item.contentID, versionID, item.textVersion, nil, nil, nil, nil, nil, nil, nil, nil,
            nil, nil, nil, nil, nil, run, now, failure.code, failure.message, nil, nil,
        ])
        if isNew, let content = try counted(item) {
            tally.addFailure(of: versionID, on: content, textVersion: item.textVersion)
        }
        addWait(of: item, versionID)
        try keep(failure.detail, of: item, versionID)
        try mark(nil, of: item, versionID)
    }

    /// A content; nil when it is gone. Asked for once while its outcomes are stored.
    private mutating func content(_ id: Int64) throws -> Content? {
        if let content, content.id == id { return content }
        let row = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT text_version, text_hash, source_id, published_at FROM contents WHERE id = ?"),
            arguments: [id])
        content = row.map { row in
            Content(
                id: id, hash: row["text_hash"],
                counted: .init(
                    textVersion: row["text_version"], sourceID: row["source_id"], publishedAt: row["published_at"]))
        }
        return content
    }

    private mutating func counted(_ item: ClassifiedText) throws -> VerdictTally.Content? {
        try content(item.contentID)?.counted
    }

    /// Stores an outcome where nothing speaks against it; whether there was none before.
    private func upsert(_ arguments: StatementArguments) throws -> Bool {
        let before = db.totalChangesCount
        try db.cachedStatement(sql: Self.upsert).execute(arguments: arguments)
        // One that is replaced is counted by triggers, which change rows themselves.
        return db.totalChangesCount - before == 1
    }

    private mutating func addWait(of item: ClassifiedText, _ versionID: Int64) {
        if let ms = item.results.queueMs { tally.addWait(ms, of: versionID) }
    }

    /// Notes where the outcome that has just been stored was computed, in place of what was noted for the one before.
    private mutating func mark(_ original: Int64?, of item: ClassifiedText, _ versionID: Int64) throws {
        guard hasReuses || original != nil, isStored else { return }
        hasReuses = true
        guard let original else {
            return try db.cachedStatement(sql: "DELETE FROM reuses WHERE content_id = ? AND model_version_id = ?")
                .execute(arguments: [item.contentID, versionID])
        }
        try db.cachedStatement(
            sql: """
                INSERT INTO reuses (content_id, model_version_id, reused_from) VALUES (?, ?, ?)
                ON CONFLICT (content_id, model_version_id) DO UPDATE SET reused_from = excluded.reused_from
                """
        ).execute(arguments: [item.contentID, versionID, original])
    }

    /// Replaces the last words that belong to the outcome before, when that outcome has just been replaced.
    private mutating func keep(_ detail: String?, of item: ClassifiedText, _ versionID: Int64) throws {
        isStored = db.changesCount > 0
        guard hasDetails || detail != nil, isStored else { return }
        hasDetails = true
        try db.cachedStatement(sql: "DELETE FROM failure_details WHERE content_id = ? AND model_version_id = ?")
            .execute(arguments: [item.contentID, versionID])
        guard let detail, !detail.isEmpty else { return }
        // Their end is where the reason stands: 16 KiB of it.
        let end =
            detail.utf8.count > 16 << 10 ? detail.utf8.suffix(16 << 10).drop { $0 & 0xC0 == 0x80 } : detail.utf8[...]
        try db.cachedStatement(
            sql: "INSERT INTO failure_details (content_id, model_version_id, error_detail) VALUES (?, ?, ?)"
        ).execute(arguments: [item.contentID, versionID, String(decoding: end, as: UTF8.self).withoutNUL])
    }

    private static let upsert = """
        INSERT INTO classifications
            (content_id, model_version_id, text_version, sentiment, confidence, score_positive, score_neutral,
            score_negative, score_margin, entropy, flags, latency_ms, batch_size, tokens, truncated, first_call, run_id,
            inserted_at, error_code, error_message, raw_output, all_flags)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT (content_id, model_version_id) DO UPDATE SET
            text_version = excluded.text_version,
            sentiment = excluded.sentiment,
            confidence = excluded.confidence,
            score_positive = excluded.score_positive,
            score_neutral = excluded.score_neutral,
            score_negative = excluded.score_negative,
            score_margin = excluded.score_margin,
            entropy = excluded.entropy,
            flags = excluded.flags,
            latency_ms = excluded.latency_ms,
            batch_size = excluded.batch_size,
            tokens = excluded.tokens,
            truncated = excluded.truncated,
            first_call = excluded.first_call,
            run_id = excluded.run_id,
            -- How many attempts the current text has taken; a prediction ends the count.
            attempt = CASE
                WHEN classifications.text_version = excluded.text_version AND classifications.error_code IS NOT NULL
                THEN classifications.attempt + 1 ELSE 1 END,
            inserted_at = excluded.inserted_at,
            error_code = excluded.error_code,
            error_message = excluded.error_message,
            raw_output = excluded.raw_output,
            all_flags = excluded.all_flags
        WHERE excluded.text_version > classifications.text_version
            OR (excluded.text_version = classifications.text_version
                AND (excluded.error_code IS NULL OR classifications.error_code IS NOT NULL))
        """

    /// The worker's hash of the text is kept where it is one, else our own; without either the facts say nothing.
    private func store(_ info: TextInfo, of item: ClassifiedText, knownHash: Data?) throws {
        guard let hash = Data(hexadecimal: info.sha256, count: 32) ?? knownHash else { return }
        try db.cachedStatement(
            sql: """
                INSERT INTO text_facts
                    (content_id, text_version, chars, words, lines, urls, hashtags, mentions, upper_share, exclamations,
                    questions, url_only, text_hash)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (content_id, text_version) DO UPDATE SET
                    chars = excluded.chars,
                    words = excluded.words,
                    lines = excluded.lines,
                    urls = excluded.urls,
                    hashtags = excluded.hashtags,
                    mentions = excluded.mentions,
                    upper_share = excluded.upper_share,
                    exclamations = excluded.exclamations,
                    questions = excluded.questions,
                    url_only = excluded.url_only,
                    text_hash = excluded.text_hash
                """
        ).execute(arguments: [
            item.contentID, item.textVersion, info.chars, info.words, info.lines, info.urls, info.hashtags,
            info.mentions, info.upperShare, info.exclamations, info.questions, info.urlOnly, hash,
        ])
    }
}
