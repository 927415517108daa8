import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Workers that cannot be launched, or have to be launched again and again.
extension Fault {
    static let launches: [Fault] = [
        Fault(
            id: "R7", injected: "python or script missing or broken, a crash while booting",
            required: "backoff, ≤ 10 launches, exit 69; command, status and last words in the message"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(4))
            try bench.write("broken", Array("no program at all".utf8))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: bench.path("broken"))
            let cases: [(name: String, settings: [String: String], flags: String, says: [String])] = [
                ("missing python", ["python": "/nowhere/python"], "", ["/nowhere/python"]),
                ("python that is no program", ["python": bench.path("broken")], "", [bench.path("broken")]),
                (
                    "missing script", ["worker": "/nowhere/worker.py"], "",
                    ["/nowhere/worker.py", "status 2", "can't open"]
                ),
                ("crash while booting", [:], "--boot-crash", ["scripted_worker.py", "status 1", "boom: cannot boot"]),
            ]
            let slow = ["workers": "1", "workers_min": "1", "backoff_initial": "100ms", "backoff_max": "10s"]
            for test in cases {
                try bench.configure(slow.merging(test.settings) { $1 })
                let ended = try await bench.classify(flags: test.flags)
                seen.require(ended.status == 69, "\(test.name): exit \(ended.status)")
                for words in test.says where !ended.talk.contains(words) {
                    seen.require(false, "\(test.name): the message lacks \"\(words)\"")
                }
                seen.require(ended.seconds < 60, "\(test.name): \(ended.seconds.digits(0)) s")
            }
            let boots = bench.events().filter { $0.word == "boot" }.map { Double($0.time) / 1e9 }
            seen.require((2...10).contains(boots.count), "\(boots.count) launches of a worker that crashes")
            // 100, 200, 400, 800 ms, each ± 50 %.
            let span = (boots.last ?? 0) - (boots.first ?? 0)
            seen.require(span > 0.7, "no backoff: \(boots.count) launches within \(span.milliseconds)")
            seen.note("\(cases.count) causes; \(boots.count) launches in \(span.digits(1)) s")
            try await bench.expectNoProcess(&seen)
            return seen
        },
        Fault(
            id: "R18", injected: "every text crashes its worker once",
            required: "no zombie, open files ± 0, memory + 10 % at most"
        ) { bench in
            var seen = Seen()
            let restarts = bench.count(120, full: 10_000)
            try bench.configure(["workers": "1", "workers_min": "1", "batch_size": "1"])
            let names = (1...restarts).map { ("t\($0)", "#crashonce") }
            try await bench.ingest(bench.texts(restarts, Dictionary(uniqueKeysWithValues: names)))
            let launch = Launch(arguments: ["classify", "--all"], limit: .seconds(bench.count(120, full: 7_200)))
            let (ended, samples) = try await bench.run(launch) { try await Samples.taken(of: $0) }
            seen.expect(ended, status: 0)
            try await bench.expectRows(&seen, texts: restarts)
            samples.judge(&seen, growth: 1.10)
            let launches = bench.events().count { $0.word == "boot" }
            seen.require(launches > restarts, "only \(launches) launches")
            seen.note("\(launches - 1) restarts, \(samples.summary)")
            try await bench.expectNoProcess(&seen)
            return seen
        },
        Fault(
            id: "R31", injected: "no file descriptors or processes left, from the start and in the middle of a run",
            required: "a typed error within 30 s, never a crash"
        ) { bench in
            var seen = Seen()
            try bench.configure([
                "workers": "1", "workers_min": "1", "start_timeout": "2s", "restart_limit": "3", "batch_size": "1",
            ])
            try await bench.ingest(bench.texts(100))
            var statuses: [String] = []
            let typed: [Int32] = [0, 66, 69, 70, 74, 75, 78]
            for files in bench.isFull ? Array(4...48) : [6, 10, 14, 18, 24, 40] {
                let ended = try await bench.run(
                    Launch(
                        arguments: ["classify", "--limit", "4", "--force"], conditions: ["--limit", "nofile=\(files)"],
                        limit: .seconds(30)))
                seen.require(typed.contains(ended.status), "\(files) files: \(ended.ending)")
                statuses.append("\(files) files → \(ended.status)")
            }
            let starved = try await bench.starve(conditions: []) { running in
                let open = Proc.descriptors(running.pid).count
                try await bench.limit(running, "NOFILE", to: open)
            }
            seen.require(starved.status == 69, "no more files in the middle: \(starved.ending)")
            statuses.append("no more files → \(starved.status)")
            do {
                // Root has no limit on processes, but its control groups have.
                let group = getuid() == 0 ? try ControlGroup.processes() : nil
                let lonely = try await bench.starve(conditions: group.map { ["--cgroup", $0.path] } ?? []) { running in
                    if let group {
                        _ = group.forbidMore()
                    } else {
                        try await bench.limit(running, "NPROC", to: 1)
                    }
                }
                seen.require(lonely.status == 69, "no more processes in the middle: \(lonely.ending)")
                statuses.append("no more processes → \(lonely.status)")
                try await bench.expectNoProcess(&seen)
                group?.remove()
            } catch let reason as ControlGroup.Unavailable {
                seen.skip(reason.description)
            }
            seen.note(statuses.joined(separator: ", "))
            return seen
        },
    ]
}

extension Bench {
    /// Runs the program; once a worker serves, `limit` takes something away, and the worker is killed.
    fileprivate func starve(
        conditions: [String], _ limit: @escaping @Sendable (Running) async throws -> Void
    ) async throws -> Ended {
        let begun = Proc.now
        let launch = Launch(
            arguments: ["classify", "--all", "--force"], flags: "--delay-ms 50", conditions: conditions,
            limit: .seconds(30))
        return try await run(launch) { running in
            let worker = try await event { $0.word == "served" && Double($0.time) / 1e9 > begun }.pid
            try await limit(running)
            kill(worker, SIGKILL)
        }.0
    }

    /// Changes a limit of a program that runs.
    fileprivate func limit(_ running: Running, _ name: String, to number: Int) async throws {
        let script =
            "import resource; resource.prlimit(\(running.pid), resource.RLIMIT_\(name), (\(number), \(number)))"
        let ended = try await run(Launch(arguments: ["-c", script], program: try interpreter()))
        guard ended.status == 0 else {
            throw CommandError(.internalError, "the limit could not be set (\(ended.ending)).")
        }
    }
}
