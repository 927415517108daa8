import Foundation
import Testing

/// `volfefe results import` as a person uses it.
@Suite struct ResultsImportTests {
    /// A line of a results file about a text, with one verdict of each model.
    private func line(
        _ id: String, _ text: String?, _ verdicts: [(model: String, scores: String)]
    ) -> String {
        let models = verdicts.map { #""\#($0.model)": {"model_version": "7", "meta": {"raw_scores": \#($0.scores)}}"# }
        let text = text.map { #""text": "\#($0)", "# } ?? ""
        return #"{"external_id": "\#(id)", \#(text)"models": {\#(models.joined(separator: ", "))}}"# + "\n"
    }

    private func line(_ id: String, _ verdicts: [(model: String, scores: String)]) -> String {
        line(id, "any", verdicts)
    }

    private let up = #"{"positive": 0.75, "neutral": 0.2, "negative": 0.05}"#
    private let down = #"{"positive": 0.25, "neutral": 0.05, "negative": 0.7}"#
    private let binary = #"{"positive": 0.9, "negative": 0.1}"#

    private func count(_ program: Program, _ what: String = "classifications") async throws -> String {
        try await program.run("sql", "--csv", "SELECT count(*) FROM \(what)").lines.last ?? ""
    }

    @Test func `a file makes contents, models, verdicts, facts of the texts and a run`() async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "gpu.jsonl",
                line("1", "Up! https://a.example", [("a", up), ("b", binary)])
                    + line("2", "https://b.example/c", [("a", down)]))
            let finished = try await program.run("results", "import", "gpu.jsonl")
            #expect(finished.status == 0, "\(finished.talk)")
            #expect(finished.talk.contains("b@7: labels [positive: positive, negative: negative], as observed"))
            #expect(finished.talk.contains("3 verdicts new, 0 known already, 2 contents new"))
            let rows = try await program.run(
                "sql", "--csv",
                """
                SELECT s.name, c.external_id, k.model_id, k.sentiment, k.confidence, k.engine IS NULL,
                    k.meta ->> '$.text_info.url_only' AS links, k.meta ->> '$.quality.score_margin' AS margin
                FROM model_classifications AS k JOIN contents AS c ON c.id = k.content_id
                JOIN sources AS s ON s.id = c.source_id ORDER BY k.id
                """)
            #expect(
                rows.lines.dropFirst() == [
                    "gpu,1,a,positive,0.75,1,0,0.55", "gpu,1,b,positive,0.9,1,0,0.8", "gpu,2,a,negative,0.7,1,1,0.45",
                ])
            let run = try await program.run(
                "sql", "--csv",
                """
                SELECT state, contents, succeeded, command, environment ->> '$.imported.file' AS file,
                    length(environment ->> '$.imported.sha256') AS digits, environment ->> '$.imported.records' AS records
                FROM runs
                """)
            #expect(run.lines.last == "finished,2,3,results import gpu.jsonl,gpu.jsonl,64,2")
            #expect(
                try await program.run("agreement", "--json").output.contains(#""sentiments":["positive","negative"]"#))
        }
    }

    @Test func `the same file again changes nothing, and begins no run`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("r.jsonl", line("1", [("a", up)]) + line("2", "else", [("a", down)]))
            try await program.run("results", "import", "r.jsonl")
            let before = try await program.run("sql", "--csv", "SELECT * FROM classifications, contents, runs").output
            let again = try await program.run("results", "import", "r.jsonl", "--json")
            #expect(again.status == 0 && again.output.contains(#""stored":0,"unchanged":2"#), "\(again.output)")
            #expect(again.talk.contains("as stored already"))
            #expect(
                try await program.run("sql", "--csv", "SELECT * FROM classifications, contents, runs").output == before)
        }
    }

    @Test func `another verdict is kept out unless it may replace`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("first.jsonl", line("1", [("a", up), ("b", up)]))
            try program.write("second.jsonl", line("1", [("a", down), ("b", up)]))
            try await program.run("results", "import", "first.jsonl", "--source", "s")
            let kept = try await program.run("results", "import", "second.jsonl", "--source", "s")
            #expect(kept.status == 1 && kept.talk.contains("second.jsonl:1: a@7 is stored with another verdict"))
            let query = "SELECT sentiment FROM model_classifications WHERE model_id = 'a'"
            #expect(try await program.run("sql", "--csv", query).lines == ["sentiment", "positive"])
            let replaced = try await program.run("results", "import", "second.jsonl", "--source", "s", "--replace")
            #expect(replaced.status == 0 && replaced.talk.contains("1 replaced"))
            #expect(try await program.run("sql", "--csv", query).lines == ["sentiment", "negative"])
        }
    }

    @Test func `bad lines are named with their remedy and skipped; with --strict nothing is stored`() async throws {
        try await Program.inFreshFolder { program in
            let bad = [
                "{broken", #"{"text": "t"}"#, #"{"models": {}}"#, line("3", [("a", #"{"positive": 2}"#)]),
                line("4", [("a", #"{"LABEL_1": 1}"#)]), line("5", [("a", #"{"positive": 0.4}"#)]),
                line("6", nil, [("a", up)]),
                #"{"text": "t", "models": {"a": {"model_version": "7", "sentiment": "negative", "raw_scores": \#(up)}}}"#,
                #"{"text": "t", "models": {"a": {"model_version": "7", "confidence": 0.1, "raw_scores": \#(up)}}}"#,
                #"{"text": "t", "models": {"a": {"raw_scores": \#(up)}}}"#,
                #"{"text": "t", "models": {"a": {"model_version": "7", "sentiment": "positive"}}}"#,
                #"{"text": "t", "text_info": {"sha256": "\#(String(repeating: "0", count: 64))"}, "models": {}}"#,
                #"{"text": "t", "models": {"a": {"model_version": "7", "raw_scores": \#(up), "latency_ms": -1}}}"#,
            ].map { $0.hasSuffix("\n") ? $0 : $0 + "\n" }
            try program.write("r.jsonl", line("1", [("a", up)]) + bad.joined() + line("2", "else", [("a", up)]))
            let strict = try await program.run("results", "import", "r.jsonl", "--strict")
            #expect(strict.status == 65 && !program.exists("volfefe.db"))
            let finished = try await program.run("results", "import", "r.jsonl", "--json")
            #expect(finished.status == 1)
            for (offset, words) in [
                "name in double quotes", "there is no `models`", "nothing says which text", "from 0 to 1",
                "scores there are by",
                "sum to 1", "no `text`", "not the one with the highest score", "not the score of its sentiment",
                "needs a `model_version`",
            ].enumerated() {
                #expect(
                    finished.talk.split(separator: "\n").contains {
                        $0.hasPrefix("r.jsonl:\(offset + 2)") && $0.contains(words)
                    },
                    "\(words): \(finished.talk)")
            }
            #expect(finished.output.contains(#""problems":13"#) && finished.output.contains(#""stored":2"#))
            #expect(!finished.talk.contains(#""t""#))
            #expect(try await count(program) == "2")
        }
    }

    @Test func `a dry run says what would be and makes no database`() async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "r.jsonl", line("1", [("a", up)]) + line("1", [("b", up)]) + line("2", "else", [("a", up)]))
            let dry = try await program.run("results", "import", "r.jsonl", "--dry-run")
            #expect(dry.status == 0 && !program.exists("volfefe.db"))
            #expect(dry.talk.contains("dry run, nothing was stored: 3 verdicts new, 0 known already, 2 contents new"))
            try program.write("one.jsonl", line("1", [("a", up)]))
            try await program.run("results", "import", "one.jsonl", "--source", "r")
            let second = try await program.run("results", "import", "r.jsonl", "--dry-run")
            #expect(second.talk.contains("2 verdicts new, 1 known already, 1 contents new"), "\(second.talk)")
            #expect(try await count(program) == "1")
        }
    }

    @Test func `what volfefe prints can be imported, by id, by text and by hash`() async throws {
        try await Program.withScriptedModels(flags: "--facts") { program in
            try program.write(
                "posts.jsonl", #"{"id": "x", "text": "one"}"# + "\n" + #"{"id": "y", "text": "two"}"# + "\n")
            let texts = try String(contentsOf: program.folder.appending(path: "posts.jsonl"), encoding: .utf8)
            let piped = try await program.run("classify", "--jsonl", input: texts)
            #expect(piped.status == 0, "\(piped.talk)")
            try program.write("results.jsonl", piped.output)
            try await program.run("ingest", "posts.jsonl", "--source", "posts")
            let byID = try await program.run("results", "import", "results.jsonl", "--source", "posts")
            #expect(byID.status == 0 && byID.talk.contains("4 verdicts new"), "\(byID.talk)")
            #expect(byID.talk.contains("as in the registry"))
            let classified = try await program.run("classify", "--all")
            #expect(classified.talk.contains("nothing to do"), "\(classified.talk)")
            // The weights, which the file did not tell, are those of the first run here.
            let query = "SELECT group_concat(DISTINCT revision = 'unknown') AS unknown FROM model_versions"
            #expect(try await program.run("sql", "--csv", query).lines.last == "1")
            #expect(try await program.run("classify", "--all", "--force").status == 0)
            #expect(try await program.run("sql", "--csv", query).lines.last == "0")
            // One text has no id at all, only its hash.
            let one = try await program.run("classify", input: "two")
            let byHash = try await program.run("results", "import", "-", input: one.output)
            #expect(byHash.status == 0 && byHash.talk.contains("2 known already"), "\(byHash.talk)")
            // What `--json` prints of stored contents.
            let stored = try await program.run("classify", "--ids", "1,2", "--json")
            let back = try await program.run("results", "import", "-", input: stored.output)
            #expect(back.status == 0 && back.talk.contains("4 known already"), "\(back.talk)")
            // Into an empty database nothing can go without texts.
            let elsewhere = try await program.run("results", "import", "results.jsonl", "--database", "other.db")
            #expect(elsewhere.status == 1 && elsewhere.talk.contains("no content has the text that was judged"))
        }
    }

    @Test func `an edited text is not given verdicts on the old one, and equal texts share them`() async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "p.jsonl",
                ["old", "same", "same"].enumerated().map { #"{"id": \#($0), "text": "\#($1)"}"# + "\n" }.joined())
            try await program.run("ingest", "p.jsonl", "--source", "p")
            try program.write(
                "r.jsonl",
                line("0", "new", [("a", up)])
                    + #"{"text": "same", "models": {"a": {"model_version": "7", "raw_scores": \#(up)}}}"#)
            let finished = try await program.run("results", "import", "r.jsonl", "--source", "p")
            #expect(finished.status == 1 && finished.talk.contains("r.jsonl:1: content 1 has another text"))
            let rows = try await program.run(
                "sql", "--csv", "SELECT content_id, reused_from FROM model_classifications")
            #expect(rows.lines.dropFirst() == ["2,", "3,2"])
        }
    }

    @Test func `labels are declared in a file or a header, and contradictions are refused`() async throws {
        try await Program.inFreshFolder { program in
            let raw = #"[{"label": "LABEL_0", "score": 0.2}, {"label": "LABEL_2", "score": 0.8}]"#
            let result = #"{"text": "t", "models": {"a": {"raw_model_output": \#(raw)}}}"# + "\n"
            try program.write("plain.jsonl", result)
            let plain = try await program.run("results", "import", "plain.jsonl")
            #expect(plain.status == 1 && plain.talk.contains("needs a `model_version`"))
            try program.write(
                "m.yaml",
                """
                models:
                  - {id: a, version: "7", revision: "sha256:abc", labels: {LABEL_0: negative, LABEL_1: neutral, LABEL_2: positive}}
                """)
            let declared = try await program.run("results", "import", "plain.jsonl", "--models", "m.yaml")
            #expect(declared.status == 0 && declared.talk.contains("LABEL_1: neutral, LABEL_2: positive], as declared"))
            let models =
                #"[{"id": "a", "version": "7", "engine": "tensorrt", "precision": "fp16", "labels": {"LABEL_0": "negative", "LABEL_2": "positive"}}]"#
            try program.write(
                "header.jsonl", #"{"models": \#(models), "environment": {"gpu": "H200"}}"# + "\n" + result)
            let contrary = try await program.run("results", "import", "header.jsonl")
            #expect(contrary.status == 78 && contrary.talk.contains("the labels of a have changed"), "\(contrary.talk)")
            let header = try await program.run("results", "import", "header.jsonl", "--database", "other.db")
            #expect(header.status == 0, "\(header.talk)")
            let rows = try await program.run(
                "sql", "--csv", "--database", "other.db",
                """
                SELECT k.sentiment, k.engine, k.precision, r.environment ->> '$.environment.gpu' AS gpu
                FROM model_classifications AS k JOIN runs AS r ON r.id = k.run_id
                """)
            #expect(rows.lines.last == "positive,tensorrt,fp16,H200")
            #expect(try await program.run("results", "import", "plain.jsonl", "--models", "no.yaml").status == 66)
            try program.write("bad.yaml", "models: [{id: a, version: 7, labels: {x: glad, y: negative}}]\n")
            #expect(try await program.run("results", "import", "plain.jsonl", "--models", "bad.yaml").status == 78)
        }
    }

    @Test func `quality that does not follow from the scores is reported, and what follows is stored`() async throws {
        try await Program.inFreshFolder { program in
            let quality = #"{"score_margin": 0.1, "entropy": 0.9, "flags": []}"#
            try program.write(
                "r.jsonl",
                #"{"text": "t", "models": {"a": {"model_version": "7", "raw_scores": \#(up), "quality": \#(quality)}}}"#
            )
            let finished = try await program.run("results", "import", "r.jsonl", "--json")
            #expect(finished.status == 0 && finished.output.contains(#""quality_differs":1"#))
            #expect(finished.talk.contains("r.jsonl:1: the quality of a@7 is not what its scores give"))
            let query = "SELECT meta ->> '$.quality.score_margin' AS margin FROM model_classifications"
            #expect(try await program.run("sql", "--csv", query).lines.last == "0.55")
        }
    }

    @Test func `files that are missing, empty or no JSON end with the right status`() async throws {
        try await Program.inFreshFolder { program in
            try program.write("empty.jsonl", "")
            try program.write("table.csv", "id,text\n1,a\n")
            let cases: [([String], Int32)] = [
                (["none.jsonl"], 66), (["empty.jsonl"], 65), (["table.csv"], 65), ([], 64),
                (["a", "--source", ""], 64),
            ]
            for (arguments, status) in cases {
                let finished = try await program.run(["results", "import"] + arguments, bytes: nil)
                #expect(finished.status == status, "\(arguments): \(finished.talk)")
            }
            #expect(!program.exists("volfefe.db"))
        }
    }
}
