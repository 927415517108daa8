import Foundation

/// When a failed job is tried again, and how much a job may be part of. Pure.
public struct RetryPolicy: Sendable, Hashable {
    /// Pause after the first attempt; it doubles with each one.
    public var initial: Duration
    /// Longest pause.
    public var maximum: Duration
    /// Deaths of its owners that a job may see before it counts as a cause of them.
    public var maxRescues: Int

    /// Creates a policy.
    public init(initial: Duration = .seconds(15), maximum: Duration = .seconds(3600), maxRescues: Int = 20) {
        self.initial = initial
        self.maximum = maximum
        self.maxRescues = max(maxRescues, 1)
    }

    /// Pause after the death of a job's owner number `rescues`: none, 1 s, 2 s, 4 s … 60 s. The first one was hardly its doing; what
    /// is there at many deaths must not keep those behind it from being done.
    public func pause(afterRescue rescues: Int) -> Duration {
        rescues <= 1 ? .zero : .seconds(min(pow(2, Double(min(rescues, 30) - 2)), 60))
    }

    /// Pause before the attempt after number `attempt`: initial × 2^(attempt − 1), four times that after a timeout, as a machine
    /// that is too slow needs time; at most `maximum`, and then less up to a quarter by `jitter` (0…1), so that jobs that failed
    /// together do not come back together.
    public func pause(after attempt: Int, _ kind: JobFailure.Class, jitter: Double) -> Duration {
        let factor = kind == .timeout ? 4.0 : 1
        let doubled = (initial / .milliseconds(1)) * factor * pow(2, Double(min(max(attempt - 1, 0), 60)))
        let bounded = min(doubled, maximum / .milliseconds(1))
        return .milliseconds((bounded * (1 - 0.25 * min(max(jitter, 0), 1))).rounded())
    }
}
