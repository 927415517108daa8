import Foundation
import GRDB

extension Store {
    /// Begins a run of jobs; one that stays empty is removed by `endEnqueueing`.
    public func beginJobRun(command: String, at now: Date = Date()) async throws -> Int64 {
        try await write { db in try Enqueueing(in: db, at: now).beginRun(command) }
    }

    /// Removes the run of jobs when nothing was put in under it; true when it is there.
    @discardableResult
    public func endEnqueueing(_ jobRun: Int64) async throws -> Bool {
        try await write { db in
            try db.execute(sql: "DELETE FROM job_runs WHERE id = ? AND total = 0", arguments: [jobRun])
            return db.changesCount == 0
        }
    }

    /// Puts jobs into a queue in one transaction. A job whose unique key is taken is not put in again.
    public func enqueue(
        _ drafts: [JobDraft], _ placement: JobPlacement = JobPlacement(), jobRun: Int64? = nil, at now: Date = Date()
    ) async throws -> EnqueueResult {
        guard !drafts.isEmpty else { return EnqueueResult() }
        return try await write { db in
            try Enqueueing(in: db, at: now).insert(drafts, placement, jobRun)
        }
    }

    /// Stores drafts of one source and a classification job for each that has a text, in one transaction.
    public func ingest(
        _ drafts: [ContentDraft], source: String, enqueueing placement: JobPlacement, jobRun: Int64? = nil
    ) async throws -> (stored: IngestResult, jobs: EnqueueResult) {
        guard !drafts.isEmpty else { return (IngestResult(), EnqueueResult()) }
        return try await write { db in
            let stored = try Ingestion(source: source, in: db).store(drafts)
            // What was there with the same text has been put in before, or has been judged.
            let jobs = zip(drafts.indices, stored.outcomes).compactMap { index, outcome -> JobDraft? in
                guard outcome != .unchanged, drafts[index].text?.isEmpty == false else { return nil }
                return .classification(of: stored.contentIDs[index], textVersion: stored.textVersions[index])
            }
            return (stored, try Enqueueing(in: db, at: Date()).insert(jobs, placement, jobRun))
        }
    }

    /// Puts in a classification job for each content of the filter that misses a verdict of `models`, `page` contents in a
    /// transaction; `onProgress` is told of the jobs put in. What is committed stays, and the same again puts in the rest.
    public func enqueueMissing(
        _ filter: ContentFilter, models: [(id: String, version: String)], _ placement: JobPlacement, jobRun: Int64?,
        page: Int = 10_000, at now: Date = Date(), isStopped: @Sendable () -> Bool = { false },
        onProgress: @Sendable (Int) -> Void = { _ in }
    ) async throws -> EnqueueResult {
        var result = EnqueueResult()
        var after: Int64 = 0
        while !isStopped() {
            let start = after
            let (part, last) = try await write { db in
                try Enqueueing(in: db, at: now).insertMissing(
                    filter, models: models, placement, jobRun, after: start, limit: page)
            }
            result.inserted += part.inserted
            result.known += part.known
            result.dead += part.dead
            onProgress(part.inserted)
            guard let last else { break }
            after = last
        }
        result.jobRun = result.inserted > 0 ? jobRun : nil
        return result
    }
}

extension JobDraft {
    /// The kind of jobs that classify a content.
    public static let classify = "classify"

    /// A job that gets the verdicts that a content misses; unique for each version of its text.
    public static func classification(of content: Int64, textVersion: Int) -> JobDraft {
        JobDraft(kind: classify, contentID: content, uniqueKey: "\(content).\(textVersion)")
    }
}

/// The statements that put jobs into queues.
struct Enqueueing {
    private let db: Database
    private let now: Date

    init(in db: Database, at now: Date) {
        self.db = db
        self.now = now
    }

    func beginRun(_ command: String) throws -> Int64 {
        try db.execute(
            sql: "INSERT INTO job_runs (command, inserted_at) VALUES (?, ?)",
            arguments: [String(command.withoutNUL.prefix(200)), now.milliseconds])
        return db.lastInsertedRowID
    }

