import Foundation
import Testing

@testable import Inference

/// How a pool keeps itself young, grows, shrinks and tells how it is; with real processes.
@Suite(.serialized) struct PoolLifeTests {
    @Test func `workers are recycled between requests, and no text notices`() async throws {
        let configuration = scripted(workers: 2, recycling: .init(requests: 10))
        let (codes, snapshot) = try await WorkerPool.withPool(configuration) { pool in
            var codes: [String?] = []
            while pool.counts.restarts["max_requests", default: 0] < 5, codes.count < 100_000 {
                codes += try await pool.codes(["text \(codes.count)"])
            }
            return (codes, pool.snapshot)
        }
        #expect(codes.count >= 50)
        #expect(codes.allSatisfy { $0 == nil })
        #expect(snapshot.counters.restarts == ["max_requests": 5])
        #expect(snapshot.counters.deaths == 0)
    }

    @Test func `a pool grows when requests wait and shrinks when they do not`() async throws {
        let configuration = scripted(workers: 1, upTo: 3, recycling: .init(idleAge: .milliseconds(300)))
        try await WorkerPool.withPool(configuration) { pool in
            _ = try await pool.codes(["one"])
            #expect(pool.snapshot.workers.count { $0.pid != nil } == 1)
            let texts = (0..<60).map { "text \($0) #slow50" }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for text in texts { group.addTask { _ = try await pool.codes([text]) } }
                try await group.waitForAll()
            }
            #expect(pool.counts.launches >= 3)
            #expect(await becomes { pool.snapshot.workers.count { $0.pid != nil } == 1 })
            #expect(pool.snapshot.workers.count { $0.state == .vacant } == 2)
            #expect(pool.snapshot.state == .ready)
        }
    }

    @Test func `a pool does not grow beyond what is free for workers as large as those that it has`() async throws {
        var configuration = scripted(workers: 1, upTo: 3)
        configuration.memoryPerWorker = 1
        configuration.availableMemory = { 1 << 20 }  // less than any Python
        try await WorkerPool.withPool(configuration) { pool in
            _ = try await pool.codes(["one"])
            #expect(await becomes { pool.snapshot.workers.contains { $0.memoryBytes != nil } })
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 { group.addTask { _ = try await pool.codes(["text \(number) #slow20"]) } }
                try await group.waitForAll()
            }
            #expect(pool.counts.launches == 1)
        }
    }

    @Test func `a dead worker is noticed although a grandchild still holds its output`() async throws {
        let seconds = "301.\(Int.random(in: 100_000...999_999))"
        defer { for pid in processes(holding: seconds) { kill(pid, SIGKILL) } }
        let command = ["bash", "-c", "setsid sleep \(seconds) & exec python3 \(scriptedWorker)"]
        let codes = try await WorkerPool.withPool(scripted(command: command, requestTimeout: .seconds(60))) { pool in
            let begun = ContinuousClock.now
            let codes = try await pool.codes(["#crash"])
            #expect(ContinuousClock.now - begun < .seconds(30))
            return codes
        }
        #expect(codes == ["poison"])
    }

    @Test func `an idle worker that is stopped is found out by a probe and replaced`() async throws {
        let configuration = scripted(requestTimeout: .milliseconds(500), healthInterval: .milliseconds(300))
        try await WorkerPool.withPool(configuration) { pool in
            let pid = try await pool.ready().pid
            #expect(await becomes { pool.counts.probes > 0 })
            kill(pid, SIGSTOP)
            #expect(await becomes { pool.snapshot.workers.contains { $0.pid.map { $0 != pid } ?? false } })
            #expect(pool.counts.restarts == ["timeout": 1])
            #expect(try await pool.codes(["one"]) == [nil])
        }
    }

    @Test(arguments: [true, false])
    func `a reset replaces every worker while texts go on`(rolling: Bool) async throws {
        try await WorkerPool.withPool(scripted(workers: 2)) { pool in
            #expect(await becomes { pool.snapshot.workers.allSatisfy { $0.state == .idle } })
            let before = Set(pool.snapshot.workers.compactMap(\.pid))
            pool.reset(rolling: rolling)
            repeat {
                let codes = try await pool.codes(["one", "two"])
                #expect(codes == [nil, nil])
            } while !before.isDisjoint(with: pool.snapshot.workers.compactMap(\.pid))
            #expect(pool.counts.restarts == ["reset": 2])
            #expect(pool.counts.deaths == 0)
        }
    }

    @Test func `health follows the workers, and each model's last answer`() async throws {
        var configuration = scripted()
        configuration.restartPolicy = RestartPolicy(
            initialBackoff: .seconds(60), maximumBackoff: .seconds(60), limit: 1, window: .seconds(60))
        configuration.healthWindow = .milliseconds(400)
        try await WorkerPool.withPool(configuration) { pool in
            #expect(pool.snapshot.state == .unready)
            _ = try await pool.ready()
            #expect(await becomes { pool.snapshot.state == .ready })
            #expect(await becomes { pool.snapshot.state == .unready })  // nobody has asked the models for a while
            #expect(pool.snapshot.reasons.map { $0.prefix(15) } == ["a last answered", "b last answered"])
            _ = try await pool.classify(["x"], models: ["b"])
            #expect(pool.snapshot.models.map { ($0.lastForwardAgeMs ?? 0) < 400 } == [false, true])
            let pid = try #require(pool.snapshot.workers.first?.pid)
            kill(pid, SIGKILL)
            #expect(await becomes { pool.snapshot.workers.allSatisfy { $0.pid != pid } })
            #expect(pool.snapshot.state == .unready)
        }
    }

    @Test func `deadlines that are met leave nothing behind`() async throws {
        func resident() -> UInt64 { ProcessMemory.resident(getpid()) ?? 0 }
        func meet(_ count: Int) async throws {
            for number in 0..<count { #expect(try await withDeadline(.seconds(3600)) { number } == number) }
        }
        try await meet(5_000)  // whatever is allocated once is there now
        // Other tests of this process allocate too, but not in every round; a sleep left behind takes 1.25 kB in each.
        var least = Int64.max
        for _ in 0..<5 where least >= 8 << 20 {
            let before = Int64(resident())
            try await meet(50_000)
            least = min(least, Int64(resident()) - before)
        }
        #expect(least < 8 << 20)
    }

    @Test func `a deadline that passes cancels the work`() async throws {
        await #expect(throws: DeadlineExceeded.self) {
            try await withDeadline(.milliseconds(20)) { try await Task.sleep(for: .seconds(60)) }
        }
    }

    @Test func `six deadly texts in a row cost their neighbours nothing`() async throws {
        let texts = (0..<32).map { (10..<16).contains($0) ? "#crash \($0)" : "text \($0)" }
        let (codes, counts) = try await WorkerPool.withPool(scripted()) { pool in
            (try await pool.codes(texts), pool.counts)
        }
        #expect(codes.indices.filter { codes[$0] != nil } == Array(10..<16))
        #expect(counts.probes > 0)
    }

    @Test func `workers that get ready and never answer end the pool`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(scripted("--deaf", requestTimeout: .milliseconds(100))) { pool in
                for number in 0..<50 { _ = try await pool.codes(["text \(number)"]) }
            }
        }
        #expect(error?.exitCode == 69)
    }
}

/// Whether something becomes true within ten seconds.
func becomes(_ condition: () -> Bool) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}
