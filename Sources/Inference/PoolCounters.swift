import Synchronization

/// Counts of what happened in a pool since it opened.
public struct PoolCounts: Codable, Sendable, Equatable {
    /// Processes launched.
    public var launches = 0
    /// Workers that died or were killed before they were ready.
    public var failedLaunches = 0
    /// Workers that died while they served.
    public var deaths = 0
    /// Requests that passed their deadline.
    public var timeouts = 0
    /// Batches cut in two to find a deadly text.
    public var bisections = 0
    /// Texts set aside because they killed their worker repeatedly.
    public var poisoned = 0
    /// Requests that were answered, the pool's own probes apart.
    public var requests = 0
    /// Texts in them.
    public var texts = 0
    /// Probes: texts that the pool gave to idle workers to see that they answer.
    public var probes = 0
    /// Why workers that had been ready ended, or left their slot → how many.
    public var restarts: [String: Int] = [:]
    /// From a request's arrival to its worker.
    public var queueTime = Times()
    /// From there to its answer.
    public var latency = Times()
    /// From a worker's launch to ready.
    public var startTime = Times()
    /// Lines of workers' stderr that were not passed on, because there were too many.
    public var droppedLogLines = 0
    /// Lines on a worker's stdout that were no message.
    public var noiseLines = 0
    /// Messages that nobody waited for.
    public var staleReplies = 0

    enum CodingKeys: String, CodingKey {
        case launches, deaths, timeouts, bisections, poisoned, requests, texts, probes, restarts
        case queueTime = "queue_time"
        case latency
        case startTime = "start_time"
        case droppedLogLines = "dropped_log_lines"
        case failedLaunches = "failed_launches"
        case noiseLines = "noise_lines"
        case staleReplies = "stale_replies"
    }
}

/// The counts of one pool, shared by its workers.
final class PoolCounters: Sendable {
    private struct State {
        var counts = PoolCounts()
        var queueTime = Distribution()
        var latency = Distribution()
        var startTime = Distribution()
    }

    private let state = Mutex(State())

    var current: PoolCounts {
        state.withLock { state in
            var counts = state.counts
            counts.queueTime = state.queueTime.times
            counts.latency = state.latency.times
            counts.startTime = state.startTime.times
            return counts
        }
    }

    func change(_ body: (inout PoolCounts) -> Void) {
        state.withLock { body(&$0.counts) }
    }

    /// A worker has become ready, so long after its launch.
    func started(after time: Duration) {
        state.withLock { $0.startTime.record(time) }
    }

    /// A request has been answered, after so much waiting and so much work.
    func answered(texts: Int, queueTime: Duration, latency: Duration) {
        state.withLock { state in
            state.counts.requests += 1
            state.counts.texts += texts
            state.queueTime.record(queueTime)
            state.latency.record(latency)
        }
    }
}
