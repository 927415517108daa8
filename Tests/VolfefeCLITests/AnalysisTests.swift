import Foundation
import GRDB
import Testing

/// The questions as a person asks them, of verdicts of the scripted worker.
@Suite struct AnalysisTests {
    /// Three posts, judged by two models that always say the same.
    private func withVerdicts(_ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels { program in
            try program.write(
                "posts.jsonl",
                ["one", "two, \\\"quoted\\\"", "three"].enumerated().map {
                    #"{"id": "\#($0.offset)", "text": "\#($0.element)", "created_at": "2025-10-2\#($0.offset)T12:00:00Z"}"#
                        + "\n"
                }.joined())
            #expect(try await program.run("classify", "--file", "posts.jsonl", "--source", "posts").status == 0)
            try await body(program)
        }
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ finished: Finished) throws -> Value {
        try JSONDecoder().decode(type, from: Data(finished.output.utf8))
    }

    @Test func `sql answers as a table, CSV and JSON, from an argument or from standard input`() async throws {
        try await withVerdicts { program in
            let query = "SELECT id, text, NULL AS missing FROM contents WHERE id = 2"
            let table = try await program.run("sql", query)
            #expect(table.status == 0 && table.lines == ["id  text           missing", " 2  two, \"quoted\""])
            let csv = try await program.run("sql", "--csv", input: query + ";\n")
            #expect(csv.lines == ["id,text,missing", #"2,"two, ""quoted""","#])
            let json = try await program.run("sql", "--json", query)
            #expect(json.output == #"[{"id":2,"text":"two, \"quoted\"","missing":null}]"# + "\n")
            #expect(try await program.run("sql", "--json", query + "+99").output == "[]\n")
        }
    }

    @Test func `sql refuses to write, says what is wrong with a query, and changes nothing`() async throws {
        try await withVerdicts { program in
            let writing = try await program.run("sql", "DELETE FROM contents")
            #expect(writing.status == 64 && writing.talk.contains("never writes") && writing.output.isEmpty)
            let wrong = try await program.run("sql", "SELECT colour FROM contents")
            #expect(wrong.status == 65 && wrong.talk.contains("no such column: colour"))
            #expect(try await program.run("sql").status == 64)
            #expect(try await program.run("sql", "SELECT count(*) AS n FROM contents").lines == ["n", "3"])
        }
    }

    @Test func `every query of the documentation runs as it is written`() async throws {
        try await withVerdicts { program in
            let text = try String(contentsOf: projectRoot.appending(path: "docs/schema.md"), encoding: .utf8)
            let queries = text.components(separatedBy: "```sql\n").dropFirst().compactMap {
                $0.components(separatedBy: "```").first
            }
            #expect(queries.count >= 14)
            for query in queries {
                let finished = try await program.run("sql", "--csv", input: query)
                #expect(finished.status == 0 && !finished.lines.isEmpty, "\(query): \(finished.talk)")
            }
        }
    }

    @Test func `stats counts by model, day, week and source`() async throws {
        try await withVerdicts { program in
            struct Row: Decodable {
                let group: String?
                let model_id: String
                let verdicts, contents: Int
                let coverage: Double
            }
            let all = try json([Row].self, try await program.run("stats", "--json"))
            #expect(all.map(\.model_id) == ["a", "b"])
            #expect(all.allSatisfy { $0.verdicts == 3 && $0.contents == 3 && $0.coverage == 1 && $0.group == nil })
            let sources = try json(
                [Row].self, try await program.run("stats", "--by", "source", "--model", "b", "--json"))
            #expect(sources.map(\.group) == ["posts"])
            #expect(try await program.run("stats", "--by", "day", "--csv").lines.count == 7)
            #expect(try await program.run("stats", "--by", "week").lines.first?.hasPrefix("week") == true)
            #expect(try await program.run("stats", "--by", "moon").status == 64)
            let unknown = try await program.run("stats", "--model", "nobody")
            #expect(unknown.status == 66 && unknown.talk.contains("there are: a@1.0, b@1.0"))
        }
    }

    @Test func `counts that are not right are found by doctor, and made anew`() async throws {
        try await withVerdicts { program in
            let right = try await program.run("stats", "--by", "day", "--csv")
            #expect(try await program.run("doctor").output.contains("wrong counts") == false)
            let file = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
            try await file.write { try $0.execute(sql: "UPDATE verdict_counts SET perfect = perfect + 1") }
            try file.close()
            #expect(try await program.run("stats", "--by", "day", "--csv").output != right.output)
            let sick = try await program.run("doctor")
            #expect(sick.status == 1 && sick.output.contains("wrong counts (`volfefe doctor --rebuild`"))
            let healed = try await program.run("doctor", "--rebuild")
            #expect(healed.output.contains("the counts are made anew") && !healed.output.contains("wrong counts"))
            #expect(try await program.run("stats", "--by", "day", "--csv").output == right.output)
        }
    }

