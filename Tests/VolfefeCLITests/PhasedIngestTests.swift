import Foundation
import GRDB
import Testing

/// What a person sees of `volfefe ingest`: the real program, real phases, real SQLite.
@Suite struct PhasedIngestTests {
    private struct PrintedReport: Decodable {
        struct Findings: Decodable {
            struct Language: Decodable {
                let language: String?
                let contents: Int
            }
            struct Entity: Decodable {
                let name, type: String
                let contents: Int
            }
            let annotated: Int
            let languages: [Language]
            let entities: [Entity]
        }
        let file: String
        let inserted: Int
        let findings: Findings
    }

    private func rows(_ program: Program, _ sql: String) throws -> [[String]] {
        let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { "\($0)".replacing("\"", with: "") }
            }
        }
    }

    private static let posts = """
        {"id": 1, "text": "GM and $TSLA: good for Michigan, says President Trump"}
        {"id": 2, "text": "<p>Die Börse schloss heute deutlich tiefer.</p>"}
        {"id": 3, "text": "https://t.co/x"}
        {"id": 4, "text": null}

        """

    @Test func `a file is there with its languages and names when the command ends`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", Self.posts)
            let finished = try await program.run("ingest", "posts.jsonl", "--source", "demo", "--json")
            #expect(finished.status == 0)
            let report = try JSONDecoder().decode(PrintedReport.self, from: Data(finished.output.utf8))
            #expect(report.inserted == 4)
            #expect(report.findings.annotated == 3)
            #expect(Set(report.findings.languages.map(\.language)) == ["en", "de", nil])
            #expect(
                report.findings.entities.map(\.name) == ["Donald Trump", "General Motors", "Michigan", "Tesla"])
            #expect(finished.talk.contains("languages: "))
            #expect(finished.talk.contains("Donald Trump 1"))
            #expect(
                try rows(
                    program, "SELECT entity, ticker, source FROM content_entities WHERE type = 'company' ORDER BY 1")
                    == [["General Motors", "GM", "demo"], ["Tesla", "TSLA", "demo"]])
            // Offsets are those of SQLite.
            #expect(
                try rows(
                    program,
                    """
                    SELECT substr(c.text, e.start + 1, e."end" - e.start) FROM content_entities AS e
                    JOIN contents AS c ON c.id = e.content_id ORDER BY e.start
                    """) == [["GM"], ["$TSLA"], ["Michigan"], ["President Trump"]])
        }
    }

    @Test func `a file that fails does not stop the others, and the status says so`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("a.jsonl", #"{"id": 1, "text": "one is here"}"# + "\n")
            try program.write("b.jsonl", #"{"id": 1, "text": "two is here"}"# + "\n")
            let finished = try await program.run("ingest", "a.jsonl", "nowhere.jsonl", "b.jsonl", "--json")
            #expect(finished.status == 1)
            #expect(finished.talk.contains("cannot read nowhere.jsonl"))
            #expect(finished.lines.count == 2)
            #expect(try rows(program, "SELECT count(*) FROM contents") == [["2"]])
            #expect(try await program.run("ingest", "nowhere.jsonl").status == 66)
            #expect(try await program.run("ingest", "nowhere.jsonl", "nor.jsonl").status == 66)
        }
    }

    @Test func `without Python everything is stored, and what is pending is said once`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", Self.posts)
            var bare = program
            bare.environment["VOLFEFE_PYTHON"] = "/nowhere/python"
            let finished = try await bare.run("ingest", "posts.jsonl")
            #expect(finished.status == 0)
            #expect(finished.talk.components(separatedBy: "stay pending").count == 2)
            #expect(try rows(program, "SELECT count(*) FROM contents") == [["4"]])
            #expect(try rows(program, "SELECT count(*) FROM content_phases") == [["0"]])
            let again = try await program.run("ingest", "posts.jsonl")
            #expect(again.talk.contains("4 known already"))
            #expect(try rows(program, "SELECT count(*) FROM content_phases WHERE state = 'done'") == [["6"]])
        }
    }

    @Test func `a Python that does not work is said with its last words, and everything is stored`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", Self.posts)
            var broken = program
            broken.environment["VOLFEFE_PYTHON"] = "/bin/false"
            broken.environment["VOLFEFE_BACKOFF_INITIAL"] = "1ms"
            let finished = try await broken.run("ingest", "posts.jsonl")
            #expect(finished.status == 1)
            #expect(finished.talk.contains("exited with status 1"))
            #expect(try rows(program, "SELECT count(*) FROM contents") == [["4"]])
        }
    }

    @Test func `with --no-phases only the contents are stored`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("posts.jsonl", Self.posts)
            let finished = try await program.run("ingest", "posts.jsonl", "--no-phases")
            #expect(finished.status == 0)
            #expect(try rows(program, "SELECT count(*), count(text) FROM contents") == [["4", "3"]])
            #expect(try rows(program, "SELECT count(*) FROM content_phases") == [["0"]])
        }
    }

    @Test func `in full mode verdicts and further names are there too`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("volfefe.yaml", "models:\n" + Self.onlyVader)
            try program.write("posts.jsonl", Self.posts)
            let finished = try await program.run("ingest", "posts.jsonl", "--mode", "full")
            #expect(finished.status == 0)
            #expect(
                try rows(program, "SELECT phase, count(*) FROM phase_status WHERE state = 'done' GROUP BY 1 ORDER BY 1")
                    == [["entities", "3"], ["language", "3"], ["ner", "3"], ["resolve", "3"], ["stories", "3"]])
            #expect(try rows(program, "SELECT count(*) FROM classifications WHERE error_code IS NULL") == [["3"]])
            #expect(try rows(program, "SELECT count(*) FROM claims") == [["0"]])
        }
    }

    /// The shipped registry with everything but VADER switched off.
    private static let onlyVader = ["minilm_finance", "minilm_general", "minilm_social"]
        .map { "  - {id: \($0), enabled: false}\n" }.joined()

    @Test func `killed in the middle, the same command does the rest and repeats nothing`() async throws {
        try await Program.inFreshFolder { program in
            let all = 4000
            let posts = (1...all).map { #"{"id": \#($0), "text": "post \#($0): Nvidia of California is great"}"# }
            try program.write("posts.jsonl", posts.joined(separator: "\n") + "\n")
            let half = posts.prefix(all / 2).joined(separator: "\n") + "\n"
            let killed = try await program.runUntilStored(
                600, reading: half, "ingest", "-", "--source", "posts", "--set", "phases.chunk=100")
            #expect(killed.status == -9)
            #expect(await areGone(startedIn: program.folder))
            let kept = try #require(Int(try rows(program, "SELECT count(*) FROM contents")[0][0]))
            #expect(kept >= 600 && kept < all)
            // Each content came with everything that was found in it.
            #expect(
                try rows(program, "SELECT count(*), count(DISTINCT content_id) FROM content_phases") == [
                    ["\(2 * kept)", "\(kept)"]
                ])
            let before = try rows(program, "SELECT max(finished_at) FROM content_phases")[0][0]
            let finished = try await program.run("ingest", "posts.jsonl", "--json")
            #expect(finished.status == 0)
            let report = try JSONDecoder().decode(PrintedReport.self, from: Data(finished.output.utf8))
            #expect(report.inserted == all - kept)
            #expect(report.findings.annotated == all - kept)
            #expect(
                try rows(program, "SELECT count(*) FROM content_phases WHERE finished_at <= \(before)") == [
                    ["\(2 * kept)"]
                ])
            #expect(
                try rows(program, "SELECT count(*), sum(attempts) FROM content_phases") == [
                    ["\(2 * all)", "\(2 * all)"]
                ])
            #expect(try rows(program, "SELECT count(*) FROM mentions") == [["\(2 * all)"]])
            #expect(try rows(program, "PRAGMA integrity_check") == [["ok"]])
        }
    }

    /// Whether no process is left that has a run's environment, or none is a moment later.
    private func areGone(startedIn folder: URL) async -> Bool {
        let mark = "XDG_CONFIG_HOME=\(folder.path)"
        let deadline = ContinuousClock.now + .seconds(10)
        while ContinuousClock.now < deadline {
            let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
            let left = entries.compactMap { Int32($0) }.filter { pid in
                guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")) else {
                    return false
                }
                return String(decoding: environment, as: UTF8.self).contains(mark)
            }
            if left.isEmpty { return true }
            await Task.yield()
        }
        return false
    }
}
