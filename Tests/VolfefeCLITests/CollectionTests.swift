import Foundation
import Testing

/// Topics, stories and metrics as a person asks for them.
@Suite struct CollectionTests {
    private func withPosts(_ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels { program in
            for (source, days) in [("posts", 1...6), ("other", 3...5)] {
                try program.write(
                    "\(source).jsonl",
                    days.map {
                        #"{"id": "\#($0)", "text": "text number \#($0) of \#(source)", "created_at": "2025-10-0\#($0)T12:00:00Z"}"#
                            + "\n"
                    }.joined())
                #expect(
                    try await program.run("classify", "--file", "\(source).jsonl", "--source", source).status == 0)
            }
            try await body(program)
        }
    }

    private struct Metrics: Decodable {
        struct Row: Decodable {
            let source: String?
            let processing_level: String
            let last_updated: String?
            let contents, with_text: Int
            let coverage: [String: Double?]
            let models: [Model]
        }
        struct Model: Decodable {
            let model_id: String
            let verdicts: Int
        }
        let computed_at: String
        let sources: [Row]
    }

    @Test func `metrics say how far each source has come`() async throws {
        try await withPosts { program in
            let printed = try await program.run("metrics", "--json")
            #expect(printed.status == 0, "\(printed.talk)")
            let metrics = try JSONDecoder().decode(Metrics.self, from: Data(printed.output.utf8))
            #expect(metrics.sources.map(\.source) == [nil, "other", "posts"])
            #expect(metrics.sources.map(\.contents) == [9, 3, 6])
            #expect(metrics.sources.allSatisfy { $0.processing_level == "sentiment_complete" })
            #expect(metrics.sources[0].coverage["sentiment"] == 1)
            #expect(metrics.sources[0].coverage["topics"] == .some(nil))
            #expect(metrics.sources[0].models.map(\.verdicts) == [9, 9])
            let table = try await program.run("metrics")
            #expect(table.output.contains("(all)") && table.output.contains("sentiment_complete"))
            let one = try await program.run("metrics", "--source", "posts", "--csv")
            #expect(one.lines.first == "source,of,name,figure,value,text")
            #expect(one.lines.contains("posts,phase,sentiment,coverage,1.0,"))
            #expect(!one.output.contains("other"))
            #expect(try await program.run("metrics", "--source", "none").status == 66)
        }
    }

    @Test func `an export is a folder of whole files`() async throws {
        try await withPosts { program in
            let exported = try await program.run("metrics", "--export", "reports")
            #expect(exported.status == 0 && exported.output.isEmpty, "\(exported.talk)")
            let folder = program.folder.appending(path: "reports").path
            let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
            #expect(
                names == [
                    "entities.csv", "languages.csv", "metrics.json", "models.csv", "phases.csv", "report.html",
                    "sources.csv", "topics.csv", "weeks.csv",
                ])
            let json = try Data(contentsOf: program.folder.appending(path: "reports/metrics.json"))
            #expect(try JSONDecoder().decode(Metrics.self, from: json).sources.count == 3)
            let page = try String(
                contentsOf: program.folder.appending(path: "reports/report.html"), encoding: .utf8)
            #expect(page.contains("Metrics of the collection") && page.contains("sentiment complete"))
            #expect(!page.contains("text number"))
            #expect(try await program.run("metrics", "--export", "reports").status == 0)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == names)
            let nowhere = try await program.run("metrics", "--export", "not/there")
            #expect(nowhere.status == 74 && nowhere.talk.contains("--export"), "\(nowhere.talk)")
            #expect(try await program.run("metrics", "--export", "posts.jsonl").status == 74)
        }
    }

    @Test func `topics and stories that were never looked for say how to`() async throws {
        try await withPosts { program in
            let topics = try await program.run("topics")
            #expect(topics.status == 0 && topics.output.contains("volfefe phases run topics"))
            let stories = try await program.run("stories", "list", "--across")
            #expect(stories.status == 0 && stories.output.contains("volfefe phases run stories"))
            struct Answer: Decodable { let reason: String }
            let json = try await program.run("topics", "--json")
            #expect(
                try JSONDecoder().decode(Answer.self, from: Data(json.output.utf8)).reason
                    == "the phase topics has not run yet")
            #expect(try await program.run("topics", "show", "0").status == 0)
            #expect(try await program.run("topics", "--source", "none").status == 66)
            #expect(try await program.run("stories", "--limit", "0").status == 64)
        }
    }
}
