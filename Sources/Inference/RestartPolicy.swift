/// Decides when a dead worker is launched again, and when to stop trying. Pure: time and chance are parameters.
///
/// Launches that never became ready are counted in a sliding window, until one does. Deaths of workers that did become
/// ready are counted apart, because a single deadly text costs several of them before it is isolated; they only add up while
/// nobody answers, and after a few of them a worker has to prove itself with a harmless text (a canary).
public struct RestartPolicy: Sendable, Equatable {
    /// How a worker's life ended, as far as restarting is concerned.
    public enum Ending: Sendable {
        /// It died, or timed out, before it was ready.
        case neverReady
        /// It became ready and died at work.
        case diedAtWork
    }

    /// What to do next.
    public enum Decision: Sendable, Equatable {
        case relaunch(after: Duration)
        case giveUp
    }

    /// Delay before the second launch in a row; doubles from there.
    public var initialBackoff: Duration
    /// Longest delay.
    public var maximumBackoff: Duration
    /// Failed launches tolerated within `window`.
    public var limit: Int
    /// Length of the sliding window.
    public var window: Duration

    private var failedLaunches: [ContinuousClock.Instant] = []
    private var deathsSinceReply = 0

    /// Creates a policy.
    public init(initialBackoff: Duration, maximumBackoff: Duration, limit: Int, window: Duration) {
        self.initialBackoff = initialBackoff
        self.maximumBackoff = maximumBackoff
        self.limit = limit
        self.window = window
    }

    /// The pause that the last `relaunch` asked for, or the longest one after `giveUp`.
    public private(set) var pause = Duration.zero

    /// Whether so many workers have died in a row that it may not be the texts' fault.
    public var wantsCanary: Bool { deathsSinceReply >= limit }

    /// A worker has become ready: whatever kept others from it was not the installation.
    public mutating func becameReady() {
        failedLaunches = []
    }

    /// A worker answered a request: whatever died before did not keep work from being done.
    public mutating func answered() {
        deathsSinceReply = 0
    }

    /// A worker's life has ended at `now`; `chance` in 0..<1 spreads the delay over ±50 %.
    public mutating func ended(_ ending: Ending, at now: ContinuousClock.Instant, chance: Double) -> Decision {
        let decision = decide(ending, at: now, chance: chance)
        pause = if case .relaunch(let pause) = decision { pause } else { maximumBackoff }
        return decision
    }

    private mutating func decide(_ ending: Ending, at now: ContinuousClock.Instant, chance: Double) -> Decision {
        switch ending {
        case .neverReady:
            failedLaunches.removeAll { $0 + window < now }
            failedLaunches.append(now)
            guard failedLaunches.count < limit else { return .giveUp }
            return .relaunch(after: backoff(failures: failedLaunches.count, chance: chance))
        case .diedAtWork:
            deathsSinceReply += 1
            guard (deathsSinceReply + 2) / 3 <= limit else { return .giveUp }
            // The first few deaths in a row are one text being isolated: no reason to wait.
            let extra = deathsSinceReply - limit
            return .relaunch(after: extra > 0 ? backoff(failures: extra, chance: chance) : .zero)
        }
    }

    private func backoff(failures: Int, chance: Double) -> Duration {
        let doubled = initialBackoff * (1 << min(failures - 1, 20))
        return min(doubled * (0.5 + chance), maximumBackoff)
    }
}
