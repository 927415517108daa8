import Foundation

/// What arrives on the wire is not what it should be.
extension Fault {
    static let wire: [Fault] = [
        Fault(
            id: "R8", injected: "noise on stdout before ready, between replies, and without end",
            required: "no wrong row; noise is counted; fd 1 of classify.py is not stdout"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(40, ["t3": "#noise", "t20": "#noise", "t30": "#flood"]))
            seen.expect(try await bench.classify(flags: "--boot-noise"), status: 1)
            try await bench.expectRows(&seen, texts: 40, setAside: ["t30": "poison"])
            let counts = try await bench.counts(of: ["t1 #noise", "t2 #noise"])
            seen.require(counts.noiseLines == 6, "\(counts.noiseLines) lines of noise counted, 6 were printed")
            let package = bench.tools.installation.root + "/priv/ml"
            let script = """
                import sys; sys.path.insert(0, \(String(reflecting: package)))
                from volfefe_ml.streams import claim
                streams = claim()
                import ctypes, os
                print("noise", flush=True); os.write(1, b"noise"); ctypes.CDLL(None).puts(b"noise")
                ctypes.CDLL(None).fflush(None); os.write(streams.replies, b"clean")
                """
            let claimed = try await bench.run(
                Launch(arguments: ["-c", script], program: try bench.interpreter()))
            seen.require(
                claimed.output == "clean", "stdout of classify.py's streams held \"\(claimed.output.preview(40))\"")
            seen.note("\(counts.noiseLines) lines counted, stdout of classify.py clean")
            return seen
        },
        Fault(id: "R9", injected: "replies are written byte by byte", required: "the same rows as without") { bench in
            var seen = Seen()
            let query = """
                SELECT c.external_id, p.model_id, p.sentiment, p.confidence, json_extract(p.meta, '$.raw_scores')
                FROM model_classifications AS p JOIN contents AS c ON c.id = p.content_id ORDER BY 1, 2
                """
            var rows: [String] = []
            for (database, flags) in [("volfefe.db", ""), ("split.db", "--write-1-byte")] {
                try bench.configure(["database": database])
                try await bench.ingest(bench.texts(40))
                seen.expect(try await bench.classify(flags: flags), status: 0)
                rows.append(try await bench.database("query", query, path: bench.path(database)))
            }
            try await bench.expectRows(&seen, texts: 40)
            seen.require(rows[0] == rows[1], "the rows differ")
            return seen
        },
        Fault(
            id: "R11", injected: "a reply line of 64 MB, one without end, an input line of 64 MB",
            required: "typed errors, memory of the supervisor flat"
        ) { bench in
            var seen = Seen()
            let tight = ["request_timeout": "3s", "first_request_timeout": "3s", "batch_size": "1"]
            try bench.configure(tight)
            try await bench.ingest(bench.texts(40))
            let plain = try await bench.classify()
            try bench.configure(tight.merging(["database": "huge.db"]) { $1 })
            try await bench.ingest(bench.texts(40, ["t3": "#huge64", "t9": "#endless"]))
            let huge = try await bench.classify()
            seen.expect(huge, status: 1)
            let query = "SELECT count(*), 0 FROM classification_failures WHERE error_code NOT IN ('timeout', 'poison')"
            let odd = try await bench.database("query", query, path: bench.path("huge.db"))
            seen.require(odd.hasPrefix("[[0,"), "failures of another kind: \(odd.preview(60))")
            let rows = try await bench.database(
                "query", "SELECT count(*), 0 FROM model_classifications", path: bench.path("huge.db"))
            seen.require(rows.hasPrefix("[[117,"), "\(rows.preview(30)) rows, 117 are due")

            var input = Array("first\n".utf8)
            input += [UInt8](repeating: UInt8(ascii: "x"), count: 64 << 20)
            try bench.write("long.txt", input + Array("\nlast\n".utf8))
            let lines = try await bench.run(
                Launch(arguments: ["classify", "--lines"], input: .file(bench.path("long.txt"))))
            seen.require(lines.status == 1, "an input line of 64 MB: \(lines.ending)")
            seen.require(lines.lines.count == 3, "\(lines.lines.count) answers for 3 lines")
            seen.require(lines.output.contains("too_long"), "the long line is not reported")
            let stored = try await bench.run("ingest", "long.txt", "--as", "jsonl")
            seen.require([1, 65].contains(stored.status), "ingesting a line of 64 MB: \(stored.ending)")
            for (name, ended) in [("reply", huge), ("input", lines), ("ingest", stored)] {
                seen.require(ended.peak < plain.peak + 48 << 20, "\(name): \(ended.peak.megabytes)")
            }
            let most = max(huge.peak, lines.peak, stored.peak)
            seen.note("peak \(most.megabytes), \(plain.peak.megabytes) without")
            return seen
        },
        Fault(
            id: "R15", injected: "a worker writes without end to stderr",
            required: "always drained, memory flat, log limited"
        ) { bench in
            var seen = Seen()
            let megabytes = bench.count(64, full: 1_024)
            try await bench.ingest(bench.texts(40))
            let plain = try await bench.classify()
            try bench.configure(["database": "loud.db", "request_timeout": "300s"])
            try await bench.ingest(bench.texts(40, ["t3": "#stderr\(megabytes)"]))
            let loud = try await bench.run(
                Launch(arguments: ["classify", "--all", "--verbose"], limit: .seconds(300)))
            seen.expect(loud, status: 0)
            let rows = try await bench.database(
                "query", "SELECT count(*), 0 FROM model_classifications", path: bench.path("loud.db"))
            seen.require(rows.hasPrefix("[[120,"), "\(rows.preview(30)) rows, 120 are due")
            seen.require(loud.peak < plain.peak + 32 << 20, "memory \(loud.peak.megabytes)")
            let written = Double(loud.talkBytes) / 1_048_576
            seen.require(written < Double(megabytes) / 4, "\(written.digits(0)) MB of it went to the log")
            seen.note(
                "\(megabytes) MB in \(loud.seconds.digits(1)) s, \(written.digits(1)) MB logged, peak \(loud.peak.megabytes)"
            )
            return seen
        },
    ]
}
