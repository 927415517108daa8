import Foundation
import Testing

/// `consensus` and `redundancy` as a person asks for them, of verdicts of the scripted worker.
@Suite struct ConsensusTests {
    /// Three posts, judged by two models that always say the same.
    private func withVerdicts(_ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels { program in
            try program.write(
                "posts.jsonl",
                ["one", "two", "three"].enumerated().map {
                    #"{"id": "\#($0.offset)", "text": "\#($0.element)"}"# + "\n"
                }
                .joined())
            #expect(try await program.run("classify", "--file", "posts.jsonl", "--source", "posts").status == 0)
            try await body(program)
        }
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ finished: Finished) throws -> Value {
        try JSONDecoder().decode(type, from: Data(finished.output.utf8))
    }

    private struct Report: Decodable {
        struct Summary: Decodable {
            struct Model: Decodable {
                let model: String
                let weight: Double?
            }
            let contents, judged, ties, too_few, inexpressible: Int
            let models: [Model]
        }
        struct Content: Decodable {
            let content_id: Int
            let sentiment, reason: String?
            let confidence, agreement: Double?
            let models: Int
            let tied: [String]
            let scores: [String: Double]
        }
        struct Errors: Decodable {
            let iterations: Int
            let caution: String?
        }
        let name, method: String
        let stored: Bool
        let summary: Summary
        let contents: [Content]
        let dawid_skene: Errors?
    }

    @Test func `every method answers as a table, CSV and JSON, and without --store leaves the database as it was`()
        async throws
    {
        try await withVerdicts { program in
            for method in ["majority", "weighted", "dawid-skene", "v1.0"] {
                let report = try json(Report.self, try await program.run("consensus", "--method", method, "--json"))
                #expect(report.method == method && report.name.hasPrefix(method + "-") && !report.stored)
                #expect(report.summary.judged == 3 && report.contents.map(\.content_id) == [1, 2, 3])
                #expect(report.contents.allSatisfy { $0.sentiment != nil && $0.agreement == 1 && $0.models == 2 })
                #expect((report.dawid_skene != nil) == (method == "dawid-skene"))
                let table = try await program.run("consensus", "--method", method)
                #expect(table.status == 0 && table.lines.first?.hasPrefix(report.name) == true)
                #expect(table.output.contains("says the consensus") && table.output.contains("three"))
                let csv = try await program.run("consensus", "--method", method, "--csv", "--limit", "2")
                #expect(csv.lines.count == 3)
                #expect(
                    csv.lines[0].hasPrefix("content,text_version,sentiment,confidence,agreement,models,reason,tied"))
            }
            let estimated = try await program.run("consensus", "--method", "dawid-skene")
            #expect(estimated.output.contains("caution: two models cannot tell"))
            let kept = try await program.run("sql", "--csv", "SELECT count(*) FROM consensus_versions")
            #expect(kept.lines.last == "0")
        }
    }

    @Test func `--store keeps a version, once`() async throws {
        try await withVerdicts { program in
            for _ in 0..<2 {
                let finished = try await program.run("consensus", "--store", "--json")
                #expect(finished.status == 0 && finished.talk.contains("stored as majority-"))
                #expect(try json(Report.self, finished).stored)
            }
            let rows = try await program.run(
                "sql", "--csv", "SELECT count(DISTINCT consensus), count(*), sum(stale) FROM content_consensus")
            #expect(rows.lines.last == "1,3,0")
        }
    }

    @Test func `weights are shown, and those that cannot be are refused`() async throws {
        try await withVerdicts { program in
            let weighted = ["consensus", "--method", "weighted", "--json", "--weights"]
            let report = try json(Report.self, try await program.run(weighted + ["a=.2,b@1.0=3"], bytes: nil))
            #expect(report.summary.models.map(\.weight) == [0.2, 3])
            for weights in ["a", "a=", "a=much", "a=-1", "a=nan", "a=inf", "a=1,a=2", "=1", "c=1", "a=0,b=0"] {
                let finished = try await program.run(weighted + [weights], bytes: nil)
                #expect(finished.status == 64 && finished.output.isEmpty, "\(weights)")
            }
            for wrong in [
                ["--weights", "a=1"], ["--method", "vote"], ["--min-models", "0"], ["--min-models", "3"],
                ["--labels", "some"], ["--method", "v1.0", "--labels", "own"], ["--limit", "-1"],
                ["--models", "a,a@1.0"], ["--iterations", "5"],
                ["--method", "dawid-skene", "--iterations", "0"],
            ] {
                #expect(try await program.run(["consensus"] + wrong, bytes: nil).status == 64, "\(wrong)")
            }
            #expect(try await program.run("consensus", "--models", "nobody").status == 66)
        }
    }

    @Test func `redundancy has a row per model and says which is least missed`() async throws {
        try await withVerdicts { program in
            let table = try await program.run("redundancy")
            #expect(table.status == 0 && table.output.contains("least missed is"))
            #expect(table.output.contains("0.000 [0.000"))
            let csv = try await program.run("redundancy", "--method", "dawid-skene", "--csv")
            #expect(csv.lines.count == 3 && csv.lines[0].hasPrefix("model,contents,changed,changed_low"))
            struct Report: Decodable {
                struct Model: Decodable {
                    struct Figure: Decodable { let value: Double? }
                    struct Effort: Decodable { let total_ms: Double }
                    let model: String
                    let contents: Int
                    let changed, kappa: Figure
                    let effort: Effort
                }
                let models: [Model]
            }
            let report = try json(Report.self, try await program.run("redundancy", "--json"))
            #expect(Set(report.models.map(\.model)) == ["a@1.0", "b@1.0"])
            #expect(report.models.allSatisfy { $0.contents == 3 && $0.changed.value == 0 })
            #expect(try await program.run("redundancy", "--models", "a").status == 64)
        }
    }

    @Test func `without a database both say so, and make none`() async throws {
        try await Program.inFreshFolder { program in
            for question in [["consensus"], ["consensus", "--store"], ["redundancy"]] {
                let finished = try await program.run(question, bytes: nil)
                #expect(finished.status == 66 && finished.talk.contains("there is no database"))
            }
            #expect(!program.exists("volfefe.db"))
        }
    }
}
