import Foundation
import Testing

/// What a person sees who pipes texts into `volfefe classify`; real workers, real models.
@Suite struct PipeTests {
    private static let models: Set = ["minilm_finance", "minilm_general", "minilm_social", "vader"]

    @Test func `the whole of a pipe is one text, and nothing is stored`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run("classify", input: "Stock market hitting record highs!\nWhat a day.\n")
            let maps = try PrintedMap.lines(finished)
            #expect(finished.status == 0)
            #expect(maps.count == 1)
            #expect(Set(maps[0].models.keys) == Self.models)
            #expect(maps[0].models["vader"]?.sentiment != nil)
            #expect(!program.exists("volfefe.db"))
        }
    }

    @Test func `lines come out in the order they went in, the unusable ones with their reason`() async throws {
        try await Program.inFreshFolder { program in
            var bytes: [UInt8] = []
            let texts = (1...150).map {
                $0 % 7 == 0 ? "" : "number \($0) " + String(repeating: "good ", count: $0 % 40)
            }
            for text in texts { bytes += Array((text + "\n").utf8) }
            bytes += [0x66, 0xFF, 0x0A]
            let finished = try await program.run(["classify", "--lines", "--model", "vader"], bytes: bytes)
            let maps = try PrintedMap.lines(finished)
            #expect(finished.status == 1)
            #expect(maps.map(\.line) == (1...151).map { $0 })
            for (map, text) in zip(maps, texts) {
                #expect(map.error?.code == (text.isEmpty ? "no_text" : nil))
                #expect(map.models.count == (text.isEmpty ? 0 : 1))
            }
            #expect(maps.last?.error?.code == "bad_encoding")
        }
    }

    @Test func `nasty texts are classified or refused one by one`() async throws {
        try await Program.inFreshFolder { program in
            let items = [
                #"{"id":"nul","text":"good\u0000bad"}"#, #"{"id":"surrogate","text":"\ud800 good"}"#,
                #"{"id":"separator","text":"good\#u{2028}line"}"#,
                #"{"id":"emoji","text":"\#(String(repeating: "😀👩‍👩‍👧", count: 2000))"}"#,
                #"{"id":"long","text":"\#(String(repeating: "great news ", count: 9500))"}"#,
                #"{"id":7,"text":"a number for an id"}"#, #"{"id":"none"}"#, "not json",
                #"{"id":"last","text":"fine"}"#,
            ]
            let finished = try await program.run("classify", "--jsonl", input: items.joined(separator: "\n") + "\n")
            let maps = try PrintedMap.lines(finished)
            #expect(finished.status == 1)
            #expect(maps.map(\.id) == ["nul", nil, "separator", "emoji", "long", "7", "none", nil, "last"])
            #expect(maps.map(\.error?.code) == [nil, "bad_json", nil, nil, nil, nil, "no_text", "bad_json", nil])
            for map in maps where map.error == nil {
                #expect(Set(map.models.keys) == Self.models)
                #expect(map.models.values.allSatisfy { $0.error == nil })
            }
            #expect(!finished.talk.contains("great news"))
        }
    }

    @Test func `five thousand empty lines are five thousand answers`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run(
                "classify", "--lines", "--model", "vader", input: String(repeating: "\n", count: 5000))
            let maps = try PrintedMap.lines(finished)
            #expect(finished.status == 1)
            #expect(maps.count == 5000)
            #expect(maps.allSatisfy { $0.error?.code == "no_text" })
        }
    }

    @Test(arguments: [["classify"], ["classify", "-"], ["classify", "--lines"]])
    func `an empty pipe is a usage error that says so`(arguments: [String]) async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.run(arguments, bytes: [])
            #expect(finished.status == 64)
            #expect(finished.talk.contains("empty"))
            #expect(finished.output.isEmpty)
        }
    }

    @Test func `a pipe is stored when that is asked for, once`() async throws {
        try await Program.inFreshFolder { program in
            for _ in 0..<2 {
                let finished = try await program.run(
                    "classify", "--lines", "--store", "--model", "vader", input: "one good line\nanother bad line\n")
                #expect(finished.status == 0)
            }
            let shown = try await program.run("show", "2")
            #expect(shown.output.contains("another bad line"))
            #expect(shown.output.contains("vader"))
            #expect(try await program.run("show", "3").status == 66)
        }
    }

    @Test func `a reader that leaves early is no trouble`() async throws {
        try await Program.inFreshFolder { program in
            let finished = try await program.shell(
                "(for i in $(seq 20000); do echo a good line; done) | (\(Program.binary) classify --lines --model vader; echo $? >status) | head -1"
            )
            #expect(finished.lines.count == 1)
            let status = try String(contentsOf: program.folder.appending(path: "status"), encoding: .utf8)
            #expect(status == "0\n")
        }
    }

    @Test func `a slow producer gets each answer before it sends the next line`() async throws {
        try await Program.withScriptedModels { program in
            let finished = try await program.live("classify", "--lines") { run in
                for number in 1...5 {
                    let answer = try #require(try await run.ask(String(repeating: "word ", count: number)))
                    #expect(try JSONDecoder().decode(PrintedMap.self, from: Data(answer.utf8)).line == number)
                }
                // A blank line needs no worker, but keeps its place.
                try await run.write("")
                let last = try #require(try await run.ask("last"))
                #expect(last.contains("no_text"))
            }
            #expect(finished.status == 1)
        }
    }
}
