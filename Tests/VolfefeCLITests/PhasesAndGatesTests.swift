import Foundation
import GRDB
import Testing

/// Phases and gates through the program: the real binary, real phases, scripted models.
@Suite struct PhasesAndGatesTests {
    private struct PrintedPhase: Decodable {
        let phase, state: String
        let due, done, pending, failed: Int?
        let coverage: Double?
    }

    private struct PrintedGate: Decodable {
        let gate, verdict: String
        let source, why: String?
        let value: Double?
        let threshold: Double
    }

    private func withPosts(
        _ settings: String = "", texts: [String], _ body: (Program) async throws -> Void
    ) async throws {
        let quick = "job_poll: 20ms\njob_backoff: 10ms\nbackoff_initial: 10ms\n" + settings
        try await Program.withScriptedModels(quick) { program in
            let lines = texts.enumerated().map { place, text in
                #"{"id": \#(place + 1), "text": "\#(text)", "created_at": "2026-11-0\#(place % 9 + 1)T08:00:00Z"}"#
            }
            try program.write("posts.jsonl", lines.joined(separator: "\n") + "\n")
            #expect(try await program.run("ingest", "posts.jsonl", "--source", "demo", "--no-phases").status == 0)
            try await body(program)
        }
    }

    private let posts = ["GM and $TSLA: good for Michigan, says President Trump", "The border is a disgrace", "GREAT!"]

    private func phases(_ program: Program, _ arguments: String...) async throws -> [String: PrintedPhase] {
        let finished = try await program.run(["phases", "--json"] + arguments, bytes: nil)
        #expect(finished.status == 0, "\(finished.talk)")
        let list = try JSONDecoder().decode([PrintedPhase].self, from: Data(finished.output.utf8))
        return Dictionary(uniqueKeysWithValues: list.map { ($0.phase, $0) })
    }

    private func gates(_ program: Program, _ arguments: String...) async throws -> (Int32, [String: PrintedGate]) {
        let finished = try await program.run(["gates", "--json"] + arguments, bytes: nil)
        let list = try JSONDecoder().decode([PrintedGate].self, from: Data(finished.output.utf8))
        return (
            finished.status,
            Dictionary(uniqueKeysWithValues: list.map { ($0.gate + ($0.source.map { ":" + $0 } ?? ""), $0) })
        )
    }

