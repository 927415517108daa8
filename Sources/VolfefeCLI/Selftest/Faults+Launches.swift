import Foundation

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
            id: "R31", injected: "no file descriptors, no processes left to launch with",
            required: "a typed error within 30 s, never a crash"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(8))
            var statuses: [String] = []
            func limited(_ conditions: [String], _ name: String) async throws {
                let ended = try await bench.run(
                    Launch(arguments: ["classify", "--all", "--force"], conditions: conditions, limit: .seconds(60)))
                let typed: [Int32] = [0, 66, 69, 70, 74, 75, 78]
                seen.require(typed.contains(ended.status), "\(name): \(ended.ending)")
                seen.require(ended.seconds < 30, "\(name): \(ended.seconds.digits(0)) s")
                statuses.append("\(name) → \(ended.status)")
            }
            for files in bench.isFull ? Array(4...48) : [6, 10, 14, 18, 24, 40] {
                try await limited(["--limit", "nofile=\(files)"], "\(files) files")
            }
            if try await bench.mayRunAsNobody() {
                for processes in [1, 8] {
                    try await limited(
                        ["--limit", "nproc=\(processes)", "--user", Bench.nobody], "\(processes) processes")
                }
            } else {
                seen.skip("nobody may not run this program here, and root has no limit on processes")
            }
            seen.note(statuses.joined(separator: ", "))
            try await bench.expectNoProcess(&seen)
            return seen
        },
    ]
}

extension Bench {
    static let nobody = "65534"

    /// Opens the bench to another user; false when that one cannot even say the version.
    func mayRunAsNobody() async throws -> Bool {
        let files = FileManager.default
        try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder)
        for name in try files.contentsOfDirectory(atPath: folder) {
            try files.setAttributes([.posixPermissions: 0o777], ofItemAtPath: path(name))
        }
        let ended = try await run(
            Launch(arguments: ["classify", "--all", "--force"], conditions: ["--user", Self.nobody]))
        return ended.status == 0
    }
}
