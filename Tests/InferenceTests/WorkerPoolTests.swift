import Foundation
import Testing

@testable import Inference

/// Real processes throughout: the fake worker misbehaves as the text tells it to. Serialised, because two tests count this
/// process's descriptors and children.
@Suite(.serialized) struct WorkerPoolTests {
    @Test func `every text gets every model, in order`() async throws {
        let texts = (0..<50).map { String(repeating: "x", count: $0) }
        let results = try await WorkerPool.withPool(scripted(workers: 2)) { pool in
            try await withThrowingTaskGroup(of: (Int, [ModelResults]).self) { group in
                for start in stride(from: 0, to: 50, by: 5) {
                    group.addTask {
                        (start, try await pool.classify(Array(texts[start..<start + 5]), models: ["a", "b"]))
                    }
                }
                var byStart: [Int: [ModelResults]] = [:]
                for try await (start, results) in group { byStart[start] = results }
                return byStart.sorted { $0.key < $1.key }.flatMap(\.value)
            }
        }
        #expect(results.count == 50)
        for (text, result) in zip(texts, results) {
            #expect(Set(result.models.keys) == ["a", "b"])
            guard case .prediction(let prediction) = result.models["a"] else {
                Issue.record("no prediction")
                continue
            }
            #expect(prediction.meta.rawScores["positive"] == Double(text.count % 90 + 5) / 100)
        }
    }

    @Test func `only the models that are asked for are run`() async throws {
        let results = try await WorkerPool.withPool(scripted()) { try await $0.classify(["x"], models: ["b"]) }
        #expect(results.map { Set($0.models.keys) } == [["b"]])
    }

    @Test(arguments: ["#crash", "#exit0", "#half"])
    func `one deadly text among forty is set aside and the others are answered`(directive: String) async throws {
        var texts = (0..<40).map { "text \($0)" }
        texts[17] = "a \(directive) b"
        let sent = texts
        let (codes, counts) = try await WorkerPool.withPool(scripted(workers: 2)) { pool in
            (try await pool.codes(sent), pool.counts)
        }
        #expect(codes.indices.filter { codes[$0] != nil } == [17])
        #expect(codes[17] == "poison")
        #expect(counts.deaths <= 9)
        #expect(counts.poisoned == 1)
    }

    @Test(arguments: ["#hang", "#spin", "#ignoreterm"])
    func `a worker that does not answer is killed at the deadline, with its whole group`(directive: String) async throws
    {
        let configuration = scripted(requestTimeout: .seconds(1))
        let (codes, counts) = try await WorkerPool.withPool(configuration) { pool in
            let first = try await pool.codes([directive])
            return (first + (try await pool.codes(["well"])), pool.counts)
        }
        #expect(codes == ["timeout", nil])
        #expect(counts.timeouts == 2)
    }

    @Test func `grandchildren of a killed worker are gone`() async throws {
        let before = Set(processes(holding: "sleep\u{0}300"))
        let codes = try await WorkerPool.withPool(scripted(requestTimeout: .seconds(1))) {
            try await $0.codes(["#fork"])
        }
        #expect(codes == ["timeout"])
        #expect(await areGone { Set(processes(holding: "sleep\u{0}300")).subtracting(before) })
    }

    @Test func `a worker killed from outside costs no text`() async throws {
        let codes = try await WorkerPool.withPool(scripted(requestTimeout: .seconds(60))) { pool in
            let pid = try await pool.ready().pid
            async let codes = pool.codes(["one", "two", "three"])
            kill(pid, SIGKILL)
            return try await codes
        }
        #expect(codes == [nil, nil, nil])
    }

    @Test func `a stopped worker is replaced`() async throws {
        let codes = try await WorkerPool.withPool(scripted(requestTimeout: .seconds(1))) { pool in
            kill(try await pool.ready().pid, SIGSTOP)
            return try await pool.codes(["one"])
        }
        #expect(codes == [nil])
    }

    @Test func `noise on stdout, floods on stderr and answers to other requests change no result`() async throws {
        let (codes, counts) = try await WorkerPool.withPool(scripted("--boot-noise", "--write-1-byte")) { pool in
            (
                try await pool.codes(["#noise", "#stderr", "#wrongid", "#dup", "plain"]) + pool.codes(["after"]),
                pool.counts
            )
        }
        #expect(codes == [nil, nil, nil, nil, nil, nil])
        #expect(counts.noiseLines == 4)
        #expect(counts.staleReplies == 2)
        #expect(counts.deaths == 0)
    }

