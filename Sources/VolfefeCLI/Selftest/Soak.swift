import Foundation
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Mixed chaos for a while: waves of texts that misbehave, workers and supervisors that are killed, invariants after each.
struct Soak: Sendable {
    let duration: Duration
    let workers: Int
    let seed: UInt64
    let tools: Bench.Tools

    /// Waves that share one database.
    private static let wavesPerDatabase = 5

    /// Runs until the time is over or a stop is requested.
    func run(stop: StopRequest) async throws -> SoakTally {
        let begun = ContinuousClock.now
        let isOver = { @Sendable () -> Bool in stop.isRequested || ContinuousClock.now - begun > duration }
        let wavesAreOver = StopRequest()
        return try await Bench.withBench(tools, isFull: false) { bench in
            try await Bench.withBench(tools, isFull: false) { other in
                try other.configure(settings)
                async let stream = SoakStream(bench: other).run(seed: seed &+ 1) { wavesAreOver.isRequested }
                var tally = SoakTally(seed: seed)
                var seen = Seen()
                do {
                    try await waves(on: bench, &tally, &seen, isOver: isOver)
                } catch {
                    wavesAreOver.request()
                    throw error
                }
                wavesAreOver.request()
                let outcome = try await stream
                try await judge(outcome, on: other, &tally, &seen)
                tally.seconds = (ContinuousClock.now - begun) / .seconds(1)
                tally.violations = seen.violations
                return tally
            }
        }
    }

    private var settings: [String: String] {
        [
            "workers": "\(workers)", "request_timeout": "700ms", "first_request_timeout": "700ms",
            "restart_limit": "1000", "max_requests": "50", "memory_soft_mb": "120", "memory_hard_mb": "600",
        ]
    }

    private func waves(
        on bench: Bench, _ tally: inout SoakTally, _ seen: inout Seen, isOver: @Sendable () -> Bool
    ) async throws {
        var generator = SeededGenerator(seed: seed)
        var number = 0
        while !isOver() {
            let database = "soak-\(number).db"
            number += 1
            var texts = 0
            var setAside: [String: String] = [:]
            var cells: [[String]] = []
            var holders: Set<String> = []
            var hasKilledWorkers = false
            var last: DatabaseReport?
            try bench.configure(settings.merging(["database": database]) { $1 })
            for _ in 0..<Self.wavesPerDatabase where !isOver() {
                let wave = SoakWave(first: texts + 1, using: &generator)
                texts += wave.names.count
                setAside.merge(wave.setAside) { $1 }
                holders.formUnion(wave.setAside.filter { $0.value == "timeout" }.keys)
                cells += wave.cells
                let all = bench.texts(texts, wave.directives)
                try await bench.ingest(all.filter { wave.names.contains($0.key) })
                try await perform(wave, on: bench, &tally, &seen, using: &generator)
                hasKilledWorkers = hasKilledWorkers || wave.kind == .killedWorkers
                if hasKilledWorkers {
                    // A text that holds its worker is tried again by every run. When the worker is killed from outside
                    // meanwhile, the death is the text's as far as anyone can tell: it may be set aside for either.
                    let report = try await bench.report(bench.path(database))
                    let poisoned = Set(report.failures.filter { $0.last == "poison" }.compactMap(\.first))
                    for name in holders { setAside[name] = poisoned.contains(name) ? "poison" : "timeout" }
                }
                var rows = Seen()
                let report = try await bench.expectRows(
                    &rows, texts: texts, setAside: setAside, cells: cells, path: bench.path(database))
                try await bench.expectNoProcess(&rows)
                for violation in rows.violations {
                    seen.require(false, "wave \(tally.waves + 1) (\(wave.kind), \(wave.ending)): \(violation)")
                }
                tally.waves += 1
                tally.texts += wave.names.count
                last = report
                announce(tally)
            }
            tally.rows += last?.predictions ?? 0
            tally.setAside += last?.failures.count ?? 0
            count(bench.events(), &tally)
            for file in try FileManager.default.contentsOfDirectory(atPath: bench.folder)
            where file.hasPrefix("soak-") || file.hasPrefix("once-") || file == "events" {
                try FileManager.default.removeItem(atPath: bench.path(file))
            }
        }
    }

