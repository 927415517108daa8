/// Results that wait for their commit.
struct Finished {
    private let store: Store
    private let run: Int64
    private let commitEvery: Int
    private var texts: [ClassifiedText] = []
    private var lastCommit = ContinuousClock.now

    init(store: Store, run: Int64, commitEvery: Int) {
        self.store = store
        self.run = run
        self.commitEvery = commitEvery
    }

    /// Contents that are not committed yet.
    var count: Int { texts.count }

    /// Takes results, and commits when there are enough or a second has passed since the last commit.
    mutating func add(_ done: [ClassifiedText]) async throws {
        texts += done
        if texts.count >= commitEvery || ContinuousClock.now - lastCommit > .seconds(1) { try await commit() }
    }

    /// Commits what there is; what cannot be stored stays here.
    mutating func commit() async throws {
        try await store.save(texts, run: run)
        texts = []
        lastCommit = .now
    }
}
