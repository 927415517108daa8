import Foundation
import Testing

/// Gold labels as a person brings them in and asks about them, of verdicts of the scripted worker.
@Suite struct GoldCommandTests {
    /// Thirty posts, judged by two models, two in three of them labelled.
    private func withLabels(_ body: (Program) async throws -> Void) async throws {
        try await Program.withScriptedModels { program in
            try program.write(
                "posts.jsonl",
                (1...30).map {
                    #"{"id": "p\#($0)", "text": "text number \#($0)", "created_at": "2025-\#($0 <= 15 ? "01" : "02")-10T12:00:00Z"}"#
                        + "\n"
                }.joined())
            #expect(try await program.run("classify", "--file", "posts.jsonl", "--source", "posts").status == 0)
            let words = ["positive", "neutral", "negative"]
            try program.write(
                "labels.csv",
                "external_id,source,label\n"
                    + (1...30).map { "p\($0),posts,\($0 > 24 ? "" : words[$0 % 3])\n" }.joined())
            let imported = try await program.run("gold", "import", "labels.csv", "--annotator", "kim")
            #expect(imported.status == 0, "\(imported.talk)")
            #expect(imported.talk.contains("24 labels read: 24 new, 0 known already, 6 records without a label"))
            try await body(program)
        }
    }

    private func json<Value: Decodable>(_ type: Value.Type, _ finished: Finished) throws -> Value {
        try JSONDecoder().decode(type, from: Data(finished.output.utf8))
    }

    private struct Figure: Decodable {
        let value, low, high: Double?
        let reason: String?
    }

    @Test func `importing again changes nothing, and bad lines end with 1, or 65 when strict`() async throws {
        try await withLabels { program in
            struct Report: Decodable { let new, changed, unchanged, problems: Int }
            let again = try json(
                Report.self, try await program.run("gold", "import", "labels.csv", "--annotator", "kim", "--json"))
            #expect((again.new, again.changed, again.unchanged) == (0, 0, 24))
            try program.write("bad.csv", "content_id,label\n1,glad\n2,positive\n")
            let bad = try await program.run("gold", "import", "bad.csv", "--annotator", "lee")
            #expect(bad.status == 1 && bad.talk.contains("bad.csv:2: the label \"glad\"") && bad.talk.contains("1 new"))
            #expect(try await program.run("gold", "import", "bad.csv", "--strict").status == 65)
            #expect(try await program.run("gold", "import", "nothing.csv").status == 66)
            #expect(try await program.run("gold", "import", "bad.csv", "--labels", "glad=joy").status == 64)
            #expect(try await program.run("gold", "import", "bad.csv", "--map", "colour=x").status == 64)
            let piped = try await program.run("gold", "import", "-", input: #"{"content_id": 3, "label": "neg"}"#)
            #expect(piped.status == 0 && piped.talk.hasPrefix("stdin") == false, "\(piped.talk)")
        }
    }

    @Test func `labels are listed and counted, and the list can be imported again`() async throws {
        try await withLabels { program in
            let stats = try await program.run("gold", "stats")
            #expect(stats.status == 0 && stats.output.contains("24 contents with a gold label"))
            #expect(stats.output.contains("kim"))
            let list = try await program.run("gold", "list", "--csv")
            #expect(
                list.lines.count == 25
                    && list.lines[0] == "content_id,source,external_id,label,annotator,stale,gold,text")
            try program.write("again.csv", list.output)
            let again = try await program.run("gold", "import", "again.csv")
            #expect(again.status == 0 && again.talk.contains("0 new, 24 known already"), "\(again.talk)")
            #expect(try await program.run("gold", "list", "--ties", "--json").output == "[]\n")
        }
    }

    @Test func `evaluate shows every model and their majority, as a table, CSV and JSON`() async throws {
        try await withLabels { program in
            struct Section: Decodable {
                let labels: String
                let contents: Int
                let accuracy, macro_f1, brier, ece: Figure
            }
            struct Row: Decodable {
                let model: String
                let group: String?
                let missing: Int
                let sections: [Section]
            }
            struct Evaluation: Decodable { let rows: [Row] }
            let evaluation = try json(Evaluation.self, try await program.run("evaluate", "--json"))
            #expect(evaluation.rows.map(\.model) == ["a@1.0", "b@1.0", "majority"])
            #expect(evaluation.rows.allSatisfy { $0.sections[0].labels == "all" && $0.group == nil })
            #expect(evaluation.rows[0].sections[0].contents == 24 && evaluation.rows[0].sections[0].accuracy.low != nil)
            #expect(evaluation.rows[2].sections[0].brier.reason != nil)
            let text = try await program.run("evaluate", "--reliability")
            #expect(text.output.contains("24 gold labels") && text.output.contains("macro-F1"))
            let months = try json(Evaluation.self, try await program.run("evaluate", "--by", "month", "--json"))
            #expect(Set(months.rows.compactMap(\.group)) == ["2025-01", "2025-02"])
            let csv = try await program.run("evaluate", "--by", "source", "--csv")
            #expect(csv.lines[0] == "source,model,labels,figure,sentiment,contents,value,low,high,reason")
            #expect(try await program.run("evaluate", "--by", "moon").status == 64)
            #expect(try await program.run("evaluate", "--calibration", "nobody").status == 66)
        }
    }