    @Test func `classify ends with the agreement that volfefe agreement shows`() async throws {
        try await withVerdicts { program in
            struct Document: Decodable { let agreement, shared_agreement: Double? }
            struct Report: Decodable {
                struct Section: Decodable { let unanimous, judged_by_all: Int }
                let sections: [Section]
            }
            let again = try await program.run("classify", "--all", "--force")
            let report = try json(Report.self, try await program.run("agreement", "--json"))
            let section = try #require(report.sections.last)
            #expect(
                again.talk.contains("all models agree on \(section.unanimous) of \(section.judged_by_all) contents"))
            let document = try json(Document.self, try await program.run("classify", "--all", "--force", "--json"))
            #expect(document.agreement == 1 && document.shared_agreement == 1)
        }
    }

    @Test func `latency has a row per model`() async throws {
        try await withVerdicts { program in
            let table = try await program.run("latency")
            #expect(table.status == 0 && table.lines.first?.contains("p95 ms") == true)
            // Every text has waited for its worker, however short.
            #expect(table.lines.count { $0.contains("queue") } == 2)
            #expect(try await program.run("latency", "--models", "a", "--csv").lines.allSatisfy { !$0.hasPrefix("b,") })
        }
    }

    @Test func `agreement shows shares and coefficients, and null with a reason where there is none`() async throws {
        try await withVerdicts { program in
            struct Figure: Decodable {
                let value, low: Double?
                let reason: String?
            }
            struct Section: Decodable {
                let labels: String
                let contents: Int
                let all_agree, fleiss_kappa: Figure
            }
            struct Report: Decodable { let sections: [Section] }
            let report = try json(Report.self, try await program.run("agreement", "--json"))
            let shared = try #require(report.sections.first)
            #expect(shared.labels == "shared" && shared.contents == 3 && shared.all_agree.value == 1)
            let text = try await program.run("agreement")
            #expect(text.output.contains("Krippendorff's α") && text.output.contains("a@1.0"))
            #expect(try await program.run("agreement", "--csv").lines.first?.hasPrefix("texts,labels,figure") == true)
            #expect(try await program.run("agreement", "--models", "a").output.contains("needs two models"))
            #expect(try await program.run("agreement", "--models", "a,a").status == 64)
            #expect(try await program.run("agreement", "--models", "a,@").status == 64)
            #expect(try await program.run("agreement", "--json", "--csv").status == 64)
        }
    }

    @Test func `compare shows the confusion matrix and its tests`() async throws {
        try await withVerdicts { program in
            let finished = try await program.run("compare", "a", "b@1.0")
            #expect(finished.status == 0 && finished.output.contains("rows: a@1.0, columns: b@1.0"))
            #expect(finished.output.contains("McNemar"))
            #expect(try await program.run("compare", "a", "a").status == 64)
            #expect(try await program.run("compare", "a", "a@1.0").status == 64)
            #expect(try await program.run("compare", "a", "b@7").status == 66)
            #expect(try await program.run("compare", "a", "b", "--csv").lines.count == 1)
        }
    }

    @Test func `disagreements and their patterns`() async throws {
        try await withVerdicts { program in
            let none = try await program.run("disagreements")
            #expect(none.status == 0 && none.output.hasPrefix("0 contents"))
            #expect(try await program.run("disagreements", "--pattern", "a=glad").status == 64)
            #expect(try await program.run("disagreements", "--pattern", "nobody=neutral").status == 66)
            let said = try await program.run("sql", "--csv", "SELECT sentiment FROM model_classifications LIMIT 1")
                .lines[1]
            let found = try await program.run("disagreements", "--pattern", "a=\(said),b=\(said)", "--csv")
            #expect(found.lines.count > 1)
            #expect(found.lines[0] == "content,contradiction,a@1.0,a@1.0_confidence,b@1.0,b@1.0_confidence,text")
        }
    }

    @Test func `list filters by model, source, date and confidence`() async throws {
        try await withVerdicts { program in
            let cases: [([String], Int)] = [
                ([], 6), (["--model", "a"], 3), (["--limit", "4"], 4),
                (["--model", "a", "--since", "2025-10-21", "--until", "2025-10-22"], 1),
                (["--source", "posts", "--min-confidence", "0"], 6),
            ]
            for (arguments, rows) in cases {
                let finished = try await program.run(["list", "--csv"] + arguments, bytes: nil)
                #expect(finished.lines.count - 1 == rows, "\(arguments): \(finished.talk)")
            }
            #expect(try await program.run("list", "--source", "elsewhere").status == 66)
            #expect(try await program.run("list", "--since", "yesterday").status == 64)
            #expect(try await program.run("list", "--sentiment", "glad").status == 64)
        }
    }

    @Test func `every question says what to do when there is no database`() async throws {
        try await Program.inFreshFolder { program in
            for question in [["stats"], ["latency"], ["agreement"], ["disagreements"], ["list"], ["sql", "SELECT 1"]] {
                let finished = try await program.run(question, bytes: nil)
                #expect(finished.status == 66 && finished.talk.contains("there is no database"))
            }
            #expect(!program.exists("volfefe.db"))
        }
    }
}