    /// Runs until a supervisor has ended by itself; the first one may be killed.
    private func perform(
        _ wave: SoakWave, on bench: Bench, _ tally: inout SoakTally, _ seen: inout Seen,
        using generator: inout SeededGenerator
    ) async throws {
        let begun = Proc.now
        let after = Int.random(in: 1...8, using: &generator)
        let victim = UInt64.random(in: 0..<1_000, using: &generator)
        let (first, kills) = try await bench.classify(flags: "--delay-ms 4") { running in
            @Sendable func served() -> Int {
                bench.events().count { $0.word == "served" && Double($0.time) / 1e9 > begun }
            }
            var kills = 0
            if wave.ending != .byItself {
                _ = try await eventually(within: .seconds(30), every: .milliseconds(10)) {
                    !running.isAlive || served() >= after
                }
                running.signal(wave.ending == .killed ? SIGKILL : SIGTERM)
            } else if wave.kind == .killedWorkers {
                while running.isAlive {
                    // What was being worked on has been answered before the next kill, or a text would be charged twice.
                    let answered = served() + 2 * workers
                    guard
                        try await eventually(
                            within: .seconds(10), every: .milliseconds(10),
                            {
                                !running.isAlive || served() >= answered
                            }), let pid = running.workers.sorted().dropFirst(Int(victim) % workers).first,
                        running.isAlive
                    else { break }
                    kill(pid, SIGKILL)
                    kills += 1
                }
            }
            return kills
        }
        tally.workerKills += kills
        if wave.ending == .killed, first.status == -SIGKILL { tally.supervisorKills += 1 }
        if wave.ending == .terminated, first.status == 143 { tally.supervisorTerminations += 1 }
        let allowed: [Int32] = [0, 1] + (wave.ending == .killed ? [-SIGKILL] : wave.ending == .terminated ? [143] : [])
        seen.require(
            allowed.contains(first.status), "wave \(tally.waves + 1) (\(wave.kind), \(wave.ending)): \(first.ending)")
        try await bench.expectNoProcess(
            &seen, " after the first run of wave \(tally.waves + 1)", sparingGrandchildren: wave.ending == .killed)
        guard ![0, 1].contains(first.status) else { return }
        let second = try await bench.classify()
        seen.require([0, 1].contains(second.status), "wave \(tally.waves + 1), second run: \(second.ending)")
    }

    private func count(_ events: [WorkerEvent], _ tally: inout SoakTally) {
        let obeyed = events.filter { $0.word == "obey" }.compactMap(\.rest.first)
        tally.timeouts += obeyed.count { ["hang", "fork", "spin", "ignoreterm"].contains($0) }
        tally.workerDeaths += obeyed.count {
            ["crash", "exit", "half", "hang", "fork", "spin", "ignoreterm"].contains($0)
        }
        tally.workerDeaths += obeyed.count { $0 == "crashonce" } / 2
    }

    private func judge(
        _ outcome: SoakStream.Outcome, on bench: Bench, _ tally: inout SoakTally, _ seen: inout Seen
    ) async throws {
        tally.streamed = outcome.sent
        tally.maxMemoryMB = Int(outcome.samples.peakMemory >> 20)
        (tally.minFiles, tally.maxFiles) = (outcome.samples.fileRange.lowerBound, outcome.samples.fileRange.upperBound)
        seen.require(
            outcome.answered == outcome.sent,
            "the pipe answered \(outcome.answered) of \(outcome.sent): \(outcome.ending)")
        // In the first half minute everything is allocated for the first time.
        if duration >= .seconds(30) {
            var flat = Seen()
            outcome.samples.judge(&flat, growth: 1.10, files: 8)
            for violation in flat.violations { seen.require(false, "the long-lived supervisor: \(violation)") }
        }
        try await bench.expectNoProcess(&seen, " after the pipe")
    }

    private func announce(_ tally: SoakTally) {
        guard Terminal.talksToPerson else { return }
        Terminal.write(Array("\r\u{1B}[Kwave \(tally.waves), \(tally.texts.grouped) texts".utf8), to: 2)
    }
}