    /// Makes the queue when it is not there.
    func ensureQueue(_ name: String) throws {
        try db.cachedStatement(
            sql: "INSERT INTO queues (name, inserted_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING"
        ).execute(arguments: [name.withoutNUL, now.milliseconds])
    }

    func insert(_ drafts: [JobDraft], _ placement: JobPlacement, _ jobRun: Int64?) throws -> EnqueueResult {
        var result = EnqueueResult()
        try ensureQueue(placement.queue)
        let statement = try db.cachedStatement(sql: Self.insertion)
        for draft in drafts {
            try statement.execute(
                arguments: fields(placement, jobRun) &+ [
                    "kind": draft.kind, "content": draft.contentID, "key": draft.uniqueKey, "args": draft.arguments,
                ])
            guard db.changesCount == 0 else {
                result.inserted += 1
                continue
            }
            result.known += 1
            let isDead = try Bool.fetchOne(
                db.cachedStatement(
                    sql: """
                        SELECT count(*) FROM jobs
                        WHERE kind = ? AND held_key = ? AND state = 'discarded'
                        """), arguments: [draft.kind, draft.uniqueKey])
            if isDead == true { result.dead += 1 }
        }
        result.jobRun = result.inserted > 0 ? jobRun : nil
        return result
    }

    /// Puts in the next `limit` contents that miss a verdict; also gives the last of them, nil when none is left.
    func insertMissing(
        _ filter: ContentFilter, models: [(id: String, version: String)], _ placement: JobPlacement, _ jobRun: Int64?,
        after: Int64, limit: Int
    ) throws -> (EnqueueResult, last: Int64?) {
        let cells = try Cells(models: models, force: false, in: db)
        let since = filter.sinceSeconds.map { now.addingTimeInterval(-$0).milliseconds } ?? filter.sinceMilliseconds
        let named: StatementArguments = filter.ids.map { ["ids": jsonArray($0)] } ?? []
        let rows = try Row.fetchAll(
            db.cachedStatement(
                sql: """
                    SELECT c.id, c.text_version
                    FROM \(filter.ids == nil ? Cells.everything : Cells.listed)
                    WHERE c.id > :after AND c.text_hash IS NOT NULL
                        AND (:source IS NULL OR c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source))
                        AND (:since IS NULL OR c.published_at >= :since)
                        AND (SELECT count(*) \(Cells.verdicts)) < :enough
                    ORDER BY c.id
                    LIMIT :limit
                    """),
            arguments: named &+ cells.due
                &+ ["after": after, "source": filter.source, "since": since, "limit": limit])
        let drafts = rows.map { JobDraft.classification(of: $0["id"], textVersion: $0["text_version"]) }
        let result = try insert(drafts, placement, jobRun)
        return (result, rows.count == limit ? drafts.last?.contentID : nil)
    }

    private func fields(_ placement: JobPlacement, _ jobRun: Int64?) -> StatementArguments {
        let isLater = placement.at.map { $0 > now } ?? false
        return [
            "queue": placement.queue.withoutNUL, "state": (isLater ? JobState.scheduled : .available).rawValue,
            "priority": placement.priority, "run": jobRun, "attempts": placement.maxAttempts,
            "now": now.milliseconds, "at": (placement.at ?? now).milliseconds,
        ]
    }

    private static let insertion = """
        INSERT INTO jobs
            (queue, kind, state, priority, content_id, unique_key, held_key, job_run_id, max_attempts, inserted_at,
            scheduled_at, args)
        SELECT :queue, :kind, :state, :priority, :content, :key, :key, :run, :attempts, :now, :at, :args
        -- The index alone would do, but each conflict would use up an id.
        WHERE :key IS NULL OR NOT EXISTS (
            SELECT 1 FROM jobs WHERE kind = :kind AND held_key = :key)
        ON CONFLICT DO NOTHING
        """
}
