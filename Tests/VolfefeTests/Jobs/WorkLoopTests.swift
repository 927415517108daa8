import Foundation
import Inference
import Synchronization
import Testing

@testable import Volfefe

/// Does what a test tells it to.
private struct TestHandler: JobHandler {
    let kind = "test"
    var chunk = 4
    let body: @Sendable ([Job], JobContext) async throws -> Void

    func perform(_ jobs: [Job], in context: JobContext) async throws { try await body(jobs, context) }
}

@Suite struct WorkLoopTests {
    private func work(
        _ store: Store, chunk: Int = 4, queues: [String: Int?] = [:], untilEmpty: Bool = true,
        stop: StopRequest = StopRequest(),
        onEvent: @escaping @Sendable (WorkEvent) -> Void = { _ in },
        _ body: @escaping @Sendable ([Job], JobContext) async throws -> Void
    ) async throws {
        let run = try await store.beginRun(command: "work", configuration: "[]")
        try await WorkLoop(
            store: store, run: run, handlers: [TestHandler(chunk: chunk, body: body)],
            settings: WorkSettings(
                queues: queues, poll: .milliseconds(5), policy: RetryPolicy(initial: .milliseconds(1)),
                endsWhenEmpty: untilEmpty), stop: stop, onEvent: onEvent
        ).perform()
        try await store.finishRun(run, interrupted: stop.isRequested)
    }

    @Test func `every job is done once and the loop ends`() async throws {
        try await withStore { store in
            _ = try await store.enqueue(uniqueDrafts(50))
            let seen = Mutex<[Int64]>([])
            try await work(store) { jobs, context in
                seen.withLock { $0 += jobs.map(\.id) }
                #expect(jobs.count <= 4)
                try await context.settle(jobs.map { JobEnd($0, .completed()) })
            }
            #expect(seen.withLock { $0.sorted() } == Array(1...50))
            #expect(try await store.jobCounts() == [.completed: 50])
        }
    }

    @Test func `no more jobs are in hand than the queue allows`() async throws {
        try await withStore { store in
            _ = try await store.enqueue(uniqueDrafts(40))
            let inHand = Mutex((now: 0, most: 0))
            try await work(store, chunk: 1, queues: ["default": 3]) { jobs, context in
                inHand.withLock { count in
                    count.now += jobs.count
                    count.most = max(count.most, count.now)
                }
                await Task.yield()
                inHand.withLock { $0.now -= jobs.count }
                try await context.settle(jobs.map { JobEnd($0, .completed()) })
            }
            #expect(inHand.withLock(\.most) <= 3)
            #expect(try await store.jobCounts() == [.completed: 40])
        }
    }

    @Test func `a queue that is scaled later has the last word`() async throws {
        try await withStore { store in
            try await store.ensureQueues(["default"])
            let settings = WorkSettings(queues: ["default": 3], startedAt: .epoch)
            _ = try await store.scale("default", to: 7, at: Date.epoch.plus(-1))
            #expect(settings.limit(of: try await store.queueSettings()[0], fallback: 99) == 3)
            _ = try await store.scale("default", to: 7, at: Date.epoch.plus(1))
            #expect(settings.limit(of: try await store.queueSettings()[0], fallback: 99) == 7)
            _ = try await store.scale("default", to: nil, at: Date.epoch.plus(2))
            #expect(settings.limit(of: try await store.queueSettings()[0], fallback: 99) == 99)
        }
    }

    @Test func `what a handler throws fails its jobs and only those`() async throws {
        struct Broken: Error, CustomStringConvertible { let description = "it is broken" }
        try await withStore { store in
            _ = try await store.enqueue(uniqueDrafts(2), JobPlacement(maxAttempts: 2))
            try await work(store, chunk: 1) { jobs, context in
                if jobs[0].id == 1 { throw Broken() }
                try await context.settle(jobs.map { JobEnd($0, .completed()) })
            }
            let history = try #require(try await store.histories(JobFilter(ids: [1]), limit: 1).first)
            #expect(history.job.state == .discarded)
            #expect(history.attempts.map(\.failure.message) == ["it is broken", "it is broken"])
            #expect(try await store.jobCounts() == [.completed: 1, .discarded: 1])
        }
    }

