import Foundation
import GRDB

/// A piece of work in the queue.
public struct Job: Sendable, Hashable, Codable {
    /// Its number; never given twice.
    public var id: Int64
    /// The queue that it is in, and the kind of work that it is.
    public var queue, kind: String
    /// Where it is.
    public var state: JobState
    /// 0 goes first, 9 last.
    public var priority: Int
    /// The content that it is about, if any.
    public var contentID: Int64?
    /// What no other job of its kind may share as long as it is not done with.
    public var uniqueKey: String?
    /// The run of jobs that it belongs to.
    public var jobRun: Int64?
    /// Attempts begun that count against `maxAttempts`; those given back or rescued do not.
    public var attempt, maxAttempts: Int
    /// How often it was taken from an owner that had died.
    public var rescues: Int
    /// The fence: how often it was claimed.
    public var claim: Int
    /// The run whose process has it, or had it last.
    public var run: Int64?
    /// When it was put in, and when it may begin.
    public var insertedAt, scheduledAt: Date
    /// When it was last begun, and when it ended.
    public var attemptedAt, finishedAt: Date?
    /// Why it ended as it did, where that is not plain: `not_found`, `no_text`, `nothing_missing`, an error class.
    public var reason: String?
    /// What its kind needs to know, as JSON.
    public var arguments: String?

    init(_ row: Row) {
        id = row["id"]
        queue = row["queue"]
        kind = row["kind"]
        state = JobState(rawValue: row["state"]) ?? .available
        priority = row["priority"]
        contentID = row["content_id"]
        uniqueKey = row["unique_key"]
        jobRun = row["job_run_id"]
        attempt = row["attempt"]
        maxAttempts = row["max_attempts"]
        rescues = row["rescues"]
        claim = row["claim"]
        run = row["run_id"]
        insertedAt = Date(milliseconds: row["inserted_at"])
        scheduledAt = Date(milliseconds: row["scheduled_at"])
        attemptedAt = (row["attempted_at"] as Int64?).map(Date.init(milliseconds:))
        finishedAt = (row["finished_at"] as Int64?).map(Date.init(milliseconds:))
        reason = row["reason"]
        arguments = row["args"]
    }

    enum CodingKeys: String, CodingKey {
        case id, queue, kind, state, priority, attempt, rescues, claim, reason, arguments
        case contentID = "content_id"
        case uniqueKey = "unique_key"
        case jobRun = "job_run_id"
        case maxAttempts = "max_attempts"
        case run = "run_id"
        case insertedAt = "inserted_at"
        case scheduledAt = "scheduled_at"
        case attemptedAt = "attempted_at"
        case finishedAt = "finished_at"
    }
}

/// An attempt that ended in anything but success.
public struct JobAttempt: Sendable, Hashable, Codable {
    /// Number of the claim, and of the attempt as it counts.
    public var claim, attempt: Int
    /// The run whose process made it.
    public var run: Int64?
    /// When it began.
    public var beganAt: Date?
    /// When it ended.
    public var endedAt: Date
    /// What went wrong.
    public var failure: JobFailure

    init(_ row: Row) {
        claim = row["claim"]
        attempt = row["attempt"]
        run = row["run_id"]
        beganAt = (row["began_at"] as Int64?).map(Date.init(milliseconds:))
        endedAt = Date(milliseconds: row["ended_at"])
        failure = JobFailure(
            JobFailure.Class(rawValue: row["error_class"]) ?? .error, message: row["message"], detail: row["detail"])
    }

    enum CodingKeys: String, CodingKey {
        case claim, attempt, failure
        case run = "run_id"
        case beganAt = "began_at"
        case endedAt = "ended_at"
    }
}
