import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Workers that do not answer: they are killed at the deadline with their whole group, and their slot is filled again.
extension Fault {
    static let deadlines: [Fault] = [
        stuck("R3", "#spin", "an endless loop that holds the GIL"),
        stuck("R5", "#ignoreterm", "a worker that ignores SIGTERM"),
        Fault(
            id: "R4", injected: "a worker is stopped (SIGSTOP)",
            required: "killed at the deadline, slot filled, no row lost"
        ) { bench in
            var seen = Seen()
            try bench.configure(tight)
            try await bench.ingest(bench.texts(60))
            let (ended, life) = try await bench.classify(flags: "--delay-ms 20") { running in
                let pid = try await bench.event { $0.word == "served" }.pid
                kill(pid, SIGSTOP)
                return try await lifetime(of: pid, since: Proc.now)
            }
            seen.expect(ended, status: 0)
            try await bench.expectRows(&seen, texts: 60)
            judge(&seen, life)
            return seen
        },
        Fault(
            id: "R6", injected: "workers never become ready",
            required: "killed at the start timeout, exit 69, no process left"
        ) { bench in
            var seen = Seen()
            try bench.configure(["start_timeout": "500ms", "restart_limit": "3"])
            try await bench.ingest(bench.texts(4))
            let ended = try await bench.classify(flags: "--boot-sleep")
            seen.expect(ended, status: 69)
            let launches = bench.events().count { $0.word == "boot" }
            seen.require((1...10).contains(launches), "\(launches) launches")
            seen.require(ended.seconds < 15, "it took \(ended.seconds.digits(1)) s")
            try await bench.expectNoProcess(&seen)
            seen.note("\(launches) launches, \(ended.seconds.digits(1)) s")
            return seen
        },
        Fault(
            id: "R16", injected: "a worker stops reading its stdin; requests of 200 KB",
            required: "timeout, another worker answers, no SIGPIPE"
        ) { bench in
            var seen = Seen()
            try bench.configure(tight.merging(["workers": "1", "workers_min": "1"]) { $1 })
            let texts = bench.texts(8, ["t3": "#noread"]).mapValues { $0 + String(repeating: " filler", count: 29_000) }
            try await bench.ingest(texts)
            let ended = try await bench.classify()
            seen.expect(ended, status: 0)
            try await bench.expectRows(&seen, texts: 8)
            seen.require(ended.seconds < 12, "it took \(ended.seconds.digits(1)) s")
            seen.note("\(ended.seconds.digits(1)) s")
            return seen
        },
        Fault(
            id: "R17", injected: "workers leave grandchildren, one holds the stdout of a worker that is SIGKILLed",
            required: "the whole group is killed; the death is noticed at once, not at end-of-file"
        ) { bench in
            var seen = Seen()
            try bench.configure(tight)
            try await bench.ingest(bench.texts(8, ["t3": "#fork"]))
            let (ended, sleepers) = try await bench.classify { _ in
                _ = try await bench.event { $0.rest == ["fork"] }
                return try await eventually(within: .seconds(1)) { !bench.grandchildren().isEmpty }
            }
            seen.require(sleepers, "no grandchild was seen")
            seen.expect(ended, status: 1)
            try await bench.expectRows(&seen, texts: 8, setAside: ["t3": "timeout"])
            try await bench.expectNoProcess(&seen, " after a timeout")

            try bench.configure(["workers": "1", "workers_min": "1", "database": "held.db"])
            try await bench.ingest(bench.texts(8, ["t5": "#forkhold #slow800"]))
            let (held, noticed) = try await bench.classify { running in
                let pid = try await bench.event { $0.rest == ["slow"] }.pid
                let before = running.workers
                kill(pid, SIGKILL)
                let begun = Proc.now
                let isReplaced = try await eventually(within: .seconds(10), every: .milliseconds(1)) {
                    !running.workers.isSubset(of: before)
                }
                return isReplaced ? Proc.now - begun : 10
            }
            seen.require(held.status == 0, "exit \(held.status) after the held stdout")
            seen.require(noticed < 1, "another worker only after \(noticed.milliseconds)")
            seen.note("another worker after \(noticed.milliseconds)")
            try await bench.expectNoProcess(&seen, " after a held stdout")
            return seen
        },
    ]

    /// Deadlines of a second, so that rows are quick.
    static let tight = ["request_timeout": "1s", "first_request_timeout": "1s", "batch_size": "1"]

    private static func stuck(_ id: String, _ directive: String, _ injected: String) -> Fault {
        Fault(
            id: id, injected: injected,
            required: "killed within timeout + grace; the text is set aside after two attempts"
        ) { bench in
            var seen = Seen()
            try bench.configure(tight)
            try await bench.ingest(bench.texts(12, ["t5": directive]))
            let (ended, life) = try await bench.classify { _ in
                let obeyed = try await bench.event { $0.word == "obey" }
                return try await lifetime(of: obeyed.pid, since: Double(obeyed.time) / 1e9)
            }
            seen.expect(ended, status: 1)
            try await bench.expectRows(&seen, texts: 12, setAside: ["t5": "timeout"])
            try await bench.expectNoProcess(&seen)
            judge(&seen, life)
            return seen
        }
    }

    private static func lifetime(of pid: Int32, since begun: Double) async throws -> Double {
        _ = try await eventually(within: .seconds(20)) { !Proc.isAlive(pid) }
        return Proc.now - begun
    }

    /// Timeout 1 s, grace 0.3 s, and what a busy machine needs to do it.
    private static func judge(_ seen: inout Seen, _ life: Double) {
        seen.require(life < 2.3, "gone only after \(life.milliseconds)")
        seen.note("gone after \(life.milliseconds) (1,000 timeout + 300 grace)")
    }
}

extension Bench {
    /// What workers have started.
    func grandchildren() -> [Int32] { processes().filter { Proc.command($0).hasPrefix("sleep ") } }
}
