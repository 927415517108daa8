/// Decides which texts travel together in one request, and when. Pure: no clock, no worker, no input or output.
///
/// Texts of similar length share a request, as a worker pads each to the longest beside it. To find some, the planner looks at
/// a window: the texts that wait longest, sorted by length and cut by a budget of tokens. Of these cuts the one that holds
/// the oldest text goes first. So the oldest text is in every next batch, and nothing overtakes a text but what shares its window.
///
/// While a worker has nothing to do, whatever waits goes at once. While all are busy, texts are held back until a window is
/// full, or until the oldest has waited for `maxDelay`. Every text is handed out exactly once; batches carry their items, with
/// which the caller restores the order.
public struct BatchPlanner<Item: Sendable>: Sendable {
    /// Items for one request.
    public struct Batch: Sendable {
        /// The items, shortest first.
        public var items: [Item]
        /// Models that all of them need.
        public var models: [String]
        /// Padded tokens, as estimated.
        public var tokens: Int
    }

    private struct Pending: Sendable {
        let item: Item
        let bytes, tokens: Int
        let models: [String]
        let since: ContinuousClock.Instant
    }

    /// What a worker runs at once; a smaller share of the work is not worth a request of its own.
    private static var smallestShare: Int { 256 }

    /// The limits that batches keep.
    public let limits: BatchLimits
    /// What waits, in the order of arrival.
    private var pending: [Pending] = []

    /// Creates a planner without items.
    public init(_ limits: BatchLimits = BatchLimits()) {
        self.limits = limits
    }

    /// Items that wait.
    public var count: Int { pending.count }

    /// When the oldest item will have waited for `maxDelay`; nil when nothing waits.
    public var deadline: ContinuousClock.Instant? { pending.first.map { $0.since + limits.maxDelay } }

    /// Takes an item that needs `models`; its text has `bytes` UTF-8 bytes and perhaps `tokens` tokens.
    public mutating func add(
        _ item: Item, bytes: Int, tokens: Int, models: [String] = [], at now: ContinuousClock.Instant
    ) {
        pending.append(.init(item: item, bytes: bytes, tokens: max(tokens, 1), models: models, since: now))
    }

    /// The next batch; nil when nothing waits, or when it is better to hold back.
    ///
    /// `idle` is the number of workers that have nothing to do: with one or more there is no holding back, and a few texts are
    /// shared among them. `expectsMore` says that other items may still come soon; otherwise holding back has no use.
    public mutating func next(idle: Int, expectsMore: Bool, at now: ContinuousClock.Instant) -> Batch? {
        guard let oldest = pending.first else { return nil }
        guard idle > 0 || !expectsMore || pending.count >= limits.window || now - oldest.since >= limits.maxDelay else {
            return nil
        }
        let window = oldestIndices(needing: oldest.models).sorted {
            (pending[$0].tokens, pending[$0].bytes, $0) < (pending[$1].tokens, pending[$1].bytes, $1)
        }
        let chosen = cutWithOldest(of: window, budget: budget(of: window, idle: idle))
        let batch = Batch(
            items: chosen.map { pending[$0].item }, models: oldest.models,
            tokens: chosen.count * (chosen.last.map { pending[$0].tokens } ?? 0))
        let gone = Set(chosen)
        pending = pending.indices.filter { !gone.contains($0) }.map { pending[$0] }
        return batch
    }

    /// Gives back everything that waits, in the order of arrival.
    public mutating func removeAll() -> [Item] {
        defer { pending = [] }
        return pending.map(\.item)
    }

    /// A window: the oldest items that need the same models.
    private func oldestIndices(needing models: [String]) -> [Int] {
        var indices: [Int] = []
        for index in pending.indices where pending[index].models == models {
            indices.append(index)
            if indices.count == limits.window { break }
        }
        return indices
    }

    /// The whole budget, or less where little work has to be shared among several idle workers.
    private func budget(of window: [Int], idle: Int) -> Int {
        guard idle > 1 else { return limits.tokens }
        let total = window.reduce(0) { $0 + pending[$1].tokens }
        return min(limits.tokens, max(Self.smallestShare, (total + idle - 1) / idle))
    }

    /// The batch with the oldest item (the lowest index), of those that the sorted window is cut into.
    private func cutWithOldest(of window: [Int], budget: Int) -> [Int] {
        let oldest = window.min()
        var batch: [Int] = []
        var bytes = 0
        for index in window {
            let entry = pending[index]
            let isFull =
                batch.count >= limits.texts || (batch.count + 1) * entry.tokens > budget
                || bytes + entry.bytes > limits.bytes
            if isFull, !batch.isEmpty {
                if batch.contains(where: { $0 == oldest }) { return batch }
                batch = []
                bytes = 0
            }
            batch.append(index)
            bytes += entry.bytes
        }
        return batch
    }
}
