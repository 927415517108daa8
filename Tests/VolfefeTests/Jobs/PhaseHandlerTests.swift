import Foundation
import Inference
import Synchronization
import Testing

@testable import Volfefe

@Suite struct PhaseHandlerTests {
    private func work(
        _ store: Store, _ yaml: String = "", stop: StopRequest = StopRequest(), attempts: Int = 3,
        _ runner: @escaping PhaseHandler.Runner
    ) async throws {
        let run = try await store.beginRun(command: "work", configuration: "[]")
        let models = [(Records.general.modelID, Records.general.version)]
        try await WorkLoop(
            store: store, run: run,
            handlers: [
                PhaseHandler(try .shipped(yaml), models: models, patience: .milliseconds(5), runner: runner),
                GateHandler { [] },
            ],
            settings: WorkSettings(
                queues: ["phases": nil], poll: .milliseconds(5), policy: RetryPolicy(initial: .milliseconds(1)),
                endsWhenEmpty: true), stop: stop
        ).perform()
        try await store.finishRun(run, interrupted: false)
    }

    private let place = JobPlacement(queue: "phases")
    private let jobs = "SELECT kind, state, attempt, reason FROM jobs ORDER BY id"

    @Test func `a job runs its phase and ends with what that has done`() async throws {
        try await withStore { store in
            _ = try await store.enqueue([PhaseOrder(phase: .ner, source: "feed", force: true).draft], place)
            let seen = Mutex<[PhaseOrder]>([])
            try await work(store) { order, _ in
                seen.withLock { $0.append(order) }
                var report = PhaseReport(.ner)
                (report.done, report.failed) = (12, 1)
                return report
            }
            #expect(seen.withLock { $0 } == [PhaseOrder(phase: .ner, source: "feed", force: true)])
            #expect(try await store.texts(jobs) == [["phase", "completed", "1", "12 contents, 1 failed"]])
        }
    }

    @Test func `a phase and source has one job at a time`() async throws {
        try await withStore { store in
            let drafts = [PhaseOrder(phase: .ner), PhaseOrder(phase: .ner, source: "feed")].map(\.draft)
            #expect(try await store.enqueue(drafts + drafts, place).inserted == 2)
            #expect(try await store.enqueue(drafts, place).known == 2)
            let running = Mutex(0)
            try await work(store) { _, _ in
                // The two are of one phase, so they never run at once.
                #expect(
                    running.withLock {
                        $0 += 1; return $0
                    } == 1)
                await Task.yield()
                running.withLock { $0 -= 1 }
                return PhaseReport(.ner)
            }
            #expect(try await store.texts(jobs).allSatisfy { $0[1] == "completed" && $0[3] == "nothing was missing" })
            #expect(try await store.enqueue(drafts, place).inserted == 2)
        }
    }

    @Test func `a phase that cannot run fails its job and not the work`() async throws {
        try await withStore { store in
            _ = try await store.enqueue([PhaseOrder(phase: .ner).draft, PhaseOrder(phase: .stories).draft], place)
            try await work(store) { order, _ in
                guard order.phase == .ner else { return PhaseReport(order.phase) }
                throw InferenceError.noWorker(command: "phase.py", reason: "it is gone", stderr: [])
            }
            #expect(
                try await store.texts(jobs) == [
                    ["phase", "discarded", "3", "error"], ["phase", "completed", "1", "nothing was missing"],
                ])
            #expect(
                try await store.texts("SELECT count(*) FROM job_failures WHERE message LIKE 'ner: no worker%'") == [
                    ["3"]
                ])
        }
    }

    @Test func `a stop gives the job back`() async throws {
        try await withStore { store in
            _ = try await store.enqueue([PhaseOrder(phase: .ner).draft], place)
            let stop = StopRequest()
            try await work(store, stop: stop) { _, context in
                stop.request()
                return PhaseReport(.ner)
            }
            #expect(try await store.texts(jobs) == [["phase", "available", "0", "-"]])
        }
    }

    @Test func `sentiment puts in what is missing of the sources that it is on for`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b", nil], source: "one")
            try await store.ingest(texts: ["c"], source: "two")
            _ = try await store.enqueue([PhaseOrder(phase: .sentiment).draft], place)
            try await work(store, "sources: {two: {phases: {sentiment: false}}}") { _, _ in PhaseReport(.sentiment) }
            #expect(
                try await store.texts("SELECT content_id, queue FROM jobs WHERE kind = 'classify' ORDER BY 1") == [
                    ["1", "default"], ["2", "default"],
                ])
            #expect(try await store.texts("SELECT reason FROM jobs WHERE kind = 'phase'") == [["2 jobs put in"]])
        }
    }

    @Test func `arguments that name no phase end in a dead letter at once`() async throws {
        try await withStore { store in
            _ = try await store.enqueue([JobDraft(kind: "phase", arguments: #"{"phase":"colour"}"#)], place)
            try await work(store) { _, _ in PhaseReport(.ner) }
            #expect(try await store.texts(jobs) == [["phase", "discarded", "1", "bad_text"]])
        }
    }

    @Test func `a schedule never piles up, and brings its dead letter back`() async throws {
        try await withStore { store in
            let start = Date(timeIntervalSince1970: 1_800_000_000)
            let entry = try CronEntry(
                name: "names", schedule: "* * * * *", missed: .all, kind: PhaseOrder.kind,
                arguments: PhaseOrder(phase: .ner).arguments, queue: "phases")
            try await store.setCron(entry, at: start)
            let watch = try CronEntry(name: "watch", schedule: "* * * * *", kind: GateHandler.name, queue: "phases")
            try await store.setCron(watch, at: start)
            // Five minutes without anybody there.
            _ = try await store.fireCron(at: start.addingTimeInterval(301))
            #expect(
                try await store.texts("SELECT kind, unique_key, count(*) FROM jobs GROUP BY 1 ORDER BY 1")
                    == [["gates", "gates", "1"], ["phase", "ner", "1"]])
            #expect(try await store.number("SELECT count(DISTINCT job_id) FROM cron_runs") == 2)
            #expect(try await store.number("SELECT count(*) FROM cron_runs") == 6)
            // A dead letter is the same job again at the next time.
            _ = try await store.change(JobFilter(), .discard)
            _ = try await store.fireCron(at: start.addingTimeInterval(361))
            #expect(try await store.texts("SELECT state, count(*) FROM jobs GROUP BY 1") == [["available", "2"]])
            #expect(try await store.runCron("names") == 1)
            #expect(try await store.number("SELECT count(*) FROM jobs") == 2)
        }
    }
}