    @Test func `calibrate stores a calibration that evaluate uses`() async throws {
        try await withLabels { program in
            let first = try await program.run("calibrate", "--folds", "4")
            #expect(first.status == 0 && first.talk.contains("stored as temperature-"), "\(first.talk)")
            #expect(try await program.run("calibrate", "--folds", "4").talk.contains("was there already"))
            #expect(try await program.run("calibrate", "--name", "mine").status == 0)
            #expect(try await program.run("calibrate", "--name", "mine").status == 65)
            #expect(try await program.run("calibrate", "--name", "latest").status == 64)
            #expect(try await program.run("calibrate", "--folds", "1").status == 64)
            let evaluated = try await program.run("evaluate", "--calibration", "mine")
            #expect(evaluated.status == 0 && evaluated.output.contains("calibrated by mine"))
        }
    }

    @Test func `what to label next is a file to fill in and import`() async throws {
        try await withLabels { program in
            let next = try await program.run("gold", "next", "--csv", "--strategy", "random", "--top", "4")
            #expect(next.lines.count == 5 && next.lines[0].hasPrefix("content_id,label,text,score"))
            try program.write("todo.csv", next.output)
            let nothing = try await program.run("gold", "import", "todo.csv")
            #expect(nothing.status == 0 && nothing.talk.contains("4 records without a label"))
            try program.write("done.csv", next.output.replacing(",,", with: ",neutral,", maxReplacements: 1))
            #expect(try await program.run("gold", "import", "done.csv").talk.contains("1 new"))
            #expect(try await program.run("gold", "next").output.hasPrefix("5 contents"))
            #expect(try await program.run("gold", "next", "--strategy", "vote-entropy", "--json").status == 0)
            #expect(try await program.run("gold", "next", "--source", "elsewhere").status == 66)
            #expect(try await program.run("gold", "next", "--top", "0").status == 64)
        }
    }

    @Test func `drift compares two periods, and refuses what is none`() async throws {
        try await withLabels { program in
            let arguments = ["drift", "--reference", "2025-01", "--current", "2025-02..2025-03"]
            let text = try await program.run(arguments, bytes: nil)
            #expect(
                text.status == 0
                    && text.output.hasPrefix("reference 2025-01: 15 contents; current 2025-02..2025-03: 15"))
            #expect(text.output.contains("PSI") && text.output.contains("KS exact"))
            let csv = try await program.run(arguments + ["--csv"], bytes: nil)
            #expect(csv.lines.count == 5 && csv.lines[0].hasPrefix("model,of,psi,band"))
            #expect(try await program.run(arguments + ["--json"], bytes: nil).output.contains(#""without_date":0"#))
            #expect(try await program.run("drift", "--reference", "2025-13", "--current", "2025").status == 64)
            #expect(try await program.run("drift", "--reference", "2025-01", "--current", "2025").status == 64)
        }
    }

    @Test func `without labels every question says what to do, and makes no database`() async throws {
        try await Program.inFreshFolder { program in
            for question in [["gold", "stats"], ["gold", "list"], ["gold", "next"], ["evaluate"], ["calibrate"]] {
                let finished = try await program.run(question, bytes: nil)
                #expect(finished.status == 66 && finished.talk.contains("there is no database"), "\(finished.talk)")
            }
            try program.write("labels.csv", "id,label\n1,positive\n")
            #expect(try await program.run("gold", "import", "labels.csv").status == 66)
            #expect(!program.exists("volfefe.db"))
            try program.write("a.jsonl", #"{"text": "a"}"#)
            #expect(try await program.run("ingest", "a.jsonl").status == 0)
            #expect(try await program.run("evaluate").output.contains("there are no gold labels yet"))
            #expect(try await program.run("gold", "stats").output.contains("there are no gold labels yet"))
            #expect(try await program.run("calibrate").status == 1)
        }
    }

    @Test func `the shipped example says what it is`() async throws {
        let lines = try String(contentsOf: projectRoot.appending(path: "examples/labelled.jsonl"), encoding: .utf8)
            .split(separator: "\n")
        #expect(lines.count == 40)
        try await Program.inFreshFolder { program in
            let file = projectRoot.appending(path: "examples/labelled.jsonl").path
            #expect(try await program.run("ingest", file).status == 0)
            let imported = try await program.run("gold", "import", file)
            #expect(imported.status == 0 && imported.talk.contains("40 new"), "\(imported.talk)")
            #expect(try await program.run("gold", "stats", "--csv").lines[1] == "labelled,40,40,1.0,14,13,13")
        }
    }
}
