import Foundation
import GRDB

/// What a person does to jobs.
public enum JobAction: Sendable, Hashable {
    /// Do it again, with so many attempts more: whatever has ended or waits becomes available.
    case retry(attempts: Int)
    /// Not any more. What is executing is not interrupted, but its results are dropped.
    case cancel
    /// Give it up: it becomes a dead letter.
    case discard

    /// The states that it can be done in.
    var states: [JobState] {
        switch self {
        case .retry: JobState.allCases.filter(\.canRetry)
        case .cancel: JobState.allCases.filter { !$0.isFinal } + [.discarded]
        case .discard: JobState.allCases.filter { !$0.isFinal }
        }
    }
}

extension Store {
    /// Does it to every job of the filter that is in a state for it, five thousand in a transaction, and gives their ids.
    ///
    /// A job that cannot come back because another one is at the same thing stays as it is.
    public func change(_ filter: JobFilter, _ action: JobAction, at now: Date = Date()) async throws -> [Int64] {
        var filter = filter
        filter.states = (filter.states ?? JobState.allCases).filter(action.states.contains)
        let chosen = filter
        var changed: [Int64] = []
        var after: Int64 = 0
        while true {
            let start = after
            let (part, last) = try await write { db in
                try Acting(in: db, at: now).apply(action, chosen, after: start, limit: 5000)
            }
            changed += part
            guard let last else { return changed }
            after = last
        }
    }
}

/// The statements of one action.
private struct Acting {
    private let db: Database
    private let now: Date

    init(in db: Database, at now: Date) {
        self.db = db
        self.now = now
    }

    func apply(
        _ action: JobAction, _ filter: JobFilter, after: Int64, limit: Int
    ) throws -> (changed: [Int64], last: Int64?) {
        let jobs = try Row.fetchAll(
            db,
            sql: """
                SELECT * FROM jobs AS j
                WHERE j.id > :after AND \(JobFilter.condition)
                ORDER BY j.id
                LIMIT :limit
                """, arguments: filter.arguments &+ ["after": after, "limit": limit]
        ).map(Job.init)
        let changed = try jobs.filter { job in
            switch action {
            case .retry(let attempts): try retry(job, attempts)
            case .cancel: try end(job, .cancelled, reason: "cancelled")
            case .discard: try discard(job)
            }
        }
        return (changed.map(\.id), jobs.count == limit ? jobs.last?.id : nil)
    }

    private func retry(_ job: Job, _ attempts: Int) throws -> Bool {
        // OR IGNORE: its unique key may belong to another job by now.
        try db.cachedStatement(
            sql: """
                UPDATE OR IGNORE jobs SET
                    state = 'available', held_key = unique_key, finished_at = NULL, reason = NULL, rescues = 0, scheduled_at = ?,
                    max_attempts = max(max_attempts, attempt + ?)
                WHERE id = ?
                """
        ).execute(arguments: [now.milliseconds, max(attempts, 1), job.id])
        guard db.changesCount > 0 else { return false }
        // A text that was set aside would be left aside: its attempts are written down, its failures make room.
        if job.reason == JobFailure.Class.poison.rawValue, let content = job.contentID {
            try db.execute(
                sql: "DELETE FROM classifications WHERE content_id = ? AND error_code = 'poison'", arguments: [content])
        }
        return true
    }

    private func discard(_ job: Job) throws -> Bool {
        let failure = JobFailure(.givenUp, message: "given up by hand in state \(job.state.rawValue)")
        guard try end(job, .discarded, reason: failure.kind.rawValue) else { return false }
        var attempted = job
        if job.claim == 0 { attempted.claim = 1 }
        try Settling(run: job.run ?? 0, in: db, at: now).record(failure, of: attempted, attempt: job.attempt)
        return true
    }

    private func end(_ job: Job, _ state: JobState, reason: String) throws -> Bool {
        try db.cachedStatement(
            sql: """
                UPDATE jobs SET state = ?, held_key = iif(?, unique_key, NULL), finished_at = ?, reason = ?
                WHERE id = ?
                """
        ).execute(arguments: [state.rawValue, state.holdsKey, now.milliseconds, reason, job.id])
        return db.changesCount > 0
    }
}
