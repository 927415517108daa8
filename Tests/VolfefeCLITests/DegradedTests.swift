import Foundation
import GRDB
import Testing

/// A model that cannot be loaded: refused by default, done without when that is asked for. Real workers.
@Suite struct DegradedTests {
    private func inFreshFolder(_ body: (Program) async throws -> Void) async throws {
        try await Program.inFreshFolder { program in
            try program.write(
                "volfefe.yaml",
                """
                profile: lacking
                models:
                  - {id: vader, profiles: [lacking]}
                  - {id: broken, engine: onnxruntime, source: "folder:gone", version: "1", \
                labels: {a: negative, b: positive}, profiles: [lacking]}
                """)
            try program.write("posts.jsonl", #"{"id": 1, "text": "a good day"}"# + "\n")
            #expect(try await program.run("ingest", "posts.jsonl").status == 0)
            try await body(program)
        }
    }

    @Test func `by default nothing runs, and the model is named with its remedy`() async throws {
        try await inFreshFolder { program in
            let finished = try await program.run("classify", "--all")
            #expect(finished.status == 66)
            #expect(finished.talk.contains("broken") && finished.talk.contains("folder:"))
            let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
            let stored = try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM classifications") }
            #expect(stored == 0)
        }
    }

    @Test func `degraded, the others run and are stored, the missing one is named, and the status is 1`() async throws {
        try await inFreshFolder { program in
            let finished = try await program.run("classify", "--all", "--degraded", "--json")
            #expect(finished.status == 1, "\(finished.talk)")
            #expect(finished.talk.contains("broken") && finished.talk.contains("did not run"))
            #expect(
                finished.output.contains(#""missing_models":[{"id":"broken""#) && finished.output.contains("remedy"))
            let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
            let stored = try await queue.read { db in
                try String.fetchAll(
                    db, sql: "SELECT model_id FROM models JOIN classifications ON model_version_id = models.id")
            }
            #expect(stored == ["vader"])
            // Its cell is still to be done, so it is never "all ok".
            #expect(try await program.run("classify", "--all", "--degraded").status == 1)
        }
    }

    @Test func `in a pipe the missing model stands as an error beside the verdicts`() async throws {
        try await inFreshFolder { program in
            let finished = try await program.run("classify", "--lines", "--degraded", "--store", input: "good\nbad\n")
            #expect(finished.status == 1, "\(finished.talk)")
            for map in try PrintedMap.lines(finished) {
                #expect(map.models["broken"]?.error?.code == "model_missing")
                #expect(map.models["vader"]?.sentiment != nil)
            }
            #expect(finished.lines.count == 2)
        }
    }
}
