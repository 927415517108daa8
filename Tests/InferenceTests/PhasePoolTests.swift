import Foundation
import Testing

@testable import Inference

/// Real processes: the fake phase worker misbehaves as the text tells it to. Serialised, because some look at all processes.
@Suite(.serialized) struct PhasePoolTests {
    private func language(_ found: PhaseAnnotations) -> Double? { try? found.language?.get().score }

    private func codes(_ found: [PhaseAnnotations]) -> [String?] { found.map { $0.failure(of: "language")?.code } }

    @Test func `every text gets what was found in it, in order, whatever process looked at it`() async throws {
        let texts = (0..<700).map { "w\($0) " + String(repeating: "x", count: $0 % 90) }
        let found = try await withPhasePool(scriptedPhases(processes: 2)) { pool in
            async let first = pool.annotate(Array(texts[..<350]))
            async let second = pool.annotate(Array(texts[350...]))
            return try await first + second
        }
        #expect(found.count == texts.count)
        for (text, found) in zip(texts, found) {
            #expect(language(found) == Double(text.count % 90 + 5) / 100)
            #expect(try found.entities?.get().map(\.name) == [String(text.prefix { $0 != " " })])
            #expect(found.ner == nil)
        }
    }

    @Test func `a process that closes its output before it ends is said to have ended by itself`() async throws {
        var configuration = scriptedPhases()
        configuration.command = ["/bin/sh", "-c", "exec >&-; sleep 0.05; exit 3"]
        let refused = configuration
        let error = await #expect(throws: InferenceError.self) {
            try await withPhasePool(refused) { try await $0.ready() }
        }
        #expect("\(error.map { "\($0)" } ?? "")".contains("exited with status 3"))
    }

    @Test func `a pool that nobody asks launches nothing, and one request launches one process`() async throws {
        let launches = try await withPhasePool(scriptedPhases(processes: 4)) { pool in
            let before = pool.counts.launches
            _ = try await pool.annotate(["one"], phases: ["language"])
            return (before, pool.counts.launches)
        }
        #expect(launches == (0, 1))
    }

    @Test(arguments: ["#crash", "#exit0", "#half"])
    func `one deadly text among a hundred is set aside and the others are answered`(directive: String) async throws {
        var texts = (0..<100).map { "text \($0)" }
        texts[57] = "a \(directive) b"
        let sent = texts
        let (found, counts) = try await withPhasePool(scriptedPhases(processes: 2)) { pool in
            (try await pool.annotate(sent), pool.counts)
        }
        #expect(codes(found).indices.filter { codes(found)[$0] != nil } == [57])
        #expect(codes(found)[57] == "worker_died")
        #expect(found[57].failure(of: "entities")?.code == "worker_died")
        #expect(counts.deaths <= 8)
        #expect(counts.poisoned == 1)
    }

    @Test func `many deadly texts in a row are each set aside and do not end the pool`() async throws {
        let texts = (0..<9).map { "\($0) #crash" } + ["well"]
        let found = try await withPhasePool(scriptedPhases()) { try await $0.annotate(texts) }
        #expect(codes(found) == Array(repeating: "worker_died", count: 9) + [nil])
    }

    @Test(arguments: ["#hang", "#spin", "#ignoreterm"])
    func `a text that takes too long is set aside and its process is killed`(directive: String) async throws {
        let (found, counts) = try await withPhasePool(scriptedPhases(requestTimeout: .seconds(1))) { pool in
            (try await pool.annotate([directive, "well"]), pool.counts)
        }
        #expect(codes(found) == ["timeout", nil])
        #expect(counts.timeouts == 3)
    }

    @Test func `a worker killed from outside costs no text`() async throws {
        let found = try await withPhasePool(scriptedPhases("--delay-ms", "5")) { pool in
            let pid = try await pool.ready().pid
            async let found = pool.annotate((0..<40).map { "text \($0)" })
            kill(pid, SIGKILL)
            return try await found
        }
        #expect(codes(found).allSatisfy { $0 == nil })
    }

    @Test func `garbage on stdout, floods on stderr and answers to other requests change no finding`() async throws {
        let (found, counts) = try await withPhasePool(scriptedPhases("--boot-noise", "--write-1-byte")) { pool in
            (try await pool.annotate(["#noise", "#stderr", "#wrongid", "plain"]), pool.counts)
        }
        #expect(codes(found) == [nil, nil, nil, nil])
        #expect(counts.noiseLines == 4)
        #expect(counts.staleReplies == 1)
        #expect(counts.deaths == 0)
    }

    @Test func `an answer that lacks something is a failure of that text only`() async throws {
        let found = try await withPhasePool(scriptedPhases()) { pool in
            try await pool.annotate(["#raises", "#lacks", "#nan", "#refuse", "good"])
        }
        #expect(codes(found) == ["phase_error", "bad_reply", nil, "bad_request", nil])
        #expect(found[1].failure(of: "entities") == nil)
    }

    @Test func `a text longer than a line may be fails alone`() async throws {
        let found = try await withPhasePool(scriptedPhases(maxLineBytes: 100_000)) { pool in
            try await pool.annotate([
                String(repeating: "x", count: 200_000), "short", String(repeating: "y", count: 60_000),
                String(repeating: "z", count: 60_000),
            ])
        }
        #expect(codes(found) == ["bad_text", nil, nil, nil])
    }

    @Test(arguments: [["--boot-crash"], ["--protocol-99"]])
    func `workers that never become ready end in an error after a bounded number of launches`(flags: [String])
        async throws
    {
        var configuration = scriptedPhases()
        configuration.command += flags
        let launches = Counter()
        let error = await #expect(throws: InferenceError.self) {
            try await withPhasePool(configuration) { pool in
                defer { launches.set(pool.counts.launches) }
                _ = try await pool.annotate(["x"])
            }
        }
        #expect(error?.exitCode == 69)
        #expect(launches.value == 5)
        if flags == ["--boot-crash"] { #expect(error?.description.contains("boom: cannot boot") == true) }
    }

    @Test func `a missing package is said with the command that installs it, after one launch`() async throws {
        let launches = Counter()
        let error = await #expect(throws: InferenceError.self) {
            try await withPhasePool(scriptedPhases("--fatal")) { pool in
                defer { launches.set(pool.counts.launches) }
                _ = try await pool.ready()
            }
        }
        #expect(error?.exitCode == 66)
        #expect(error?.description.contains("→ pip install -r requirements-phases.txt") == true)
        #expect(launches.value == 1)
    }

    @Test func `processes that find with different files are refused`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await withPhasePool(scriptedPhases("--own-revision")) { pool in
                kill(try await pool.ready().pid, SIGKILL)
                for _ in 0..<3 { _ = try await pool.annotate(["one", "two"]) }
            }
        }
        #expect(error?.exitCode == 78)
    }

    @Test func `a process that is starting is not waited for when the pool closes`() async throws {
        struct Enough: Error {}
        let begun = ContinuousClock.now
        await #expect(throws: Enough.self) {
            try await withPhasePool(scriptedPhases("--boot-sleep", startTimeout: .seconds(120))) { pool in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await pool.ready() }
                    group.addTask {
                        while pool.counts.launches == 0 { await Task.yield() }
                        throw Enough()
                    }
                    while try await group.next() != nil {}
                }
            }
        }
        #expect(ContinuousClock.now - begun < .seconds(60))
    }

    @Test func `a phase that is not loaded is refused before anything is launched`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            try await withPhasePool(scriptedPhases()) { pool in
                _ = try await pool.annotate(["x"], phases: ["ner"])
            }
        }
        #expect(error?.description.contains("phase ner is not loaded") == true)
    }

    // MARK: - Sessions

    @Test func `a session has a process for itself, and the next one finds nothing in it`() async throws {
        let (parts, summary, next) = try await withPhasePool(scriptedPhases(phases: ["topics"])) { pool in
            var parts: [PhaseKey] = []
            let summary = try await pool.session { session in
                try await session.hold((1...7).map { HeldText(key: $0, text: "text \($0)", source: "s") })
                return try await session.find("topics") { part in parts += part.assigned.map(\.key) }
            }
            let next = try await pool.session { try await $0.find("topics") { _ in } }
            return (parts, summary, next)
        }
        #expect(parts == [1, 2, 3, 4, 5, 6, 7])
        #expect(summary.contents == 7)
        #expect(next.contents == 0)
    }

    @Test func `what is held travels in as many lines as it needs`() async throws {
        let configuration = scriptedPhases(phases: ["topics"], maxLineBytes: 20_000)
        let summary = try await withPhasePool(configuration) { pool in
            try await pool.session { session in
                try await session.hold((1...50).map { HeldText(key: $0, text: String(repeating: "x", count: 900)) })
                return try await session.find("topics") { _ in }
            }
        }
        #expect(summary.contents == 50)
    }

    @Test func `a process that dies in a session ends it with an error that says how, and the next has another`()
        async throws
    {
        let (error, found) = try await withPhasePool(scriptedPhases(phases: ["topics", "language"])) { pool in
            let error = await #expect(throws: InferenceError.self) {
                try await pool.session { session in
                    try await session.hold([HeldText(key: 1, text: "well"), HeldText(key: 2, text: "#crash")])
                    _ = try await session.find("topics") { _ in }
                }
            }
            return (error, try await pool.annotate(["one"]))
        }
        #expect(error?.exitCode == 69)
        #expect(error?.description.contains("signal 11") == true)
        #expect(codes(found) == [nil])
    }

    @Test func `annotations go on in other processes while a session lasts`() async throws {
        let found = try await withPhasePool(scriptedPhases(phases: ["topics", "language"], processes: 2)) { pool in
            try await pool.session { session in
                try await session.hold([HeldText(key: 1, text: "one")])
                return try await pool.annotate(["two", "three"])
            }
        }
        #expect(found.count == 2)
    }

    @Test func `names are decided on in their order`() async throws {
        let decisions = try await withPhasePool(scriptedPhases(phases: ["resolve"])) { pool in
            try await pool.session { session in
                try await session.know([KnownEntity(key: 5, type: "company", name: "Nike")])
                return try await session.resolve([
                    FoundName(key: "a", type: "company", name: "Nike"),
                    FoundName(key: "b", type: "company", name: "Puma", confidence: 0.9),
                ])
            }
        }
        #expect(decisions.map(\.verdict) == [.merge, .new])
        #expect(decisions[0].into == 5)
    }

    @Test func `no process is left when the pool has closed`() async throws {
        let pid = try await withPhasePool(scriptedPhases()) { pool in
            _ = try await pool.annotate(["x"])
            return try await pool.ready().pid
        }
        #expect(kill(pid, 0) != 0)
    }
}