    @Test func `jobs of an unknown kind fail with a reason and nobody waits for them`() async throws {
        try await withStore { store in
            _ = try await store.enqueue([JobDraft(kind: "from the future")], JobPlacement(maxAttempts: 1))
            try await work(store) { _, _ in }
            let history = try await store.histories(JobFilter(states: [.discarded]), limit: 9)
            #expect(history.first?.attempts.first?.failure.message.contains("from the future") == true)
        }
    }

    @Test func `a stop finishes what runs and gives back the rest with its attempt`() async throws {
        try await withStore { store in
            _ = try await store.enqueue(uniqueDrafts(20))
            let stop = StopRequest()
            try await work(store, queues: ["default": 4], untilEmpty: false, stop: stop) { jobs, context in
                try await context.settle([JobEnd(jobs[0], .completed())])
                stop.request()
                try await context.settle(jobs.dropFirst().map { JobEnd($0, .givenBack) })
            }
            let jobs = try await store.jobs(JobFilter(states: [.available]), limit: 99)
            #expect(jobs.count == 19)
            #expect(jobs.allSatisfy { $0.attempt == 0 && $0.rescues == 0 })
        }
    }

    @Test func `a cancelled loop gives back what it has`() async throws {
        try await withStore { store in
            _ = try await store.enqueue(uniqueDrafts(3))
            let task = Task {
                try await work(store) { _, _ in
                    withUnsafeCurrentTask { $0?.cancel() }
                    try Task.checkCancellation()
                }
            }
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(try await store.jobCounts() == [.available: 3])
        }
    }

    @Test func `a loop that has lost its lease ends`() async throws {
        try await withStore { store in
            let run = try await store.beginRun(command: "work", configuration: "[]")
            try await store.finishRun(run, interrupted: true)
            let loop = WorkLoop(
                store: store, run: run, handlers: [], settings: WorkSettings(), stop: StopRequest())
            await #expect(throws: JobError.lostLease(run: run)) { try await loop.perform() }
        }
    }

    @Test func `cron puts jobs in while the loop runs`() async throws {
        try await withStore { store in
            try await store.setCron(
                CronEntry(name: "often", schedule: "* * * * *", kind: "test"), at: Date().addingTimeInterval(-120))
            let stop = StopRequest()
            let fired = Mutex<[String]>([])
            try await work(
                store, untilEmpty: false, stop: stop,
                onEvent: { event in
                    if case .fired(let entry, _) = event { fired.withLock { $0.append(entry) } }
                }
            ) { jobs, context in
                try await context.settle(jobs.map { JobEnd($0, .completed()) })
                stop.request()
            }
            #expect(fired.withLock { $0 }.first == "often")
        }
    }

    @Test func `the enqueueing job puts in a job per content that misses a verdict`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            _ = try await store.ingest(texts: ["a", "b", nil])
            let filter = String(decoding: try JSONEncoder().encode(ContentFilter(source: "test")), as: UTF8.self)
            _ = try await store.enqueue([JobDraft(kind: EnqueueHandler.name, arguments: filter)])
            let run = try await store.beginRun(command: "work", configuration: "[]")
            let classify = TestClassify()
            try await WorkLoop(
                store: store, run: run,
                handlers: [EnqueueHandler(models: [("finance", "1.0")], maxAttempts: 3), classify],
                settings: WorkSettings(poll: .milliseconds(5), endsWhenEmpty: true), stop: StopRequest()
            ).perform()
            #expect(classify.contents.withLock { $0.sorted() } == [1, 2])
            #expect(try await store.jobRuns().map(\.total) == [2])
        }
    }
}

/// Takes note of contents.
private final class TestClassify: JobHandler {
    let kind = JobDraft.classify
    let chunk = 10
    let contents = Mutex<[Int64]>([])

    func perform(_ jobs: [Job], in context: JobContext) async throws {
        contents.withLock { $0 += jobs.compactMap(\.contentID) }
        try await context.settle(jobs.map { JobEnd($0, .completed()) })
    }
}
