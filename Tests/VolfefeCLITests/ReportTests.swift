import Foundation
import Testing

/// `volfefe report` as a person asks for it, of verdicts of the scripted worker.
@Suite struct ReportTests {
    private func withVerdicts(_ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels { program in
            let lines = (1...6).map { number in
                #"{"id": "\#(number)", "text": "text \#(number) <b>", "created_at": "2025-10-2\#(number)T12:00:00Z"}"#
                    + "\n"
            }
            try program.write("posts.jsonl", lines.joined())
            #expect(try await program.run("classify", "--file", "posts.jsonl", "--source", "posts").status == 0)
            try await body(program)
        }
    }

    @Test func `without a format it is Markdown on stdout, and nothing else is`() async throws {
        try await withVerdicts { program in
            let plain = try await program.run("report")
            #expect(plain.status == 0 && plain.output.hasPrefix("# What 2 models said\n"))
            #expect(plain.output.contains("## What to do next") && plain.talk.isEmpty)
            let asked = try await program.run("report", "--md")
            #expect(asked.lines.filter { !$0.contains("Made by") } == plain.lines.filter { !$0.contains("Made by") })
            let piped = try await program.run("report", "--html", "-")
            #expect(piped.output.hasPrefix("<!DOCTYPE html>") && piped.talk.isEmpty)
        }
    }

    @Test func `files are whole, and nothing is left beside them`() async throws {
        try await withVerdicts { program in
            let finished = try await program.run("report", "--html", "r.html", "--md", "r.md", "--json")
            #expect(finished.status == 0 && finished.talk.contains("wrote r.html") && finished.lines.count == 1)
            let html = try String(contentsOf: program.folder.appending(path: "r.html"), encoding: .utf8)
            #expect(html.hasPrefix("<!DOCTYPE html>") && html.hasSuffix("</html>\n"))
            #expect(!html.contains("<script") && !html.contains("http://") && !html.contains("https://"))
            let names = try FileManager.default.contentsOfDirectory(atPath: program.folder.path)
            #expect(!names.contains { $0.contains("unfinished") } && names.contains("r.md"))
        }
    }

    @Test func `a file that cannot be written ends with 74 and leaves the old one as it is`() async throws {
        try await withVerdicts { program in
            let missing = try await program.run("report", "--html", "nowhere/r.html")
            #expect(missing.status == 74 && missing.talk.contains("nowhere/r.html"))
            let folder = try await program.run("report", "--html", ".")
            #expect(folder.status == 74 && folder.talk.contains("is a folder"))
            try program.write("r.html", "old")
            #expect(try await program.run("report", "--html", "r.html", "--source", "nobody").status == 66)
            #expect(try String(contentsOf: program.folder.appending(path: "r.html"), encoding: .utf8) == "old")
        }
    }

    @Test func `JSON has every figure, and steps with their commands`() async throws {
        struct Report: Decodable {
            struct Contents: Decodable { let contents, with_text, duplicates: Int }
            struct Model: Decodable {
                let model_id: String
                let verdicts: Int
                let confidence_bins: [Int]
            }
            struct Step: Decodable {
                let step: String
                let command: [String]
            }
            let contents: Contents
            let models: [Model]
            let next_steps: [Step]
        }
        try await withVerdicts { program in
            let finished = try await program.run("report", "--json", "--since", "2025-10-23", "--until", "2025-10-25")
            let report = try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8))
            #expect(report.contents.contents == 2 && report.models.map(\.model_id) == ["a", "b"])
            #expect(report.models.allSatisfy { $0.verdicts == 2 && $0.confidence_bins.count == 20 })
            #expect(report.next_steps.contains { $0.step == "collect_more" && $0.command.first == "ingest" })
        }
    }

    @Test func `what cannot be meant is refused before anything is read`() async throws {
        try await withVerdicts { program in
            let refused: [[String]] = [
                ["--html", "-", "--json"], ["--md", "--json"], ["--html", "-", "--md"], ["--html", "x", "--md", "x"],
                ["--examples", "-1"], ["--since", "yesterday"], ["--models", "a,a"],
            ]
            for arguments in refused {
                #expect(try await program.run(["report"] + arguments, bytes: nil).status == 64, "\(arguments)")
            }
            let unknown = try await program.run("report", "--models", "nobody")
            #expect(unknown.status == 66 && unknown.talk.contains("there are: a@1.0, b@1.0"))
        }
        try await Program.inFreshFolder { program in
            let finished = try await program.run("report", "--html", "r.html")
            #expect(finished.status == 66 && finished.talk.contains("there is no database"))
            #expect(!program.exists("r.html") && !program.exists("volfefe.db"))
        }
    }

    @Test func `commands in it name the database that was asked for`() async throws {
        try await withVerdicts { program in
            let finished = try await program.run("report", "--database", "./volfefe.db")
            #expect(finished.output.contains("--database ./volfefe.db"))
        }
    }
}
