import Foundation
import Testing

/// Settings, models and the checks around them, through the program.
@Suite struct SettingsAndModelsTests {
    @Test func `a misspelt setting is named with its line and the nearest known one`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("volfefe.yaml", "batch_size: 8\nbatch_sise: 9\n")
            let finished = try await program.run("config", "check")
            #expect(finished.status == 78)
            #expect(finished.talk.contains("volfefe.yaml:2"))
            #expect(finished.talk.contains("`batch_size`"))
        }
    }

    @Test func `every setting is shown with where it comes from`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("volfefe.yaml", "batch_size: 8\n")
            var set = program
            set.environment["VOLFEFE_PROFILE"] = "hub"
            let shown = try await set.run("config", "show", "--origin", "--database", "here.db")
            func line(_ key: String) -> String { shown.lines.first { $0.hasPrefix(key + " ") } ?? "" }
            #expect(line("database").contains("here.db") && line("database").contains("--database"))
            #expect(line("profile").contains("hub") && line("profile").contains("VOLFEFE_PROFILE"))
            #expect(line("batch_size").contains("volfefe.yaml:1"))
            #expect(line("max_attempts").contains(projectRoot.path + "/volfefe.yaml:"))
        }
    }

    @Test func `missing weights of a hub model end with 66 and the command that fetches them`() async throws {
        try await Program.inFreshFolder { program in
            var bare = program
            bare.environment["XDG_CACHE_HOME"] = program.folder.path
            bare.environment["HF_HOME"] = program.folder.path
            let finished = try await bare.run(
                "classify", "--profile", "hub", "--model", "finbert", "-", input: "Profits rose.")
            #expect(finished.status == 66)
            #expect(finished.talk.contains("volfefe models prepare --profile hub"))
            #expect(finished.talk.contains(program.folder.path))
        }
    }

    @Test func `warmup shows load, first and second call of every model`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("warmup", "--json")
            struct Report: Decodable {
                struct Ready: Decodable {
                    struct Model: Decodable {
                        let id: String
                        let first_call_ms, second_call_ms: Double
                        let revision: String
                    }
                    let models: [Model]
                }
                let ready: Ready
            }
            let models = try JSONDecoder().decode(Report.self, from: Data(finished.output.utf8)).ready.models
            #expect(finished.status == 0)
            #expect(models.map(\.id) == ["minilm_finance", "minilm_general", "minilm_social", "vader"])
            #expect(
                models.allSatisfy { $0.first_call_ms > 0 && $0.second_call_ms > 0 && $0.revision.hasPrefix("sha256:") })
            #expect(try await program.run("models", "verify").status == 0)
            #expect(try await program.run("doctor").status == 0)
        }
    }

    @Test func `usage errors end with 64 and say what to give instead`() async throws {
        try await Program.inFreshFolder { program in
            for arguments in [
                ["classify", "--ids", "1,x"], ["classify", "--all", "--limit", "3"], ["classify", "posts.json"],
                ["classify", "--all", "--lines"], ["classify", "--limit", "0"],
                ["classify", "--all", "--model", "nobody"], ["nonsense"],
            ] {
                let finished = try await program.run(arguments, bytes: nil)
                #expect(finished.status == 64, "\(arguments)")
            }
        }
    }

    @Test func `a database that cannot be used is an error with its own status`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("text.db", String(repeating: "this is no database\n", count: 200))
            try program.write("posts.jsonl", "{\"id\": 1, \"text\": \"hello\"}\n")
            #expect(try await program.run("ingest", "posts.jsonl", "--database", "text.db").status == 65)
            #expect(try await program.run("ingest", "posts.jsonl", "--database", "no/such/folder/x.db").status == 66)
            #expect(try await program.run("classify", "--all", "--dry-run").status == 66)
            #expect(try await program.run("classify", "--all").status == 66)
            #expect(!program.exists("volfefe.db"))
        }
    }

    @Test func `the program finds its files from any folder and says where it looked`() async throws {
        try await Program.inFreshFolder { program in
            var elsewhere = program
            elsewhere.environment["VOLFEFE_ROOT"] = program.folder.path
            let finished = try await elsewhere.run("models", "list")
            #expect(finished.status == 66)
            #expect(finished.talk.contains("VOLFEFE_ROOT"))
            #expect(finished.talk.contains(program.folder.path))
        }
    }
}
