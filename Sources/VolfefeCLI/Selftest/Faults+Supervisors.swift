import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The supervisor itself is killed, asked to leave, or not alone.
extension Fault {
    static let supervisors: [Fault] = [
        Fault(
            id: "R19", injected: "the supervisor is SIGKILLed in the middle, again and again",
            required: "no python left; after the next run every row once, nothing left that workers started"
        ) { bench in
            var seen = Seen()
            let kills = bench.count(6, full: 100)
            let texts = bench.count(600, full: 6_000)
            try await bench.ingest(bench.texts(texts))
            var left: [Int] = []
            for number in 1...kills {
                let asked = bench.events().count { $0.word == "asked" }
                let wanted = Int.random(in: 1...15)
                let (ended, _) = try await bench.classify(flags: "--delay-ms 5") { running in
                    _ = try await eventually(within: .seconds(20)) {
                        !running.isAlive || bench.events().count { $0.word == "asked" } >= asked + wanted
                    }
                    running.signal(SIGKILL)
                }
                seen.require(ended.status == -SIGKILL, "run \(number) had ended before its kill (\(ended.ending))")
                try await bench.expectNoProcess(&seen, " after kill \(number)")
                left.append(try await bench.number("SELECT count(*) FROM model_classifications"))
            }
            seen.expect(try await bench.classify(), status: 0)
            try await bench.expectRows(&seen, texts: texts)
            seen.note("\(kills) kills, \(left.last ?? 0) rows were committed before the plain run")

            // What a worker had started hears of nothing when the supervisor is killed: the next run ends it.
            try bench.configure(tight.merging(["database": "forks.db"]) { $1 })
            try await bench.ingest(bench.texts(4, ["t2": "#fork"]))
            let (killed, hasForked) = try await bench.classify { running in
                let hasForked = try await eventually(within: .seconds(20)) { !bench.grandchildren().isEmpty }
                running.signal(SIGKILL)
                return hasForked
            }
            seen.require(hasForked && killed.status == -SIGKILL, "no grandchild was seen before the kill")
            seen.require(!bench.grandchildren().isEmpty, "the grandchild was gone before the next run")
            seen.expect(try await bench.classify(), status: 1)
            try await bench.expectRows(&seen, texts: 4, setAside: ["t2": "timeout"], path: bench.path("forks.db"))
            try await bench.expectNoProcess(&seen, " after the run that follows")
            return seen
        },
        Fault(
            id: "R20", injected: "SIGTERM, SIGINT, and a second signal",
            required: "143 and 130, what runs is finished and stored, nothing charged; the second one stops now"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(300))
            for (number, status) in [(SIGTERM, Int32(143)), (SIGINT, Int32(130))] {
                let served = bench.events().count { $0.word == "served" }
                let (ended, before) = try await bench.classify(flags: "--delay-ms 10") { running in
                    _ = try await eventually(within: .seconds(20)) {
                        bench.events().count { $0.word == "served" } > served + 2
                    }
                    running.signal(number)
                    return Proc.now
                }
                seen.expect(ended, status: status)
                let seconds = Proc.now - before
                seen.require(seconds < 5, "it took \(seconds.digits(1)) s to stop")
                let answered = Set(bench.events().filter { $0.word == "served" }.flatMap(\.rest)).count
                let rows = try await bench.number("SELECT count(*) FROM model_classifications")
                seen.require(rows == answered * Bench.models.count, "\(rows) rows, but \(answered) texts were answered")
            }
            let (ended, seconds) = try await bench.classify(flags: "--delay-ms 3000") { running in
                let asked = Proc.now
                _ = try await bench.event { $0.word == "asked" && Double($0.time) / 1e9 > asked }
                running.signal(SIGTERM)
                // One Ctrl-C may arrive twice; a second one is later than that.
                try await Task.sleep(for: .milliseconds(500))
                running.signal(SIGTERM)
                let begun = Proc.now
                _ = try await eventually(within: .seconds(20)) { !running.isAlive }
                return Proc.now - begun
            }
            seen.expect(ended, status: 143)
            seen.require(seconds < 2, "the second signal took \(seconds.digits(1)) s")
            try await bench.expectNoProcess(&seen)
            seen.expect(try await bench.classify(), status: 0)
            try await bench.expectRows(&seen, texts: 300)
            seen.note("second signal: gone after \(seconds.milliseconds)")
            return seen
        },
        Fault(
            id: "R21", injected: "killed between a reply and its commit",
            required: "the text is done again, no row twice"
        ) { bench in
            var seen = Seen()
            try bench.configure(["commit_every": "1000"])
            try await bench.ingest(bench.texts(60, ["t30": "#killparent"]))
            let killed = try await bench.classify()
            seen.require(killed.status == -SIGKILL, "the supervisor was not killed (\(killed.ending))")
            try await bench.expectNoProcess(&seen)
            let lost = 60 * Bench.models.count - (try await bench.number("SELECT count(*) FROM model_classifications"))
            seen.require(lost > 0, "everything had been committed before the kill")
            seen.expect(try await bench.classify(), status: 0)
            try await bench.expectRows(&seen, texts: 60)
            seen.note("\(lost) rows were not committed at the kill")
            return seen
        },
        Fault(
            id: "R22", injected: "four supervisors on one database", required: "every text is given to one worker once"
        ) { bench in
            var seen = Seen()
            let texts = bench.count(400, full: 4_000)
            try bench.configure(["workers": "1", "workers_min": "1"])
            try await bench.ingest(bench.texts(texts))
            let ends = try await withThrowingTaskGroup(of: Ended.self) { group in
                for _ in 1...4 { group.addTask { try await bench.classify(flags: "--delay-ms 2") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            for ended in ends { seen.require(ended.status == 0, ended.ending) }
            try await bench.expectRows(&seen, texts: texts)
            seen.expectOnce(bench.events())
            let workers = Set(bench.events().filter { $0.word == "served" }.map(\.pid)).count
            seen.require(workers == 4, "only \(workers) of the four had any text")
            return seen
        },
        Fault(
            id: "R24", injected: "workers are looked at while the database is open",
            required: "they hold 0, 1 and 2 and nothing else; the file is sound"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(200, ["t50": "#crashonce", "t90": "#crashonce"]))
            let (ended, held) = try await bench.classify(flags: "--delay-ms 5") { running in
                var held: [String: Int] = [:]
                var looks = 0
                while running.isAlive {
                    let ready = Set(bench.events().filter { $0.word == "ready" }.map(\.pid))
                    for pid in running.workers.intersection(ready) {
                        looks += 1
                        // It has its own diary open for moments.
                        for (number, target) in Proc.descriptors(pid) where target != bench.path("events") {
                            if number > 2 || target.hasPrefix(bench.database) {
                                held["\(number): \(target)", default: 0] += 1
                            }
                        }
                    }
                    try await Task.sleep(for: .milliseconds(20))
                }
                return (looks, held)
            }
            seen.expect(ended, status: 0)
            seen.require(held.0 >= 10, "only \(held.0) looks")
            seen.require(held.1.isEmpty, "workers hold \(held.1.keys.sorted().prefix(3))")
            try await bench.expectRows(&seen, texts: 200)
            seen.note("\(held.0) looks")
            return seen
        },
        Fault(
            id: "R26", injected: "every time in the database moves by a day, both ways, while two supervisors work",
            required: "nothing is rescued or done twice"
        ) { bench in
            var seen = Seen()
            try bench.configure(["workers": "1", "workers_min": "1"])
            try await bench.ingest(bench.texts(300))
            let (first, second) = try await bench.classify(flags: "--delay-ms 10") { running in
                _ = try await bench.event { $0.word == "served" }
                try await bench.database("shift", "-86400")
                async let other = bench.classify(flags: "--delay-ms 10")
                let mark = Proc.now
                _ = try await bench.event { $0.word == "served" && Double($0.time) / 1e9 > mark + 0.3 }
                try await bench.database("shift", "172800")
                return try await other
            }
            seen.expect(first, status: 0)
            seen.expect(second, status: 0)
            try await bench.expectRows(&seen, texts: 300)
            seen.expectOnce(bench.events())
            return seen
        },
    ]
}

extension Seen {
    /// Requires that no text was given to workers twice.
    mutating func expectOnce(_ events: [WorkerEvent]) {
        var times: [String: Int] = [:]
        for event in events where event.word == "asked" {
            for name in event.rest where name.hasPrefix("t") { times[name, default: 0] += 1 }
        }
        let twice = times.count { $0.value > 1 }
        require(twice == 0, "\(twice) texts were given to workers more than once")
        if twice == 0 { note("\(times.count) texts asked, none twice") }
    }
}
