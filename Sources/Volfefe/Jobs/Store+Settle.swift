import Foundation
import GRDB

/// How the attempt at a job ended.
public struct JobEnd: Sendable, Hashable {
    /// The job as it was claimed.
    public var job: Job
    /// How it ended.
    public var outcome: JobOutcome

    /// Creates an end.
    public init(_ job: Job, _ outcome: JobOutcome) {
        self.job = job
        self.outcome = outcome
    }
}

extension Store {
    /// Ends attempts, and stores the verdicts that they have brought, in one transaction.
    ///
    /// Who has lost a job meanwhile (it was cancelled, or rescued from an owner that seemed dead) can change nothing any more:
    /// neither it nor the verdicts on its content are stored, and its id is in the set that comes back.
    @discardableResult
    public func settle(
        _ ends: [JobEnd], saving texts: [ClassifiedText] = [], run: Int64, policy: RetryPolicy = RetryPolicy(),
        at now: Date = Date(), jitter: @Sendable () -> Double = { .random(in: 0...1) }
    ) async throws -> Set<Int64> {
        guard !ends.isEmpty else { return [] }
        let registered = registered.withLock { $0 }
        let changes = ends.map { ($0.job, JobChange($0.job, $0.outcome, at: now, policy: policy, jitter: jitter())) }
        return try await write { db in
            let settling = Settling(run: run, in: db, at: now)
            var lost = Set<Int64>()
            for (job, change) in changes {
                if try !settling.apply(change, to: job) { lost.insert(job.id) }
            }
            let orphaned = Set(ends.filter { lost.contains($0.job.id) }.compactMap(\.job.contentID))
            if !texts.isEmpty {
                var saving = Saving(run: run, versions: registered, in: db)
                try saving.store(texts.filter { !orphaned.contains($0.contentID) })
            }
            try settling.release(ends.compactMap(\.job.contentID))
            return lost
        }
    }
}

/// The statements that end attempts.
struct Settling {
    private let db: Database
    private let run: Int64
    private let now: Date

    init(run: Int64, in db: Database, at now: Date) {
        self.db = db
        self.run = run
        self.now = now
    }

    /// Changes a job that this run still has; false when it has it no more.
    func apply(_ change: JobChange, to job: Job) throws -> Bool {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET
                    state = ?, attempt = ?, rescues = ?, scheduled_at = ?, finished_at = ?, reason = ?,
                    held_key = iif(?, unique_key, NULL)
                WHERE id = ? AND claim = ? AND run_id = ? AND state = 'executing'
                """
        ).execute(arguments: [
            change.state.rawValue, change.attempt, change.rescues, change.scheduledAt.milliseconds,
            change.finishedAt?.milliseconds, change.reason, change.state.holdsKey, job.id, job.claim, run,
        ])
        guard db.changesCount > 0 else { return false }
        if let failure = change.failure { try record(failure, of: job, attempt: job.attempt) }
        return true
    }

    /// Writes down what is known about an attempt that failed. What a worker said is kept from its end: 16 KiB of it.
    func record(_ failure: JobFailure, of job: Job, attempt: Int) throws {
        let detail = failure.detail.map { String(decoding: $0.utf8.suffix(16 << 10), as: UTF8.self).withoutNUL }
        try db.cachedStatement(
            sql: """
                INSERT INTO job_attempts
                    (job_id, claim, attempt, run_id, began_at, ended_at, error_class, message, detail)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                ON CONFLICT (job_id, claim) DO NOTHING
                """
        ).execute(arguments: [
            job.id, max(job.claim, 1), attempt, job.run, job.attemptedAt?.milliseconds, now.milliseconds,
            failure.kind.rawValue, failure.message.withoutNUL, detail,
        ])
    }

    /// Gives back the run's claims on contents whose jobs are not in its hands any more.
    func release(_ contents: [Int64]) throws {
        guard !contents.isEmpty else { return }
        try db.cachedStatement(
            sql: "DELETE FROM claims WHERE run_id = ? AND content_id IN (SELECT value FROM json_each(?))"
        ).execute(arguments: [run, jsonArray(contents)])
    }
}

/// Returns the jobs of dead owners.
struct Rescue {
    private let db: Database

    init(in db: Database) { self.db = db }

    /// Makes available what these runs had in hand, or discards what has outlived too many owners.
    func jobs(of runs: [Int64], at now: Date = Date(), policy: RetryPolicy = RetryPolicy()) throws {
        let orphans = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM jobs INDEXED BY jobs_executing
                WHERE state = 'executing' AND run_id IN (SELECT value FROM json_each(?))
                """,
            arguments: [jsonArray(runs)]
        ).map(Job.init)
        for job in orphans {
            guard let run = job.run else { continue }
            let change = JobChange(job, .rescued, at: now, policy: policy, jitter: 0)
            _ = try Settling(run: run, in: db, at: now).apply(change, to: job)
        }
    }
}
