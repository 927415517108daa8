import Foundation
import Inference

@testable import Volfefe

/// What any database under the queue must do. The conformance suite sees nothing else of it.
protocol QueueUnderTest: Sendable {
    func run(owner: Owner) async throws -> Int64
    func renewLease(of run: Int64, for length: Duration, at now: Date) async throws -> Bool
    func rescue() async throws
    func enqueue(
        _ drafts: [JobDraft], _ placement: JobPlacement, jobRun: Int64?, at now: Date
    ) async throws -> EnqueueResult
    func claimJobs(_ demands: [JobDemand], run: Int64, at now: Date) async throws -> [Job]
    func settle(
        _ ends: [JobEnd], saving texts: [ClassifiedText], run: Int64, policy: RetryPolicy, at now: Date,
        jitter: @Sendable () -> Double
    ) async throws -> Set<Int64>
    func change(_ filter: JobFilter, _ action: JobAction, at now: Date) async throws -> [Int64]
    func histories(_ filter: JobFilter, limit: Int) async throws -> [JobHistory]
    func jobCounts(_ filter: JobFilter) async throws -> [JobState: Int]
    func setPaused(_ isPaused: Bool, queue: String) async throws -> Bool
    func pruneJobs(completedFor: Duration, cancelledFor: Duration, limit: Int, at now: Date) async throws -> Int
    func beginJobRun(command: String, at now: Date) async throws -> Int64
    func jobRuns(limit: Int) async throws -> [JobRun]
    func setCron(_ entry: CronEntry, at now: Date) async throws -> Bool
    func setPaused(_ isPaused: Bool, cron name: String, at now: Date) async throws -> Bool
    func fireCron(at now: Date, grace: Duration) async throws -> [CronFiring]
}

extension Store: QueueUnderTest {
    func run(owner: Owner) async throws -> Int64 {
        try await beginRun(command: "work", configuration: "[]", owner: owner)
    }

    func rescue() async throws { try await interruptDeadRuns() }
}

/// A database that the suite runs on; a second kind is another case.
enum QueueDatabase: String, CaseIterable, CustomStringConvertible {
    case sqlite
    case sqliteSynchronized

    var description: String { rawValue }

    /// Opens `count` connections to one new database, as so many processes would.
    func open<Value>(_ count: Int = 1, _ body: ([any QueueUnderTest]) async throws -> Value) async throws -> Value {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("queue.db").path
            // A busy machine may take its time.
            let stores = try (0..<count).map { _ in
                try Store(path: path, busyTimeout: .seconds(600), syncCommits: self == .sqliteSynchronized)
            }
            let value = try await body(stores)
            for store in stores { try store.close() }
            return value
        }
    }

    func with<Value>(_ body: (any QueueUnderTest) async throws -> Value) async throws -> Value {
        try await open(1) { try await body($0[0]) }
    }
}

extension QueueUnderTest {
    @discardableResult
    func put(_ drafts: [JobDraft], _ placement: JobPlacement = .init(), run: Int64? = nil, at now: Date = .epoch)
        async throws -> EnqueueResult
    {
        try await enqueue(drafts, placement, jobRun: run, at: now)
    }

    func take(_ limit: Int = 100, of queue: String = "default", run: Int64, at now: Date = .epoch) async throws -> [Job]
    {
        try await claimJobs([.init(queue: queue, limit: limit)], run: run, at: now)
    }

    @discardableResult
    func end(
        _ jobs: [Job], _ outcome: JobOutcome, run: Int64, at now: Date = .epoch, policy: RetryPolicy = .init()
    ) async throws -> Set<Int64> {
        try await settle(
            jobs.map { JobEnd($0, outcome) }, saving: [], run: run, policy: policy, at: now, jitter: { 0 })
    }

    func job(_ id: Int64) async throws -> JobHistory? {
        try await histories(JobFilter(ids: [id]), limit: 1).first
    }

    func all() async throws -> [Job] { try await histories(JobFilter(), limit: 100_000).map(\.job).reversed() }
}

extension Date {
    /// A time at which tests begin.
    static let epoch = Date(milliseconds: 1_800_000_000_000)

    func plus(_ seconds: Double) -> Date { addingTimeInterval(seconds) }
}

extension Owner {
    /// A process of this boot that is gone: its start cannot be that of any other.
    static let dead = Owner(boot: current.boot, pid: 1, start: 9_000_000_000_000)
    /// A process that cannot be looked at.
    static let elsewhere = Owner(boot: "another machine", pid: 1, start: 1)
}

/// Drafts with unique keys "1" to "count".
func uniqueDrafts(_ count: Int, kind: String = "test") -> [JobDraft] {
    (1...count).map { JobDraft(kind: kind, uniqueKey: "\($0)") }
}
