import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Workers that die: what they were working on is retried, and everything else is untouched.
extension Fault {
    static let deaths: [Fault] = [
        Fault(
            id: "R1", injected: "a random worker is SIGKILLed every 200 ms",
            required: "every row once; another worker within 50 ms (median)"
        ) { bench in
            var seen = Seen()
            // A killer this busy also hits workers that are starting: that budget is the next rows' matter.
            try bench.configure(["restart_limit": "1000"])
            let texts = bench.count(1_000, full: 24_000)
            try await bench.ingest(bench.texts(texts))
            let (ended, noticed) = try await bench.classify(flags: "--delay-ms 5") { running in
                var noticed: [Duration] = []
                while running.isAlive {
                    try await Task.sleep(for: .milliseconds(200))
                    let workers = running.workers
                    guard let victim = workers.randomElement() else { continue }
                    kill(victim, SIGKILL)
                    let killed = ContinuousClock.now
                    let isReplaced = try await eventually(within: .seconds(2), every: .milliseconds(1)) {
                        !running.isAlive || !running.workers.isSubset(of: workers)
                    }
                    if running.isAlive { noticed.append(isReplaced ? ContinuousClock.now - killed : .seconds(2)) }
                }
                return noticed
            }
            seen.expect(ended, status: 0)
            try await bench.expectRows(&seen, texts: texts)
            try await bench.expectNoProcess(&seen)
            let sorted = noticed.map { $0 / .seconds(1) }.sorted()
            seen.require(!sorted.isEmpty, "no worker was killed in time")
            let median = sorted.isEmpty ? 0 : sorted[sorted.count / 2]
            seen.require(median <= 0.05, "another worker after \(median.milliseconds) (median)")
            seen.note(
                "\(sorted.count) kills; another worker after \(median.milliseconds), at most \((sorted.last ?? 0).milliseconds)"
            )
            return seen
        },
        deadly("R2", "#exit0", "a worker exits 0 in the middle of a request"),
        deadly("R10", "#half", "half a line, then death"),
        Fault(
            id: "R30", injected: "1 #crash among 100 texts", required: "99 × models rows, 1 text set aside, ≤ 9 deaths"
        ) { bench in
            var seen = Seen()
            try bench.configure(["batch_size": "32"])
            try await bench.ingest(bench.texts(100, ["t42": "#crash"]))
            seen.expect(try await bench.classify(), status: 1)
            try await bench.expectRows(&seen, texts: 100, setAside: ["t42": "poison"])
            let deaths = bench.events().count { $0.word == "obey" }
            seen.require((2...9).contains(deaths), "\(deaths) deaths")
            seen.note("\(deaths) deaths")
            return seen
        },
    ]

    private static func deadly(_ id: String, _ directive: String, _ injected: String) -> Fault {
        Fault(id: id, injected: injected, required: "its text is retried, then set aside; the others are kept") {
            bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(40, ["t17": directive]))
            seen.expect(try await bench.classify(), status: 1)
            try await bench.expectRows(&seen, texts: 40, setAside: ["t17": "poison"])
            try await bench.expectNoProcess(&seen)
            seen.note("\(bench.events().count { $0.word == "obey" }) deaths")
            return seen
        }
    }
}
