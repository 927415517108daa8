import Foundation
import GRDB
import Testing

/// Equal texts are computed once: what a person sees, with the scripted worker.
@Suite struct ReuseTests {
    private func rows(_ program: Program, _ sql: String) throws -> [String] {
        try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path).read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : "\($0.storage.value ?? "")" }.joined(separator: "|")
            }
        }
    }

    /// Texts that the workers were asked for, apart from the pool's own: the scripted worker writes them down.
    private func asked(_ program: Program) throws -> Int {
        let events = try String(contentsOf: program.folder.appending(path: "state/events"), encoding: .utf8)
        var texts = 0
        for event in events.split(separator: "\n") {
            let words = event.split(separator: " ")
            if words.count > 3, words[2] == "asked" { texts += words.count - 3 }
        }
        return texts
    }

    /// Two sources that both have "news one" and "news two"; the second has a text of its own too.
    private func withTwoSources(_ settings: String = "", _ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels(settings) { program in
            var program = program
            program.environment["SCRIPTED_WORKER_STATE"] = program.folder.appending(path: "state").path
            try FileManager.default.createDirectory(
                at: program.folder.appending(path: "state"), withIntermediateDirectories: true)
            try program.write(
                "a.jsonl", #"{"id": 1, "text": "news one"}"# + "\n" + #"{"id": 2, "text": "news two"}"# + "\n")
            try program.write(
                "b.jsonl",
                ["news two", "news one", "own news"].enumerated().map {
                    #"{"id": "b\#($0.offset)", "text": "\#($0.element)"}"# + "\n"
                }.joined())
            try await body(program)
        }
    }

    private let marks = "SELECT content_id, model_id, reused_from FROM model_classifications ORDER BY 1, 2"

    @Test func `a text of two sources is computed once, has a row for each, and the summary says so`() async throws {
        try await withTwoSources { program in
            #expect(try await program.run("classify", "--file", "a.jsonl").status == 0)
            let asked = try asked(program)
            let finished = try await program.run("classify", "--file", "b.jsonl", "--json")
            #expect(finished.status == 0)
            #expect(try self.asked(program) == asked + 1)
            #expect(finished.output.contains(#""reused":4"#) && finished.output.contains(#""predictions":6"#))
            #expect(finished.talk.contains("3 contents, 6 verdicts"))
            #expect(finished.talk.contains("4 of the verdicts were reused from equal texts"))
            #expect(
                try rows(program, marks) == [
                    "1|a|-", "1|b|-", "2|a|-", "2|b|-", "3|a|2", "3|b|2", "4|a|1", "4|b|1", "5|a|-", "5|b|-",
                ])
            #expect(try await program.run("show", "3").output.contains("reused from 2"))
            #expect(try await program.run("show", "3", "--json").output.contains(#""reused_from":2"#))
            // The mark goes when the content is computed for itself.
            #expect(try await program.run("classify", "--ids", "3", "--force").status == 0)
            #expect(try rows(program, marks).filter { !$0.hasSuffix("-") } == ["4|a|1", "4|b|1"])
        }
    }

    @Test func `equal texts of one run go to a worker once`() async throws {
        try await withTwoSources { program in
            try await program.run("ingest", "a.jsonl")
            try await program.run("ingest", "b.jsonl")
            let finished = try await program.run("classify", "--all")
            #expect(finished.status == 0)
            #expect(try asked(program) == 3)
            #expect(finished.talk.contains("5 contents, 10 verdicts"))
            #expect(try rows(program, marks).filter { !$0.hasSuffix("-") } == ["3|a|2", "3|b|2", "4|a|1", "4|b|1"])
        }
    }

    @Test(arguments: ["--no-cache", "setting", "environment"])
    func `whoever does not want reuse gets everything computed`(way: String) async throws {
        try await withTwoSources(way == "setting" ? "reuse: false" : "") { program in
            var program = program
            if way == "environment" { program.environment["VOLFEFE_REUSE"] = "false" }
            let flags = way == "--no-cache" ? [way] : []
            for file in ["a.jsonl", "b.jsonl"] {
                let finished = try await program.run(["classify", "--file", file] + flags, bytes: nil)
                #expect(finished.status == 0 && !finished.talk.contains("reused"))
            }
            #expect(try asked(program) == 5)
            #expect(try rows(program, marks).allSatisfy { $0.hasSuffix("-") })
        }
    }

    @Test func `another precision computes, and an edited text`() async throws {
        try await withTwoSources { program in
            #expect(try await program.run("classify", "--file", "a.jsonl").status == 0)
            let settings = try String(contentsOf: program.folder.appending(path: "volfefe.yaml"), encoding: .utf8)
            try program.write(
                "volfefe.yaml", settings.replacing("source: none,", with: "source: none, precision: int8,"))
            #expect(try await program.run("classify", "--file", "b.jsonl").status == 0)
            #expect(try rows(program, marks).allSatisfy { $0.hasSuffix("-") })
            #expect(
                try rows(program, "SELECT DISTINCT content_id > 2, engine, precision FROM model_classifications") == [
                    "0|scripted|fp32", "1|scripted|int8",
                ])
            try program.write("volfefe.yaml", settings)
            try program.write("b.jsonl", #"{"id": "b0", "text": "news three"}"# + "\n")
            let finished = try await program.run("classify", "--file", "b.jsonl")
            #expect(finished.status == 0 && !finished.talk.contains("reused"))
        }
    }

    @Test func `a failure is nobody else's: equal texts are tried each for itself`() async throws {
        try await Program.withScriptedModels { program in
            try program.write(
                "a.jsonl", #"{"id": 1, "text": "news #raises"}"# + "\n" + #"{"id": 2, "text": "fine"}"# + "\n")
            try program.write(
                "b.jsonl", #"{"id": 1, "text": "news #raises"}"# + "\n" + #"{"id": 2, "text": "fine"}"# + "\n")
            try await program.run("ingest", "a.jsonl")
            try await program.run("ingest", "b.jsonl")
            #expect(try await program.run("classify", "--all").status == 1)
            let failures = "SELECT content_id, count(*) FROM classification_failures GROUP BY 1"
            #expect(try rows(program, failures) == ["1|1", "3|1"])
            #expect(try rows(program, marks).filter { !$0.hasSuffix("-") }.contains("4|a|2"))
        }
    }

    @Test func `a run that is killed in the middle leaves whole verdicts, and the next one completes them`()
        async throws
    {
        try await Program.withScriptedModels { program in
            var program = program
            program.environment["SCRIPTED_WORKER_FLAGS"] = "--delay-ms 2"
            for source in ["a", "b", "c"] {
                try program.write(
                    "\(source).jsonl",
                    (1...400).map {
                        #"{"id": \#($0), "text": "text \#($0) \#(String(repeating: "x", count: $0 % 70))"}"# + "\n"
                    }
                    .joined())
                try await program.run("ingest", "\(source).jsonl")
            }
            let killed = try await program.run(
                ["classify", "--all", "-v"], signal: .init(rawValue: 9), afterLines: 300, prefix: "✓")
            #expect(killed.status == -9)
            #expect(try await program.run("classify", "--all").status == 0)
            #expect(
                try rows(program, "SELECT count(*), count(DISTINCT content_id) FROM model_classifications") == [
                    "2400|1200"
                ])
            let strays = """
                SELECT count(*)
                FROM model_classifications AS k
                JOIN contents AS c ON c.id = k.content_id
                JOIN contents AS o ON o.id = k.reused_from
                JOIN model_classifications AS t ON t.content_id = o.id AND t.model_id = k.model_id
                WHERE o.text_hash <> c.text_hash OR t.confidence <> k.confidence OR t.reused_from IS NOT NULL
                """
            #expect(try rows(program, strays) == ["0"])
            #expect(try rows(program, "SELECT count(*) > 600 FROM reuses") == ["1"])
            #expect(try rows(program, "PRAGMA integrity_check") == ["ok"])
            #expect(try rows(program, "PRAGMA foreign_key_check").isEmpty)
            #expect(try rows(program, "SELECT count(*) FROM claims") == ["0"])
        }
    }
}
