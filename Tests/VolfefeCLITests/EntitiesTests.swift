import Foundation
import GRDB
import Subprocess
import Testing

/// Entities through the program: the real binary, the real dictionary.
@Suite struct EntitiesTests {
    /// Two sources with what the dictionary finds in them, and a name that waits for a person.
    private func withEntities(_ body: (Program) async throws -> Void) async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "posts.jsonl",
                """
                {"id": 1, "text": "$TSLA and General Motors build in Michigan."}
                {"id": 2, "text": "General Motors is hiring in Michigan, and GM Corporate too."}

                """)
            try program.write("news.jsonl", #"{"id": 1, "text": "Layoffs at General Motors"}"# + "\n")
            for file in ["posts.jsonl", "news.jsonl"] {
                let done = try await program.run("ingest", file)
                #expect(done.status == 0, "\(done.talk)")
            }
            try await queue(program).write { db in
                try db.execute(
                    sql: """
                        INSERT INTO phase_methods (id, phase, method, revision, inserted_at) VALUES (99, 'ner', 'm', 'r', 1);
                        INSERT INTO content_phases (content_id, phase, text_version, state, attempts, method_id, finished_at)
                        VALUES (2, 'ner', 1, 'done', 1, 99, 1);
                        INSERT INTO entity_names
                            (id, phase, type, name, state, method_id, confidence, why, candidates, decided_at)
                        SELECT 900, 'ner', 'company', 'GM Corporate', 'review', 99, 0.7, 'one has all words of the other, and more',
                            json_array(json_object('entity_id', id, 'score', 0.8, 'why', 'initials')), 1
                        FROM entities WHERE name = 'General Motors';
                        INSERT INTO mentions VALUES (2, 'ner', 42, 54, 900, 'kind', 0.7);
                        """)
            }
            try await body(program)
        }
    }

    private func queue(_ program: Program) throws -> DatabaseQueue {
        try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
    }

    /// The number in `decision 7: …`.
    private func decision(_ finished: Finished) throws -> String {
        let words = finished.talk.split(separator: " ")
        return String(try #require(words.count > 1 ? words[1].dropLast() : nil))
    }

    @Test func `list shows what is mentioned, and over which sources`() async throws {
        try await withEntities { program in
            let csv = try await program.run("entities", "list", "--csv")
            #expect(csv.status == 0)
            #expect(csv.lines.first == "entity,name,type,ticker,state,contents,mentions,names,sources")
            #expect(csv.lines.contains { $0.hasSuffix(",General Motors,company,GM,active,3,4,1,2") })
            #expect(csv.lines.contains { $0.hasSuffix(",Michigan,place,,active,2,2,1,1") })
            let across = try await program.run("entities", "--across")
            #expect(across.lines.count == 2)
            #expect(across.lines[1].contains("posts 2, news 1"))
            let json = try await program.run("entities", "list", "--type", "place", "--json")
            #expect(json.output.contains(#""name":"Michigan""#) && json.output.contains(#""ticker":null"#))
            #expect(try await program.run("entities", "list", "--source", "nowhere").status == 66)
            #expect(try await program.run("entities", "list", "--type", "planet").status == 64)
            #expect(try await program.run("entities", "list", "--search", "zzz").output.contains("no such entity"))
        }
    }

    @Test func `show has names, sources and decisions, and texts only when asked`() async throws {
        try await withEntities { program in
            let shown = try await program.run("entities", "show", "gm")
            #expect(shown.status == 0, "\(shown.talk)")
            #expect(shown.output.contains("General Motors") && shown.output.contains("news"))
            #expect(shown.output.contains("dictionary"))
            #expect(!shown.output.contains("Layoffs"))
            let texts = try await program.run("entities", "show", "General Motors", "--texts", "5")
            #expect(texts.output.contains("Layoffs at General Motors"))
            let json = try await program.run("entities", "show", "gm", "--json", "--texts", "1")
            #expect(json.output.contains(#""decisions":["#) && json.output.contains(#""texts":["#))
            #expect(try await program.run("entities", "show", "Atlantis").status == 66)
        }
    }

    @Test func `a conflict is listed, decided, logged and taken back`() async throws {
        try await withEntities { program in
            let conflicts = try await program.run("entities", "conflicts", "--csv")
            #expect(conflicts.lines.count == 2)
            #expect(conflicts.lines[1].hasPrefix("900,GM Corporate,company,0.7,1,"))
            #expect(conflicts.lines[1].contains("General Motors (0.80)"))
            let accepted = try await program.run("entities", "accept", "900", "--as", "kim")
            #expect(accepted.status == 0, "\(accepted.talk)")
            #expect(accepted.talk.contains("name 900 belongs to entity"))
            #expect(try await program.run("entities", "conflicts").output == "no name is in review\n")
            #expect(try await program.run("entities", "show", "gm").output.contains("GM Corporate"))
            let log = try await program.run("entities", "log", "--people", "--csv")
            #expect(log.lines.count == 2)
            #expect(log.lines[1].contains(",kim,accept,name 900 GM Corporate,review,linked to"))
            let undone = try await program.run("entities", "undo", try decision(accepted), "--json")
            #expect(undone.status == 0 && undone.output.contains(#""action":"undo""#))
            #expect(try await program.run("entities", "undo", try decision(accepted)).status == 1)
            let rejected = try await program.run("entities", "reject", "900")
            #expect(rejected.talk.contains("1 name rejected"))
            #expect(try await program.run("entities", "conflicts", "--json").output == "[]\n")
        }
    }

    @Test func `entities are merged and split`() async throws {
        try await withEntities { program in
            let merged = try await program.run("entities", "merge", "Tesla", "General Motors")
            #expect(merged.status == 0, "\(merged.talk)")
            #expect(try await program.run("entities", "list", "--state", "merged").output.contains("merged into"))
            let split = try await program.run(
                "entities", "split", "Tesla", "--names", "General Motors", "--called", "General Motors Co.")
            #expect(split.status == 0, "\(split.talk)")
            #expect(try await program.run("entities", "show", "General Motors Co.").status == 0)
            // What was split since stands in the way.
            let refused = try await program.run("entities", "undo", try decision(merged))
            #expect(refused.status == 1 && refused.talk.contains("stands in the way"))
            #expect(try await program.run("entities", "undo", try decision(split)).status == 0)
            #expect(try await program.run("entities", "undo", try decision(merged)).status == 0)
            #expect(try await program.run("entities", "reject", "--entity", "Tesla").status == 0)
            #expect(try await program.run("entities", "show", "Tesla").status == 66)
        }
    }

    @Test func `what cannot be decided changes nothing and says why`() async throws {
        try await withEntities { program in
            let both = try await program.run("entities", "accept", "900", "--into", "1", "--new")
            #expect(both.status == 64)
            #expect(try await program.run("entities", "accept", "12345").status == 66)
            #expect(try await program.run("entities", "reject").status == 64)
            #expect(try await program.run("entities", "reject", "900", "--as", "resolve").status == 64)
            #expect(try await program.run("entities", "undo", "4711").status == 66)
            #expect(try await program.run("entities", "conflicts").lines.count == 2)
            #expect(try await program.run("entities", "--database", "none.db").status == 66)
            #expect(!program.exists("none.db"))
        }
    }

    // MARK: - resolve

    /// Contents with one open name each, none like another.
    private func addPeople(_ count: Int, _ program: Program) throws {
        try queue(program).write { db in
            try db.execute(
                sql: """
                    INSERT INTO sources (id, name, inserted_at) VALUES (50, 'people', 1);
                    INSERT INTO phase_methods (id, phase, method, revision, inserted_at) VALUES (98, 'ner', 'm', 's', 1);
                    """)
            for number in 1...Int64(count) {
                let id = 1000 + number
                try db.execute(
                    sql: """
                        INSERT INTO contents (id, source_id, external_id, text_hash, inserted_at, updated_at, text)
                        VALUES (:id, 50, :id, randomblob(32), 1, 1, 'text');
                        INSERT INTO content_phases (content_id, phase, text_version, state, attempts, method_id, finished_at)
                        VALUES (:id, 'ner', 1, 'done', 1, 98, 1);
                        INSERT INTO entity_names (id, phase, type, name, state, method_id, confidence)
                        VALUES (:id, 'ner', 'person', :name, 'open', 98, 0.95);
                        INSERT INTO mentions VALUES (:id, 'ner', 0, 4, :id, 'plain', 0.95);
                        """, arguments: ["id": id, "name": Self.person(UInt64(number))])
            }
        }
    }

    private static func person(_ number: UInt64) -> String {
        func word(_ number: UInt64) -> String {
            var state = number &* 2_654_435_761 &+ 12345
            let letters = (0..<10).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Character(UnicodeScalar(UInt8(ascii: "a") + UInt8((state >> 33) % 26)))
            }
            return String(letters).capitalized
        }
        return "\(word(2 * number)) \(word(2 * number + 1))"
    }

    private func number(_ program: Program, _ sql: String) throws -> Int {
        try queue(program).read { db in try Int.fetchOne(db, sql: sql) ?? 0 }
    }

    @Test func `resolve that is killed between two chunks goes on where it stopped, and repeats nothing`() async throws
    {
        try await withEntities { program in
            let count = 1500
            try addPeople(count, program)
            let done = "SELECT count(*) FROM content_phases WHERE phase = 'resolve' AND content_id > 1000"
            let arguments = ["phases", "run", "resolve", "--source", "people", "--set", "phases.chunk=20"]
            let killed = try await Subprocess.run(
                program.launch(arguments), input: .none, output: .discarded, error: .discarded
            ) { execution in
                let deadline = ContinuousClock.now + .seconds(60)
                while try number(program, done) == 0, ContinuousClock.now < deadline { await Task.yield() }
                try execution.send(signal: .kill)
            }
            #expect(killed.terminationStatus.code == -9)
            let committed = try number(program, done)
            #expect(committed > 0 && committed < count && committed.isMultiple(of: 20))
            let logged = "SELECT count(*) FROM entity_decisions WHERE actor = 'resolve'"
            #expect(try number(program, logged) == 2 * committed)
            let first = try number(program, "SELECT max(finished_at) FROM content_phases WHERE phase = 'resolve'")
            let again = try await program.run(arguments, bytes: nil)
            #expect(again.status == 0, "\(again.talk)")
            #expect(try number(program, done) == count)
            #expect(try number(program, logged) == 2 * count)
            #expect(
                try number(program, "SELECT count(*) FROM entity_names WHERE id > 1000 AND state = 'linked'") == count)
            #expect(
                try number(
                    program, "SELECT count(*) FROM content_phases WHERE phase = 'resolve' AND finished_at <= \(first)")
                    == committed)
        }
    }
}
