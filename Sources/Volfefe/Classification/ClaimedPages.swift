/// Pages of work in the order of content ids, each claimed for one run before it is handed out.
struct ClaimedPages {
    private let store: Store
    private let request: WorkRequest
    private let size: Int
    private let ids: [Int64]?
    /// How many contents may still be claimed; nil without a limit.
    private var remaining: Int?
    /// What has not been looked at, and what others held when it was.
    private var ranges = [Int64.min...Int64.max]
    private var held: [ClosedRange<Int64>] = []
    private var hasSaidWaiting = false
    /// Whether other runs were at work at any time.
    private(set) var hasMetOthers: Bool

    init(store: Store, selection: Selection, request: WorkRequest, size: Int) {
        self.store = store
        self.request = request
        self.size = size
        ids = selection.sortedIDs
        if case .limit(let limit) = selection { remaining = limit }
        hasMetOthers = !request.effort.others.isEmpty
    }

    /// The next page; nil when nothing is left but what others hold. It may hold nothing but what was taken over.
    mutating func next() async throws -> ClaimedPage? {
        while let range = ranges.first {
            let wanted = min(size, remaining ?? size)
            guard wanted > 0 else {
                ranges = []
                held = []
                break
            }
            let page = try await store.claim(request, in: range, of: ids, page: wanted)
            if page.lookedAt < range.upperBound {
                ranges[0] = (page.lookedAt + 1)...range.upperBound
            } else {
                ranges.removeFirst()
            }
            if !page.held.isEmpty { hasMetOthers = true }
            held += page.held
            remaining = remaining.map { $0 - page.items.count - page.reused.count(where: \.isComplete) }
            if !page.items.isEmpty || !page.reused.isEmpty { return page }
        }
        return nil
    }

    /// Waits for what others hold; then `next` is worth another look. False when nothing is held, or on a stop.
    ///
    /// `onWaiting` is told of the number of other runs, once.
    mutating func waitForOthers(_ stop: StopRequest, _ onWaiting: (Int) -> Void) async throws -> Bool {
        guard !held.isEmpty, remaining != 0 else { return false }
        let holders = try await store.holders(besides: request.effort.run)
        if !holders.isEmpty {
            if !hasSaidWaiting {
                hasSaidWaiting = true
                onWaiting(holders.count)
            }
            // Claims go when their verdicts are stored, or with their owner: both are seen by looking.
            try await Task.sleep(for: .milliseconds(200))
            guard !stop.isRequested else { return false }
        }
        ranges = held
        held = []
        return true
    }
}