    private func rows(_ program: Program, _ sql: String) throws -> [String] {
        let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { "\($0)".replacing("\"", with: "") }.joined(separator: "|")
            }
        }
    }

    @Test func `a phase does what is missing, and the same command again nothing`() async throws {
        try await withPosts(texts: posts) { program in
            let before = try await phases(program)
            #expect(before.count == 8)
            #expect(before["language"]?.pending == 3 && before["sentiment"]?.coverage == 0)
            let run = try await program.run("phases", "run", "sentiment", "language", "entities")
            #expect(run.status == 0, "\(run.talk)")
            #expect(run.talk.contains("language: 3 contents in"))
            #expect(run.talk.contains("sentiment: 3 contents in"))
            let after = try await phases(program, "--source", "demo")
            for name in ["language", "entities", "sentiment"] {
                #expect(after[name]?.done == 3 && after[name]?.coverage == 1, "\(name)")
            }
            #expect(after["ner"]?.pending == 3)
            let again = try await program.run("phases", "run", "language", "sentiment", "--json")
            #expect(again.status == 0)
            #expect(
                again.talk.contains("language: nothing was missing")
                    && again.talk.contains("sentiment: nothing was missing"))
            #expect(again.output.contains(#""done":0,"failed":0,"phase":"language""#))
            let forced = try await program.run("phases", "run", "language", "--force")
            #expect(forced.talk.contains("language: 3 contents in"))
            // Nothing is outdated: the method is the same.
            let outdated = try await program.run("phases", "run", "language", "--outdated")
            #expect(outdated.talk.contains("language: nothing was missing"))
            #expect(try rows(program, "SELECT entity FROM content_entities WHERE entity = 'Tesla'") == ["Tesla"])
        }
    }

    @Test func `a phase that is killed goes on where it stopped, and repeats nothing`() async throws {
        let all = 12_000
        try await withPosts(texts: (1...all).map { "post \($0): the trade deal is great for the country" }) { program in
            let chunked = ["--set", "phases.chunk=100"]
            let killed = try await program.runUntilStored(
                1000, in: "content_phases", "phases", "run", "language", chunked[0], chunked[1])
            #expect(killed.status == -9)
            let kept = try #require(try await phases(program)["language"]?.done)
            #expect(kept >= 1000 && kept < all && kept.isMultiple(of: 100))
            let finished = try await program.run(["phases", "run", "language"] + chunked, bytes: nil)
            #expect(finished.status == 0)
            #expect(finished.talk.contains("language: \((all - kept) / 1000),"))
            #expect(
                try rows(program, "SELECT count(*), sum(attempts), count(DISTINCT content_id) FROM content_phases")
                    == ["\(all)|\(all)|\(all)"])
        }
    }

    @Test func `one phase that fails does not stop the others, and is said`() async throws {
        try await withPosts(texts: posts) { program in
            // Two bands that overlap are refused by the program of the phase, or its packages are missing.
            let broken = ["--set", "phases.resolve.accept=0.1"]
            let run = try await program.run(["phases", "run", "resolve", "analytics"] + broken, bytes: nil)
            #expect(run.status == 1)
            #expect(run.talk.contains("resolve failed: "))
            #expect(run.talk.contains("analytics: 3 contents in"))
            let alone = try await program.run(["phases", "run", "resolve"] + broken, bytes: nil)
            #expect(alone.status == 78 || alone.status == 66)
            #expect(alone.talk.hasPrefix("volfefe: "))
        }
    }

    @Test func `a verdict that fails is listed with its model, and the status is 1`() async throws {
        try await withPosts(texts: ["good", "a #crash b"]) { program in
            let run = try await program.run("phases", "run", "sentiment")
            #expect(run.status == 1, "\(run.talk)")
            #expect(run.talk.contains("it failed on 1: volfefe phases failed sentiment"))
            let failed = try await program.run("phases", "failed", "sentiment", "--csv")
            #expect(failed.lines.first == "content,source,phase,model,attempts,code,message,at")
            #expect(
                failed.lines.dropFirst().allSatisfy { $0.hasPrefix("2,demo,sentiment,") && $0.contains(",poison,") })
            #expect(failed.lines.count >= 2)
            let status = try await phases(program)["sentiment"]
            #expect(status?.done == 1 && status?.failed == 1 && status?.pending == 0)
            #expect(try await program.run("phases", "failed", "ner").output == "no phase has failed on a content\n")
        }
    }

    @Test func `what does not exist is named with what does`() async throws {
        try await withPosts(texts: ["good"]) { program in
            let phase = try await program.run("phases", "run", "topic")
            #expect(phase.status == 64)
            #expect(phase.talk.contains("\"topic\" is no phase; did you mean topics?"))
            let source = try await program.run("phases", "run", "language", "--source", "demi")
            #expect(source.status == 66)
            #expect(source.talk.contains("there is no source \"demi\""))
            #expect(try await program.run("phases", "--source", "demi").status == 66)
            #expect(try await program.run("gates", "--source", "demi").status == 66)
            let set = try await program.run("phases", "--set", "phases.topics.sead=1")
            #expect(set.status == 78)
            #expect(set.talk.contains("did you mean `seed`?"))
            #expect(try await program.run("phases", "--set", "nothing").status == 64)
            var typo = program
            typo.environment["VOLFEFE_GATES__BAKLOG"] = "1"
            let variable = try await typo.run("gates")
            #expect(variable.status == 78)
            #expect(variable.talk.contains("VOLFEFE_GATES__BAKLOG: `baklog` is no gate; did you mean `backlog`?"))
        }
    }

    @Test func `a setting is shown with its origin, and a file is checked by its name`() async throws {
        try await withPosts(texts: ["good"]) { program in
            var program = program
            program.environment["VOLFEFE_SOURCES__demo__MODE"] = "full"
            let shown = try await program.run(
                "config", "show", "sources.demo", "--origin", "--set", "sources.demo.phases.ner=false", "--json")
            #expect(
                shown.output == #"[{"key":"sources.demo.mode","origin":"VOLFEFE_SOURCES__demo__MODE","value":"full"},"#
                    + #"{"key":"sources.demo.phases.ner","origin":"--set sources.demo.phases.ner","value":"false"}]"#
                    + "\n")
            #expect(try await program.run("config", "show", "sourcs").talk.contains("did you mean `sources`?"))
            try program.write("other.yaml", "gates:\n  backlog: many\n")
            let checked = try await program.run("config", "check", "other.yaml")
            #expect(checked.status == 78)
            #expect(checked.talk.contains("other.yaml:2: `gates.backlog` must be a whole number from 0, or off."))
        }
    }

    @Test func `a missed gate is status 1, and the alert command is run once for each change`() async throws {
        let alert =
            #"alert_command: "cat >> alerts.jsonl; echo $VOLFEFE_GATE $VOLFEFE_GATE_PREVIOUS $VOLFEFE_GATE_VERDICT $VOLFEFE_GATE_THRESHOLD >> alerts.txt""#
        let off = "gates: {required_fields: off, integrity: 0, oldest_pending: off, backlog: 1000}\n"
        try await withPosts(off + alert, texts: posts) { program in
            func alerts() -> [String] {
                let text = try? String(contentsOf: program.folder.appending(path: "alerts.txt"), encoding: .utf8)
                return text?.split(separator: "\n").map(String.init) ?? []
            }
            let (missed, first) = try await gates(program)
            #expect(missed == 1)
            #expect(first["sentiment_coverage"]?.verdict == "fail" && first["sentiment_coverage"]?.value == 0)
            #expect(first["integrity"]?.verdict == "pass" && first["topic_coherence"]?.verdict == "unknown")
            #expect(first["required_fields"] == nil)
            #expect(alerts() == ["sentiment_coverage unknown fail 0.95"])
            _ = try await gates(program)
            #expect(alerts().count == 1)
            #expect(try await program.run("phases", "run", "sentiment").status == 0)
            let (passed, second) = try await gates(program)
            #expect(passed == 0 && second["sentiment_coverage"]?.verdict == "pass")
            #expect(alerts() == ["sentiment_coverage unknown fail 0.95", "sentiment_coverage fail pass 0.95"])
            let lines = try String(contentsOf: program.folder.appending(path: "alerts.jsonl"), encoding: .utf8)
            #expect(lines.contains(#""previous":"fail","#) && lines.split(separator: "\n").count == 2)
            #expect(try await gates(program, "--strict").0 == 1)
            // A command that fails is said, and the verdict stays.
            let broken = try await program.run("gates", "--set", "gates.backlog=0", "--alert-command", "exit 3")
            #expect(broken.status == 1)
            #expect(broken.talk.contains("the alert command for the gate backlog ended with status 3"))
            #expect(alerts().count == 2)
            let table = try await program.run("gates")
            #expect(table.output.contains("≥ 0.950") && table.output.contains("≤ 1,000"))
        }
    }

    @Test func `work runs phases and looks at gates when jobs say so`() async throws {
        let settings = """
            sources: {demo: {schedules: {sentiment: "0 4 * * *"}, time_zone: Europe/Berlin}}
            gates: {required_fields: off, oldest_pending: off}
            alert_command: "echo $VOLFEFE_GATE $VOLFEFE_GATE_VERDICT >> alerts.txt"

            """
        try await withPosts(settings, texts: posts) { program in
            #expect(
                try await program.run("enqueue", "--phase", "language", "--source", "demo").output
                    == "1 job put in (run 1)\n")
            #expect(
                try await program.run("enqueue", "--phase", "language", "--source", "demo").output.contains(
                    "was in the queue already"))
            #expect(try await program.run("enqueue", "--phase", "entities").status == 0)
            #expect(try await program.run("enqueue", "--phase", "ner", "--since", "7d").status == 64)
            #expect(
                try await program.run("enqueue", "--phase", "ner", "--set", "phases.ner.enabled=false").status == 78)
            #expect(try await program.run("cron", "add", "watch", "@yearly", "--gates").status == 0)
            #expect(
                try await program.run("cron", "add", "names", "@yearly", "--phase", "ner", "--source", "demo").status
                    == 0)
            #expect(try await program.run("cron", "run", "watch").status == 0)
            let worked = try await program.run("work", "--until-empty")
            #expect(worked.status == 0, "\(worked.talk)")
            #expect(
                try rows(program, "SELECT kind, queue, state, reason FROM jobs ORDER BY kind, id") == [
                    "gates|default|completed|missed: sentiment_coverage", "phase|phases|completed|3 contents",
                    "phase|phases|completed|3 contents",
                ])
            #expect(
                try String(contentsOf: program.folder.appending(path: "alerts.txt"), encoding: .utf8)
                    == "sentiment_coverage fail\n")
            // The schedule of the source is a cron entry; run, it puts in what is missing.
            let entries = try await program.run("cron", "list", "--csv")
            #expect(entries.output.contains("sentiment:demo,0 4 * * *,Europe/Berlin,one,phase,phases,"))
            #expect(
                entries.output.contains("names,0 0 1 1 *,UTC,one,phase,phases,")
                    || entries.output.contains("names,@yearly,UTC,one,phase,phases,"))
            #expect(try await program.run("cron", "run", "sentiment:demo").status == 0)
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(
                try rows(program, "SELECT count(*) FROM jobs WHERE kind = 'classify' AND state = 'completed'") == ["3"])
            #expect(try await phases(program)["sentiment"]?.coverage == 1)
        }
    }
}
