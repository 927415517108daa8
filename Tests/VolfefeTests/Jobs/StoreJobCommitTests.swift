import Foundation
import GRDB
import Inference
import Synchronization
import Testing

@testable import Volfefe

/// Copies the database after every commit: what a SIGKILL at that moment leaves.
private final class CommitCamera: TransactionObserver {
    private let path: String
    private let folder: URL
    private(set) var pictures: [String] = []
    private var isWriting = false

    init(_ store: Store, into folder: URL) {
        path = store.path
        self.folder = folder
    }

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { true }
    func databaseDidChange(with event: DatabaseEvent) { isWriting = true }
    func databaseDidRollback(_ db: Database) { isWriting = false }
    func databaseDidCommit(_ db: Database) {
        guard isWriting else { return }
        isWriting = false
        let copy = folder.appendingPathComponent("commit\(pictures.count).db").path
        for suffix in ["", "-wal"] where FileManager.default.fileExists(atPath: path + suffix) {
            try? FileManager.default.copyItem(atPath: path + suffix, toPath: copy + suffix)
        }
        pictures.append(copy)
    }
}

/// Contents, jobs and verdicts at every commit, in SQLite.
@Suite struct StoreJobCommitTests {
    private let models = [(id: "finance", version: "1.0"), (id: "general", version: "1.0")]
    private let both = ModelResults(
        models: [
            "finance": .prediction(.of(Records.finance, [0.125, 0.75, 0.125])),
            "general": .prediction(.of(Records.general, [0.25, 0.75])),
        ], textInfo: nil)

    private func drafts(_ count: Int) -> [ContentDraft] {
        (1...count).map { ContentDraft(externalID: "\($0)", text: $0.isMultiple(of: 7) ? nil : "text \($0)") }
    }

    /// Claims and settles what there is, `page` at a time, as a process does.
    private func workOff(_ store: Store, run: Int64, page: Int = 3) async throws {
        while case let jobs = try await store.claimJobs([.init(queue: "default", limit: page)], run: run), !jobs.isEmpty
        {
            let prepared = try await store.prepare(jobs, models: models, reuse: false, run: run, patience: .zero)
            let ready = jobs.filter { job in prepared.items.contains { $0.contentID == job.contentID } }
            let texts = prepared.items.map {
                ClassifiedText(contentID: $0.contentID, textVersion: $0.textVersion, results: both)
            }
            try await store.settle(ready.map { JobEnd($0, .completed()) }, saving: texts, run: run)
        }
    }

    private struct Census: Equatable {
        var texts, jobs, completed, judged, halfJudged, claims: Int
    }