    @Test func `endless noise and endless lines end the worker, not the supervisor`() async throws {
        let (codes, counts) = try await WorkerPool.withPool(scripted()) { pool in
            (try await pool.codes(["#flood"]) + pool.codes(["#huge"]) + pool.codes(["plain"]), pool.counts)
        }
        #expect(codes == ["poison", nil, nil])
        #expect(counts.deaths == 2)
    }

    @Test func `one bad cell is one failure and its siblings are kept`() async throws {
        let results = try await WorkerPool.withPool(scripted()) { pool in
            try await pool.classify(
                ["#badcell", "#badlabel", "#lacks", "#raises", "#nan", "good"], models: ["a", "b"])
        }
        #expect(
            results.map { $0.models["a"]?.failureCode } == [
                "bad_reply", "bad_reply", "bad_reply", "model_error", nil, nil,
            ])
        #expect(results.map { $0.models["b"]?.failureCode } == [nil, nil, nil, nil, nil, nil])
    }

    @Test func `a text longer than a line may be fails alone`() async throws {
        let codes = try await WorkerPool.withPool(scripted(maxLineBytes: 100_000)) { pool in
            try await pool.codes([
                String(repeating: "x", count: 200_000), "short", String(repeating: "y", count: 60_000),
                String(repeating: "z", count: 60_000),
            ])
        }
        #expect(codes == ["bad_text", nil, nil, nil])
    }

    @Test(arguments: [["--boot-crash"], ["--protocol-99"]])
    func `workers that never become ready end in an error after a bounded number of launches`(flags: [String])
        async throws
    {
        let configuration = scripted(command: ["python3", scriptedWorker] + flags)
        let launches = Counter()
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(configuration) { pool in
                defer { launches.set(pool.counts.launches) }
                _ = try await pool.codes(["x"])
            }
        }
        #expect(error?.exitCode == 69)
        #expect(launches.value == 5)
        if flags == ["--boot-crash"] { #expect(error?.description.contains("boom: cannot boot") == true) }
    }

    @Test func `a worker that does not get ready in time is killed and reaped`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(scripted("--boot-sleep", startTimeout: .milliseconds(200))) {
                try await $0.codes(["x"])
            }
        }
        #expect(error?.description.contains("not ready within 0.2 s") == true)
        #expect(await areGone { Set(processes(holding: "--boot-sleep")) })
    }

    @Test func `a missing interpreter is an error that names the command`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(scripted(command: ["/nowhere/python", scriptedWorker])) {
                try await $0.codes(["x"])
            }
        }
        #expect(error?.exitCode == 69)
        #expect(error?.description.contains("/nowhere/python") == true)
    }

    @Test func `a fatal message ends the pool at once with its exit code and remedy`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(scripted("--fatal", workers: 2)) { try await $0.codes(["x"]) }
        }
        #expect(error?.exitCode == 66)
        #expect(error?.description.contains("volfefe models prepare --model a") == true)
    }

    @Test func `workers with different weights are not mixed`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await WorkerPool.withPool(scripted("--own-revision", workers: 2)) { pool in
                while true { _ = try await pool.codes(["x", "y"]) }
            }
        }
        #expect(error?.exitCode == 78)
    }

    @Test func `a worker that reads nothing is timed out without blocking the supervisor`() async throws {
        let configuration = scripted("--deaf", requestTimeout: .milliseconds(300))
        let codes = try await WorkerPool.withPool(configuration) { pool in
            try await pool.codes([String(repeating: "x", count: 500_000)])
        }
        #expect(codes == ["timeout"])
    }

    @Test func `three hundred deaths leave no descriptor and no process behind`() async throws {
        let marker = "--marker-\(UUID().uuidString)"
        @Sendable func descriptors() throws -> Int {
            try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        }
        try await WorkerPool.withPool(scripted(marker, workers: 2)) { pool in
            _ = try await pool.codes(["warm"])
            let before = try descriptors()
            for _ in 0..<150 { #expect(try await pool.codes(["#crash", "fine"]) == ["poison", nil]) }
            _ = try await pool.codes(["done"])
            #expect(pool.counts.deaths >= 300)
            #expect(try descriptors() <= before + 6)
        }
        #expect(await areGone { Set(processes(holding: marker)) })
    }

    @Test func `a cancelled caller leaves no worker behind`() async throws {
        let marker = "--marker-\(UUID().uuidString)"
        let ready = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await WorkerPool.withPool(scripted(marker)) { pool in
                _ = try await pool.ready()
                ready.continuation.yield()
                return try await pool.codes(["#hang"])
            }
        }
        for await _ in ready.stream { break }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(await areGone { Set(processes(holding: marker)) })
    }
}
