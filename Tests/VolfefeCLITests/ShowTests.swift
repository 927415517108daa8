import Foundation
import Testing

/// `volfefe show` as the whole of a content.
@Suite struct ShowTests {
    private let up = #"{"positive": 0.75, "neutral": 0.2, "negative": 0.05}"#

    private func withContent(_ body: (Program) async throws -> Void) async throws {
        try await Program.inFreshFolder { program in
            let old = #"{"model_version": "1", "raw_scores": \#(up), "latency_ms": 2.5}"#
            let new = #"{"model_version": "2", "raw_scores": {"positive": 0.1, "neutral": 0.1, "negative": 0.8}}"#
            try program.write(
                "r.jsonl",
                [old, new].map {
                    #"{"external_id": "x", "source": "s", "text": "See https://a.example #up", "author": "Ann", "likes": 115437112529618205, "models": {"a": \#($0)}}"#
                        + "\n"
                }.joined())
            #expect(try await program.run("results", "import", "r.jsonl").status == 0)
            try await body(program)
        }
    }

    @Test func `all versions are shown, with scores, quality, latency and facts of the text`() async throws {
        try await withContent { program in
            let shown = try await program.run("show", "1")
            #expect(shown.status == 0)
            for words in [
                "content 1  s x", "Ann", "25 characters, 3 words, 1 link, 1 hashtag", "positive 0.75", "negative 0.80",
                "0.550",
                "2.5",
            ] {
                #expect(shown.output.contains(words), "\(words): \(shown.output)")
            }
            #expect(shown.lines.count { $0.hasPrefix("a ") } == 2)
        }
    }

    @Test func `its JSON is the whole content, and goes into another database as it is`() async throws {
        struct Whole: Decodable {
            struct Meta: Decodable { let likes: Int64 }
            struct Verdict: Decodable {
                let sentiment: String?
                let model_version: String?
            }
            struct Row: Decodable { let model_version: String }
            let content_id: Int64
            let external_id, source, text, author, inserted_at: String
            let meta: Meta
            let models: [String: Verdict]
            let classifications: [Row]
        }
        try await withContent { program in
            let shown = try await program.run("show", "1", "--json")
            let whole = try JSONDecoder().decode(Whole.self, from: Data(shown.output.utf8))
            #expect(whole.meta.likes == 115_437_112_529_618_205 && whole.author == "Ann")
            #expect(whole.classifications.map(\.model_version) == ["1", "2"])
            #expect(whole.models["a"]?.sentiment == "negative" && whole.models["a"]?.model_version == "2")
            let moved = try await program.run("results", "import", "-", "--database", "b.db", input: shown.output)
            #expect(moved.status == 0 && moved.talk.contains("1 verdicts new"), "\(moved.talk)")
            let there = try await program.run("sql", "--csv", "SELECT author, meta FROM contents", "--database", "b.db")
            #expect(there.lines.last == #"Ann,"{""likes"":115437112529618205}""#)
        }
    }
}