    private func census(_ store: Store) async throws -> Census {
        try await store.read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM " + sql) ?? -1 }
            let verdicts = "SELECT content_id FROM classifications GROUP BY content_id HAVING count(*)"
            return Census(
                texts: try count("contents WHERE text IS NOT NULL"), jobs: try count("jobs"),
                completed: try count("jobs WHERE state = 'completed'"),
                judged: try count("jobs WHERE state = 'completed' AND content_id IN (\(verdicts) = 2)"),
                halfJudged: try count("jobs WHERE state <> 'completed' AND content_id IN (\(verdicts) > 0)"),
                claims: try count("claims"))
        }
    }

    @Test func `no commit leaves half a state`() async throws {
        try await withFolder { folder in
            let store = try Store(path: folder.appendingPathComponent("test.db").path)
            try await store.register([Records.finance, Records.general])
            let camera = CommitCamera(store, into: folder)
            store.database.add(transactionObserver: camera)
            // Its owner is gone, as it would be after a SIGKILL.
            let run = try await store.beginRun(command: "work", configuration: "[]", owner: .dead)
            for part in [drafts(10), drafts(20)] {
                _ = try await store.ingest(part, source: "test", enqueueing: JobPlacement())
            }
            try await workOff(store, run: run)
            store.database.remove(transactionObserver: camera)
            try store.close()
            #expect(camera.pictures.count >= 15)
            for picture in camera.pictures {
                let copy = try Store(path: picture)
                let found = try await census(copy)
                #expect(found.texts == found.jobs, "\(picture): a content without its job")
                #expect(found.completed == found.judged, "\(picture): a completed job without its verdicts")
                #expect(found.halfJudged == 0, "\(picture): verdicts without their completed job")
                // The next process finds everything and does the rest, each job in its first attempt.
                let next = try await copy.beginRun(command: "work", configuration: "[]")
                try await workOff(copy, run: next)
                let end = try await census(copy)
                #expect(end.completed == end.jobs && end.judged == end.jobs && end.claims == 0, "\(picture)")
                #expect(try await copy.jobs(JobFilter(), limit: 100).allSatisfy { $0.attempt == 1 })
                #expect(try await copy.integrityReport().isHealthy)
                try copy.close()
            }
        }
    }

    @Test func `verdicts that cannot be stored leave their jobs as they were`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            _ = try await store.ingest(drafts(1), source: "test", enqueueing: JobPlacement())
            let run = try await store.beginRun(command: "work", configuration: "[]")
            let jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            let texts = [ClassifiedText(contentID: 1, textVersion: 1, results: both)]
            // The second model was never registered.
            await #expect(throws: StoreError.self) {
                try await store.settle(jobs.map { JobEnd($0, .completed()) }, saving: texts, run: run)
            }
            #expect(try await store.jobCounts() == [.executing: 1])
            #expect(try await census(store).halfJudged == 0)
        }
    }

    @Test func `a zombie's verdicts are not stored`() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            _ = try await store.ingest(drafts(1), source: "test", enqueueing: JobPlacement())
            let zombie = try await store.beginRun(command: "work", configuration: "[]", owner: .dead)
            let jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: zombie)
            _ = try await store.prepare(jobs, models: models, reuse: false, run: zombie, patience: .zero)
            _ = try await store.beginRun(command: "work", configuration: "[]")
            let texts = [ClassifiedText(contentID: 1, textVersion: 1, results: both)]
            let lost = try await store.settle(jobs.map { JobEnd($0, .completed()) }, saving: texts, run: zombie)
            #expect(lost == [1])
            #expect(try await census(store).halfJudged == 0)
            #expect(try await store.jobCounts() == [.available: 1])
        }
    }

    @Test func `jobs that need no work end with the reason`() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            let ids = try await store.ingest(texts: ["a", nil, "c", "d"])
            let run = try await store.beginRun(command: "work", configuration: "[]")
            try await store.save([.init(contentID: ids[0], textVersion: 1, results: both)], run: run)
            let other = try await store.beginRun(command: "classify", configuration: "[]")
            let request = WorkRequest(models: models, force: false, effort: .init(run: other, others: []))
            _ = try await store.claim(request, in: ids[2]...ids[2], page: 1)
            _ = try await store.enqueue((ids + [99]).map { .classification(of: $0, textVersion: 1) })
            let jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            let prepared = try await store.prepare(jobs, models: models, reuse: true, run: run, patience: .seconds(5))
            #expect(prepared.items.map(\.contentID) == [ids[3]])
            #expect(
                prepared.ended.map(\.outcome) == [
                    .completed(reason: "nothing_missing"), .completed(reason: "no_text"), .snoozed(.seconds(5)),
                    .completed(reason: "not_found"),
                ])
            #expect(try await store.jobCounts() == [.completed: 3, .scheduled: 1, .executing: 1])
        }
    }

    @Test func `a failed cell is tried again by the process that failed on it and no other cell is`() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            _ = try await store.ingest(texts: ["a"])
            _ = try await store.enqueue([.classification(of: 1, textVersion: 1)])
            let run = try await store.beginRun(command: "work", configuration: "[]")
            let jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            _ = try await store.prepare(jobs, models: models, reuse: true, run: run, patience: .zero)
            var results = both
            let failure = ModelFailure(code: "model_error", message: "raised")
            results.models["general"] = .failure(failure)
            let end = JobEnd(jobs[0], .failed(JobFailure(.modelError, message: "raised")))
            try await store.settle(
                [end], saving: [.init(contentID: 1, textVersion: 1, results: results)], run: run,
                policy: RetryPolicy(initial: .zero))
            let again = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            let prepared = try await store.prepare(again, models: models, reuse: true, run: run, patience: .zero)
            #expect(prepared.items.map(\.missing) == [["general"]])
        }
    }

    @Test func `a poisonous text is tried again only when a person says so`() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            _ = try await store.ingest(texts: ["a"])
            _ = try await store.enqueue([.classification(of: 1, textVersion: 1)])
            let run = try await store.beginRun(command: "work", configuration: "[]")
            var jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            var results = both
            results.models["general"] = .failure(.init(code: "poison", message: "kills workers"))
            _ = try await store.settle(
                [JobEnd(jobs[0], .failed(.init(.poison, message: "kills workers")))],
                saving: [.init(contentID: 1, textVersion: 1, results: results)], run: run)
            #expect(try await store.enqueue([.classification(of: 1, textVersion: 1)]).dead == 1)
            #expect(try await store.change(JobFilter(ids: [1]), .retry(attempts: 3)) == [1])
            jobs = try await store.claimJobs([.init(queue: "default", limit: 9)], run: run)
            let prepared = try await store.prepare(jobs, models: models, reuse: true, run: run, patience: .zero)
            #expect(prepared.items.map(\.missing) == [["general"]])
        }
    }

    @Test func `a claim reads its jobs from the index in their order`() async throws {
        try await withStore { store in
            let plan = try await store.read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + JobClaiming.claim,
                    arguments: ["queue": "default", "limit": 10, "run": 1, "now": 0]
                ).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.contains("INDEX jobs_available (queue=?)") }, "\(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") || $0.hasPrefix("SCAN j") }, "\(plan)")
        }
    }

    @Test func `enqueueing everything puts in what is missing once and goes on where it was stopped`() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            let ids = try await store.ingest(texts: (1...25).map { $0 == 5 ? nil : "text \($0)" })
            let run = try await store.beginRun(command: "classify", configuration: "[]")
            try await store.save([.init(contentID: ids[0], textVersion: 1, results: both)], run: run)
            let jobRun = try await store.beginJobRun(command: "enqueue --all")
            func enqueue(stoppingAfter pages: Int) async throws -> EnqueueResult {
                let left = Counter(pages)
                return try await store.enqueueMissing(
                    ContentFilter(), models: models, JobPlacement(), jobRun: jobRun, page: 10,
                    isStopped: { left.isSpent() })
            }
            #expect(try await enqueue(stoppingAfter: 1).inserted == 10)
            let rest = try await enqueue(stoppingAfter: 100)
            #expect(rest.inserted == 13 && rest.known == 10)
            #expect(try await store.jobRuns()[0].total == 23)
        }
    }
}

/// Counts down.
private final class Counter: Sendable {
    private let left: Mutex<Int>
    init(_ left: Int) { self.left = Mutex(left) }
    func isSpent() -> Bool {
        left.withLock { left in
            left -= 1
            return left < 0
        }
    }
}
