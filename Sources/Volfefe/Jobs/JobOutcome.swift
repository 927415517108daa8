import Foundation

/// How an attempt at a job ended: exactly one of these, which makes exactly one change of state.
public enum JobOutcome: Sendable, Hashable {
    /// Done; with a reason where there was nothing to do: `not_found`, `no_text`, `nothing_missing`.
    case completed(reason: String? = nil)
    /// Failed; the class decides whether it is tried again.
    case failed(JobFailure)
    /// Not now: again after this long. Costs no attempt.
    case snoozed(Duration)
    /// Never; the handler has found out that it is not wanted.
    case cancelled(reason: String)
    /// Not done, through no fault of its own: a shutdown. Costs no attempt.
    case givenBack
    /// Its owner died. Costs no attempt, but is counted.
    case rescued
}

/// What becomes of a job that was executing. Pure: the clock and the dice are parameters.
public struct JobChange: Sendable, Hashable {
    /// The state it enters.
    public var state: JobState
    /// Attempts that count from now on.
    public var attempt: Int
    /// Deaths of owners from now on.
    public var rescues: Int
    /// Not to begin before.
    public var scheduledAt: Date
    /// When it ended; nil when it has not.
    public var finishedAt: Date?
    /// Why it ended as it did.
    public var reason: String?
    /// What to write down about the attempt; nil for nothing.
    public var failure: JobFailure?

    /// The change that `outcome` makes to `job`. `jitter` is drawn from 0…1.
    public init(_ job: Job, _ outcome: JobOutcome, at now: Date, policy: RetryPolicy, jitter: Double) {
        state = .available
        attempt = job.attempt
        rescues = job.rescues
        scheduledAt = job.scheduledAt
        switch outcome {
        case .completed(let reason): end(.completed, reason, now)
        case .cancelled(let reason): end(.cancelled, reason, now)
        case .snoozed(let pause):
            attempt -= 1
            wait(.scheduled, pause, now)
        case .givenBack: attempt -= 1
        case .rescued:
            attempt -= 1
            rescues += 1
            failure = JobFailure(.ownerDied, message: "the process that had it died")
            let pause = policy.pause(afterRescue: rescues)
            if rescues >= policy.maxRescues {
                end(.discarded, JobFailure.Class.ownerDied.rawValue, now)
            } else if pause > .zero {
                wait(.retryable, pause, now)
            }
        case .failed(let failure):
            self.failure = failure
            if failure.kind.isWorthRetrying, job.attempt < job.maxAttempts {
                wait(.retryable, policy.pause(after: job.attempt, failure.kind, jitter: jitter), now)
            } else {
                end(.discarded, failure.kind.rawValue, now)
            }
        }
    }

    private mutating func end(_ state: JobState, _ reason: String?, _ now: Date) {
        self.state = state
        self.reason = reason
        finishedAt = now
    }

    private mutating func wait(_ state: JobState, _ pause: Duration, _ now: Date) {
        self.state = state
        scheduledAt = now.addingTimeInterval(pause / .seconds(1))
    }
}
