import Foundation

/// Replies that are wrong in themselves, and texts that are hard to carry.
extension Fault {
    static let replies: [Fault] = [
        Fault(
            id: "R12", injected: "NaN, lone surrogates, bad UTF-8, 3,000 levels, U+2028, NUL, in replies and in texts",
            required: "siblings kept, texts unharmed from file to worker to store"
        ) { bench in
            var seen = Seen()
            let directives = ["t3": "#nan", "t5": "#surrogate", "t7": "#badutf", "t9": "#deep"]
            try await bench.ingest(bench.texts(20, directives))
            try bench.write("nasty.jsonl", nastyFile())
            let stored = try await bench.run("ingest", "nasty.jsonl", "--source", "nasty")
            seen.require(stored.status == 1, "bad lines beside good ones: \(stored.ending)")
            seen.expect(try await bench.classify(flags: "--facts"), status: 0)
            try await bench.expectRows(&seen, texts: 20 + nasty.count)
            struct Hexed: Decodable, Hashable {
                let name, hex: String
                init(name: String, hex: String) { (self.name, self.hex) = (name, hex) }
                init(from decoder: any Decoder) throws {
                    var row = try decoder.unkeyedContainer()
                    (name, hex) = (try row.decode(String.self), try row.decode(String.self))
                }
            }
            let query = """
                SELECT c.external_id, hex(CAST(c.text AS BLOB))
                FROM contents AS c JOIN sources AS s ON s.id = c.source_id WHERE s.name = 'nasty'
                """
            let kept = try JSONDecoder().decode(
                Set<Hexed>.self, from: Data(try await bench.database("query", query).utf8))
            let due = Set(
                nasty.map { name, text in
                    // The store holds no NUL; the sign for "no such character" takes its place.
                    let text = text.replacing("\0", with: "\u{FFFD}")
                    return Hexed(
                        name: name,
                        hex: text.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined())
                })
            seen.require(
                kept == due,
                "\(due.subtracting(kept).count) texts were changed or lost: \(due.subtracting(kept).map(\.name))")
            seen.note("\(nasty.count) nasty texts byte-equal, bad lines reported")
            return seen
        },
        Fault(
            id: "R13", injected: "answers after the deadline, twice, and to other requests",
            required: "dropped and counted; every row is its own text's"
        ) { bench in
            var seen = Seen()
            let settings = ["request_timeout": "500ms", "first_request_timeout": "500ms", "batch_size": "1"]
            try bench.configure(settings.merging(["termination_grace": "3s"]) { $1 })
            try await bench.ingest(bench.texts(40, ["t3": "#late", "t10": "#dup", "t20": "#wrongid", "t21": "#dup"]))
            seen.expect(try await bench.classify(flags: "--late-ms 900"), status: 1)
            try await bench.expectRows(&seen, texts: 40, setAside: ["t3": "timeout"])
            try bench.configure([:])
            let counts = try await bench.counts(of: ["t1 #dup", "t2 #wrongid", "t3 #dup", "t4"])
            seen.require(counts.staleReplies >= 2, "\(counts.staleReplies) stale replies counted, 3 were sent")
            seen.note("\(counts.staleReplies) counted")
            return seen
        },
        Fault(
            id: "R14", injected: "replies without a model, with unknown ones, labels and scores that cannot be",
            required: "that cell is a failure, its siblings are kept"
        ) { bench in
            var seen = Seen()
            let bad = ["t2": "#badcell", "t4": "#badlabel", "t6": "#lacks", "t8": "#badsum"]
            try await bench.ingest(bench.texts(20, bad.merging(["t10": "#unknownmodel", "t12": "#raises"]) { $1 }))
            seen.expect(try await bench.classify(), status: 1)
            let cells = bad.keys.map { [$0, "alpha", "bad_reply"] } + [["t12", "alpha", "model_error"]]
            let report = try await bench.expectRows(&seen, texts: 20, cells: cells)
            seen.require(
                Set(report.models.keys) == Set(Bench.models), "models in the store: \(report.models.keys.sorted())")
            return seen
        },
    ]

    /// Texts that break careless code, by name.
    private static let nasty: [(name: String, text: String)] = [
        ("n1", "a\u{2028}b\u{2029}c"), ("n2", "next\u{85}line\u{0B}tab\u{0C}feed"), ("n3", "nul\0inside"),
        ("n4", "\u{202E}right to left\u{202C}"), ("n5", "👩‍👩‍👧‍👦🏳️‍🌈 family"), ("n6", "e\u{301}\u{301}\u{301} accents"),
        ("n7", "quote \" backslash \\ slash / braces {[]}"), ("n8", "\u{FEFF}mark in \u{FEFF}front"),
        ("n9", "noncharacter \u{FFFE} \u{10FFFF}"), ("n10", "日本語のテキスト、العربية, עברית"),
        ("n11", String(repeating: "long ", count: 20_000)),
        ("n12", "{\"type\":\"result\",\"id\":\"g1-1\",\"items\":[]}"),
        ("n13", "%s %n ${HOME} $(id) `id` '; DROP TABLE contents; --"),
    ].map { ($0, tidied($1)) }

    /// As ingestion tidies every text: runs of white space become one space, letters and accents one character.
    private static func tidied(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map(String.init).joined(separator: " ")
            .precomposedStringWithCanonicalMapping
    }

    private static func nastyFile() throws -> Data {
        struct Post: Encodable { let id, text: String }
        let encoder = JSONEncoder()
        var file = Data()
        for (name, text) in nasty { file += try encoder.encode(Post(id: name, text: text)) + Data([0x0A]) }
        let depth = 3_000
        file += Data(#"{"id": "b1", "text": "half \#u{5C}ud800 a character"}"#.utf8) + Data([0x0A])
        file += Data(#"{"id": "b2", "text": ""#.utf8) + Data([0xC3, 0x28]) + Data("\"}\n".utf8)
        file += Data(
            "{\"id\": \"b3\", \"text\": \(String(repeating: "[", count: depth))\(String(repeating: "]", count: depth))}\n"
                .utf8)
        file += Data("{\"id\": \"b4\", \"text\": NaN}\n".utf8)
        return file
    }
}
