import Foundation
import Testing

/// `models prepare` and `models list`: what was measured, what was chosen, and what runs.
@Suite struct EngineChoiceTests {
    private struct Step: Decodable {
        struct Candidate: Decodable {
            let engine, verdict: String
            let precision: String?
            let label_agreement, mean_delta, ms_per_text: Double?
        }
        let type, model: String
        let engine, precision, choice, why: String?
        let candidates: [Candidate]?
    }

    private struct Listed: Decodable {
        struct Runs: Decodable { let engine, precision, choice: String? }
        let id: String
        let active: Bool
        let runs: Runs?
    }

    private static let anyEngine = """
        models:
          - {id: minilm_social, engine: auto, precision: null}
          - {id: minilm_finance, enabled: false}
          - {id: minilm_general, enabled: false}
        """

    @Test func `prepare prints a table of engines and says what each model runs on`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("models", "prepare", "--model", "vader")
            #expect(finished.status == 0)
            let table = finished.lines.drop { !$0.hasPrefix("model ") }
            #expect(table.first?.contains("mean |Δp|") == true)
            #expect(table.dropFirst().first?.split(separator: " ").map(String.init).last == "chosen")
            #expect(finished.output.contains("vader runs on lexicon fp32"))
        }
    }

    @Test func `an auto model runs on what prepare chose, as list shows without measuring anything`() async throws {
        try await Program.inFreshFolder { program in
            var program = program
            program.environment["XDG_CACHE_HOME"] = program.folder.path
            try program.write("volfefe.yaml", Self.anyEngine)
            try program.write("own.txt", (1...300).map { "Profits rose by \($0) %.\n" }.joined())
            let prepared = try await program.run(
                "models", "prepare", "--model", "minilm_social", "--texts", "own.txt", "--json")
            #expect(prepared.status == 0, "\(prepared.talk)")
            let steps = try prepared.lines.map { try JSONDecoder().decode(Step.self, from: Data($0.utf8)) }
            let step = try #require(steps.first)
            let candidates = try #require(step.candidates)
            let chosen = try #require(candidates.first { $0.verdict == "chosen" })
            #expect(steps.count == 1 && step.engine == chosen.engine && step.precision == chosen.precision)
            #expect(candidates.first?.engine == "onnxruntime")
            #expect(candidates.count == 1 || candidates.allSatisfy { $0.verdict == "failed" || $0.ms_per_text != nil })
            let listed = try await program.run("models", "list", "--json")
            let models = try JSONDecoder().decode([Listed].self, from: Data(listed.output.utf8))
            let social = try #require(models.first { $0.id == "minilm_social" })
            #expect(social.active && social.runs?.engine == step.engine && social.runs?.precision == step.precision)
            #expect(models.first { $0.id == "finbert" }?.active == false)
            let table = try await program.run("models", "list")
            #expect(table.lines.contains { $0.hasPrefix("minilm_social") && $0.contains(chosen.engine) })
            #expect(!table.talk.contains("minilm_social"), "nothing is left to measure")
        }
    }

    @Test func `texts that are not there or cannot be read end with 66 and 65, named`() async throws {
        try await Program.inFreshFolder { program in
            let missing = try await program.run("models", "prepare", "--model", "vader", "--texts", "none.txt")
            #expect(missing.status == 66 && missing.talk.contains("none.txt"))
            try program.write("bad.jsonl", "{\"text\": \"a\"}\n{\"body\": \"b\"}\n")
            let bad = try await program.run("models", "prepare", "--model", "vader", "--texts", "bad.jsonl")
            #expect(bad.status == 65 && bad.output.contains("bad.jsonl line 2"))
            let none = try await program.run("models", "prepare", "--model", "vader", "--database", "none.db")
            #expect(none.status == 66 && none.talk.contains("none.db"))
        }
    }
}
