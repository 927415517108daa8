import Foundation

/// How a process works on queues.
public struct WorkSettings: Sendable {
    /// Queue → jobs in hand at once, nil: as the queue says. Empty: every queue there is.
    public var queues: [String: Int?]
    /// How often the queues are looked at while there is nothing to do.
    public var poll: Duration
    /// How long the process may be taken for alive where it cannot be looked at; renewed three times as often.
    public var lease: Duration
    /// When failed jobs are tried again.
    public var policy: RetryPolicy
    /// How long jobs are kept once they have ended.
    public var keepCompleted, keepCancelled: Duration
    /// Whether to end when nothing is left but what is scheduled for later.
    public var endsWhenEmpty: Bool
    /// When the process began: a queue that was scaled later than that has the last word.
    public var startedAt: Date

    /// Creates settings.
    public init(
        queues: [String: Int?] = [:], poll: Duration = .milliseconds(500), lease: Duration = .seconds(30),
        policy: RetryPolicy = RetryPolicy(), keepCompleted: Duration = .seconds(86_400),
        keepCancelled: Duration = .seconds(7 * 86_400), endsWhenEmpty: Bool = false, startedAt: Date = Date()
    ) {
        self.queues = queues
        self.poll = poll
        self.lease = lease
        self.policy = policy
        self.keepCompleted = keepCompleted
        self.keepCancelled = keepCancelled
        self.endsWhenEmpty = endsWhenEmpty
        self.startedAt = startedAt
    }

    /// Jobs of a queue that may be in hand at once; `fallback` where nobody has said.
    func limit(of queue: QueueSettings, fallback: Int) -> Int {
        if let scaledAt = queue.scaledAt, scaledAt > startedAt { return queue.concurrency ?? fallback }
        return (queues[queue.name] ?? nil) ?? queue.concurrency ?? fallback
    }
}

/// What happened while a process worked.
public enum WorkEvent: Sendable {
    /// It looked at the queues: it is alive.
    case turned
    /// Jobs came into its hands.
    case claimed(Int)
    /// Jobs ended; the ids of those that others had taken from it.
    case settled([JobEnd], lost: Set<Int64>)
    /// A cron entry put in a job for this time.
    case fired(entry: String, at: Date)
    /// A cron entry cannot be run.
    case refused(entry: String, reason: String)
}
