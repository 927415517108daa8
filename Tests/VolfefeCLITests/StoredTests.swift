import Foundation
import GRDB
import Testing

/// What a person sees who stores contents and classifies them; real workers, real models, real SQLite.
@Suite struct StoredTests {
    /// Rows of a query on the program's database.
    private func rows(_ program: Program, _ sql: String) throws -> [[String]] {
        let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { "\($0)".replacing("\"", with: "") }
            }
        }
    }

    private func posts(_ range: ClosedRange<Int>, words: Int = 5) -> String {
        range.map {
            #"{"id": \#($0), "text": "post \#($0) is \#($0 % 2 == 0 ? "great" : "terrible") \#(String(repeating: "word ", count: words))"}"#
        }
        .joined(separator: "\n") + "\n"
    }

    @Test func `every content gets a row of every model, and the second run has nothing to do`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...40))
            let first = try await program.run("classify", "--file", "posts.jsonl", "--source", "test")
            #expect(first.status == 0)
            #expect(
                try rows(program, "SELECT count(*), count(DISTINCT content_id) FROM model_classifications") == [
                    ["160", "40"]
                ])
            // A worker that cannot start shows that none is started.
            var broken = program
            broken.environment["VOLFEFE_PYTHON"] = "/bin/false"
            let second = try await broken.run("classify", "--all")
            #expect(second.status == 0)
            #expect(second.talk.contains("nothing to do"))
        }
    }

    @Test func `a model that is added to the settings fills only its own cells`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...10))
            try await program.run("classify", "--file", "posts.jsonl", "--model", "vader")
            let before = try rows(program, "SELECT content_id, run_id FROM model_classifications ORDER BY 1")
            try program.write(
                "volfefe.yaml",
                """
                models:
                  - id: second_vader
                    engine: lexicon
                    source: package:vaderSentiment
                    version: "1"
                    labels: {pos: positive, neu: neutral, neg: negative}
                """)
            let finished = try await program.run("classify", "--all", "--model", "vader", "--model", "second_vader")
            #expect(finished.status == 0)
            #expect(finished.talk.contains("10 contents, 10 verdicts"))
            #expect(
                try rows(
                    program, "SELECT content_id, run_id FROM model_classifications WHERE model_id = 'vader' ORDER BY 1")
                    == before)
            #expect(
                try rows(program, "SELECT count(*) FROM model_classifications WHERE model_id = 'second_vader'") == [
                    ["10"]
                ])
        }
    }

    @Test func `a dry run lists previews, starts no worker and writes nothing`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...12, words: 40))
            var broken = program
            broken.environment["VOLFEFE_PYTHON"] = "/bin/false"
            let unstored = try await broken.run("classify", "--file", "posts.jsonl", "--dry-run")
            #expect(unstored.status == 0)
            #expect(unstored.lines.count == 12)
            #expect(!program.exists("volfefe.db"))
            try await program.run("ingest", "posts.jsonl")
            let listed = try await broken.run("classify", "-a", "-d")
            #expect(listed.status == 0)
            #expect(listed.lines.count == 12)
            #expect(listed.lines[0].hasPrefix("[1] post 1 is terrible word"))
            #expect(listed.lines[0].contains("…"))
            #expect(try rows(program, "SELECT count(*) FROM runs") == [["0"]])
        }
    }

    @Test func `ids that do not exist and contents without text are reported and the rest is done`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...3) + #"{"id": 4, "text": ""}"# + "\n")
            try await program.run("ingest", "posts.jsonl")
            let finished = try await program.run(
                "classify", "--ids", "1,3,4,99", "--model", "vader", input: "ignored: a selection wins")
            #expect(finished.status == 1)
            #expect(finished.talk.contains("99"))
            #expect(finished.talk.contains("no text"))
            let again = try await program.run("classify", "--ids", "1,99", "--model", "vader", "--json")
            #expect(again.status == 1)
            #expect(again.output.contains(#""unknown_ids":[99]"#))
            #expect(try rows(program, "SELECT content_id FROM model_classifications ORDER BY 1") == [["1"], ["3"]])
        }
    }

    @Test func `without a selection and without a pipe the first ten are done`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...25))
            try await program.run("ingest", "posts.jsonl")
            for _ in 0..<2 { #expect(try await program.run("classify", "--model", "vader").status == 0) }
            #expect(try rows(program, "SELECT max(content_id), count(*) FROM model_classifications") == [["20", "20"]])
        }
    }

    @Test(arguments: [(9, -9), (2, 130), (15, 143)] as [(Int32, Int32)])
    func `a run that is ended in the middle keeps what it has and another completes it`(signal: Int32, status: Int32)
        async throws
    {
        try await Program.inFreshFolder { program in
            let all = 5000
            try program.write("posts.jsonl", posts(1...all))
            try await program.run("ingest", "posts.jsonl")
            // A line for each: more than the pipe holds, so the run cannot end before somebody reads and sends the signal.
            let ended = try await program.run(
                ["classify", "--all", "--model", "vader", "-v"], signal: .init(rawValue: signal),
                afterLines: 300,
                prefix: "✓")
            #expect(ended.status == status)
            let kept = try #require(Int(try rows(program, "SELECT count(*) FROM model_classifications")[0][0]))
            #expect(kept > 0 && kept < all)
            #expect(try await program.run("classify", "--all", "--model", "vader").status == 0)
            #expect(
                try rows(program, "SELECT count(*), count(DISTINCT content_id) FROM model_classifications") == [
                    ["\(all)", "\(all)"]
                ])
            #expect(try rows(program, "PRAGMA integrity_check") == [["ok"]])
        }
    }

    @Test func `the same version label with other weights is refused, naming both`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", posts(1...2))
            try await program.run("classify", "--file", "posts.jsonl", "--model", "vader")
            let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
            try await queue.write { try $0.execute(sql: "UPDATE model_versions SET revision = 'sha256:feed'") }
            let finished = try await program.run("classify", "--all", "--force", "--model", "vader")
            #expect(finished.status == 78)
            #expect(finished.talk.contains("sha256:feed"))
            #expect(finished.talk.contains("sha256:2db5ab2e"))
        }
    }

    @Test func `bad records are named by line and the good ones are kept`() async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "posts.jsonl", posts(1...2) + "{\"id\": 3,\n" + #"{"id": 4, "text": 5}"# + "\n" + posts(5...5))
            let finished = try await program.run("ingest", "posts.jsonl")
            #expect(finished.status == 1)
            #expect(finished.talk.contains("posts.jsonl:3"))
            #expect(finished.talk.contains("posts.jsonl:4"))
            #expect(try rows(program, "SELECT count(*) FROM contents") == [["3"]])
            #expect(try await program.run("ingest", "posts.jsonl", "--strict").status == 65)
            #expect(try await program.run("ingest", "nowhere.jsonl").status == 66)
        }
    }
}
