import Synchronization

/// Does one kind of work.
public protocol JobHandler: Sendable {
    /// The kind of jobs that it does.
    var kind: String { get }
    /// Jobs that it is given at once at most.
    var chunk: Int { get }

    /// Does jobs of its kind and settles each one in `context`, together with what it has brought, as soon as that is there.
    ///
    /// What it throws fails the jobs that are not settled yet; `CancellationError`, and errors of the database and of the pool,
    /// give them back. When a stop is requested it begins nothing new and gives back the rest.
    func perform(_ jobs: [Job], in context: JobContext) async throws
}

/// What a handler works with: the store, the run that holds the jobs, and the jobs that have no outcome yet.
public final class JobContext: Sendable {
    /// Where outcomes go.
    public let store: Store
    /// The run that holds the jobs.
    public let run: Int64
    /// Asked by the handler between two steps.
    public let stop: StopRequest
    private let policy: RetryPolicy
    private let onSettled: @Sendable ([JobEnd], Set<Int64>) -> Void
    private let open: Mutex<[Int64: Job]>

    init(
        _ jobs: [Job], store: Store, run: Int64, policy: RetryPolicy, stop: StopRequest,
        onSettled: @escaping @Sendable ([JobEnd], Set<Int64>) -> Void
    ) {
        self.store = store
        self.run = run
        self.policy = policy
        self.stop = stop
        self.onSettled = onSettled
        open = Mutex(Dictionary(jobs.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }))
    }

    /// Jobs without an outcome, by id.
    public var unsettled: [Job] { open.withLock { $0.values.sorted { $0.id < $1.id } } }

    /// Ends jobs in one commit with the verdicts that they have brought.
    public func settle(_ ends: [JobEnd], saving texts: [ClassifiedText] = []) async throws {
        let lost = try await store.settle(ends, saving: texts, run: run, policy: policy)
        note(ends, lost: lost)
    }

    /// Ends all jobs that have no outcome yet in the same way.
    func settleRest(_ outcome: JobOutcome) async throws {
        try await settle(unsettled.map { JobEnd($0, outcome) })
    }

    /// Takes note of jobs that were ended elsewhere.
    func note(_ ends: [JobEnd], lost: Set<Int64> = []) {
        open.withLock { open in ends.forEach { open[$0.job.id] = nil } }
        if !ends.isEmpty { onSettled(ends, lost) }
    }
}
