import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Memory that grows, producers that are too fast, readers that go away.
extension Fault {
    static let resources: [Fault] = [
        Fault(
            id: "R27", injected: "a worker is killed for its memory (limit of 96 MB on its control group)",
            required: "charged as a death; after two the text is set aside, one dead letter"
        ) { bench in
            var seen = Seen()
            let group: ControlGroup
            do {
                group = try .memory(megabytes: 96)
            } catch let reason as ControlGroup.Unavailable {
                seen.skip(reason.description)
                return seen
            }
            defer { group.remove() }
            try await bench.ingest(bench.texts(40, ["t17": "#oom"]))
            let ended = try await bench.classify(flags: "--cgroup \(group.path)")
            seen.expect(ended, status: 1)
            try await bench.expectRows(&seen, texts: 40, setAside: ["t17": "poison"])
            let deaths = bench.events().count { $0.rest == ["oom"] }
            // Two with its batch of four, one with the half, two alone.
            seen.require((2...5).contains(deaths), "\(deaths) deaths")
            let evidence = "SELECT count(*), 0 FROM classification_failures WHERE error_message LIKE '%signal 9%'"
            seen.require(
                try await bench.number(evidence) == 3, "the failures do not say that signal 9 ended the worker")
            seen.note("\(deaths) deaths by signal 9")
            try await bench.expectNoProcess(&seen)
            return seen
        },
        Fault(
            id: "R28", injected: "workers' memory grows: slowly over texts, then quickly within one",
            required: "soft limit: recycled between requests, no text asked twice; hard limit: killed"
        ) { bench in
            var seen = Seen()
            let one = ["workers": "1", "workers_min": "1", "batch_size": "1"]
            try bench.configure(one.merging(["memory_soft_mb": "100", "memory_hard_mb": "1000"]) { $1 })
            let leaks = (1...30).map { ("t\($0)", "#leak20") }
            try await bench.ingest(bench.texts(30, Dictionary(uniqueKeysWithValues: leaks)))
            let (soft, softPeak) = try await bench.classify(flags: "--delay-ms 80") { try await peak(ofWorkersOf: $0) }
            seen.expect(soft, status: 0)
            try await bench.expectRows(&seen, texts: 30)
            seen.expectOnce(bench.events())
            let launches = bench.events().count { $0.word == "boot" }
            seen.require(launches >= 4, "\(launches) workers for 600 MB")
            seen.require(softPeak < 200 << 20, "a worker had \(softPeak.megabytes) at a soft limit of 100 MB")
            seen.note("soft 100 MB: \(launches) workers, at most \(softPeak.megabytes)")

            let hard = ["memory_soft_mb": "60", "memory_hard_mb": "150", "database": "hard.db"]
            try bench.configure(one.merging(hard) { $1 })
            try await bench.ingest(bench.texts(12, ["t5": "#grow900"]))
            let (killed, hardPeak) = try await bench.classify { try await peak(ofWorkersOf: $0) }
            seen.require(killed.status == 1, "hard limit: \(killed.ending)")
            seen.require(hardPeak < 500 << 20, "a worker had \(hardPeak.megabytes) at a hard limit of 150 MB")
            let rows = try await bench.database(
                "query", "SELECT count(*), (SELECT count(*) FROM classification_failures) FROM model_classifications",
                path: bench.path("hard.db"))
            seen.require(
                rows == "[[33, 3]]\n", "rows and failures at the hard limit: \(rows.preview(30)), 33 and 3 are due")
            seen.note("hard 150 MB: at most \(hardPeak.megabytes)")
            try await bench.expectNoProcess(&seen)
            return seen
        },
        Fault(
            id: "R32", injected: "the reader of stdout goes away, stdin, stdout and stderr are closed",
            required: "no crash; committed rows stay"
        ) { bench in
            var seen = Seen()
            try bench.write("lines.txt", Array((1...4_000).map { "t\($0) some words\n" }.joined().utf8))
            let script = "\"$0\" \"$@\" < lines.txt | head -1 > first; echo ${PIPESTATUS[0]} > status"
            for store in [[], ["--store"]] {
                let piped = try await bench.run(
                    Launch(
                        arguments: ["-c", script, bench.tools.program, "classify", "--lines"] + store,
                        program: "/bin/bash",
                        limit: .seconds(30)))
                let status = (try? String(contentsOfFile: bench.path("status"), encoding: .utf8)) ?? ""
                seen.require(!piped.isHung, "| head -1 never ended")
                seen.require(status == "0\n", "| head -1 \(store): exit \(status.preview(10))")
                let first = (try? String(contentsOfFile: bench.path("first"), encoding: .utf8)) ?? ""
                seen.require(first.contains("alpha"), "| head -1 got no result")
            }
            let rows = try await bench.number("SELECT count(*) FROM model_classifications")
            seen.require(rows > 0, "no row was committed")
            seen.note("\(rows) rows stay")
            for closed in [["0"], ["1"], ["2"], ["0", "1", "2"]] {
                for command in [["classify", "--limit", "20"], ["classify", "--lines"]] {
                    let ended = try await bench.run(
                        Launch(
                            arguments: command, conditions: closed.flatMap { ["--close", $0] },
                            input: .file(bench.path("lines.txt")), limit: .seconds(60)))
                    let name = "\(command.joined(separator: " ")) without \(closed.joined(separator: ","))"
                    seen.require((0...78).contains(ended.status), "\(name): \(ended.ending)")
                }
            }
            let report = try await bench.report()
            seen.require(report.damage.isEmpty, "the database is damaged: \(report.damage.prefix(2))")
            seen.require(
                report.wrong == 0 && report.doubled == 0, "\(report.wrong) wrong, \(report.doubled) doubled rows")
            try await bench.expectNoProcess(&seen)
            return seen
        },
        Fault(
            id: "R35", injected: "a producer much faster than the models, then a reader that reads nothing",
            required: "flat memory; stdin is read no faster than results leave"
        ) { bench in
            var seen = Seen()
            try bench.configure(["batch_size": "32", "request_timeout": "60s"])
            let lines = bench.count(6_000, full: 1_000_000)
            var peaks: [UInt64] = []
            for count in [500, lines] {
                let script = "seq -f 'line %.0f of many' 1 \(count) | \"$0\" classify --lines | wc -l"
                let limit = Duration.seconds(bench.count(120, full: 7_200))
                let launch = Launch(
                    arguments: ["-c", script, bench.tools.program], program: "/bin/bash", flags: "--quiet", limit: limit
                )
                let (ended, peak) = try await bench.run(launch) { running in
                    var peak: UInt64 = 0
                    while running.isAlive {
                        for pid in running.workers where Proc.command(pid).contains("classify") {
                            peak = max(peak, Proc.memory(pid, "VmHWM"))
                        }
                        try await Task.sleep(for: .milliseconds(10))
                    }
                    return peak
                }
                seen.require(ended.output == "\(count)\n", "\(ended.output.preview(12)) results of \(count)")
                peaks.append(peak)
            }
            seen.require(
                peaks[1] < peaks[0] + 16 << 20, "memory \(peaks[0].megabytes) at 500 lines, \(peaks[1].megabytes)")
            let script = """
                { i=0; while echo "line $i"; do i=$((i+1)); echo $i > taken; done; } 2> /dev/null \
                | "$0" classify --lines | sleep 3
                """
            _ = try await bench.run(
                Launch(
                    arguments: ["-c", script, bench.tools.program], program: "/bin/bash", flags: "--quiet",
                    limit: .seconds(60)))
            let text = (try? String(contentsOfFile: bench.path("taken"), encoding: .utf8)) ?? ""
            let taken = Int(text.dropLast()) ?? 0
            seen.require((1...12_000).contains(taken), "\(taken) lines were taken although nobody read")
            seen.note(
                "\(lines.grouped) lines, peak \(peaks[1].megabytes) (\(peaks[0].megabytes) at 500); \(taken) lines taken unread"
            )
            try await bench.expectNoProcess(&seen)
            return seen
        },
    ]

    /// Most resident memory of any worker, looked at every 10 ms until the program ends.
    private static func peak(ofWorkersOf running: Running) async throws -> UInt64 {
        var peak: UInt64 = 0
        while running.isAlive {
            for pid in running.workers { peak = max(peak, Proc.memory(pid, "VmRSS")) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return peak
    }
}
