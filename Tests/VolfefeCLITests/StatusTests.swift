import Foundation
import Testing

/// `volfefe status` and `volfefe workers` over a supervisor that lives: the real binary with scripted workers.
@Suite(.serialized) struct StatusTests {
    @Test func `without a supervisor status ends with 69 and says how one is started`() async throws {
        try await Program.withScriptedModels { program in
            let finished = try await program.run("status", "--json")
            #expect(finished.status == 69)
            #expect(finished.output == "[]\n")
            #expect(finished.talk.contains("volfefe classify"))
            #expect(try await program.run("workers").status == 69)
            #expect(try await program.run("workers", "reset").status == 69)
            #expect(try await program.run("status", "--watch").status == 69)
        }
    }

    @Test func `a supervisor that answers is ready, and shows its workers and models`() async throws {
        try await Program.withScriptedModels { program in
            var pid: Int32 = 0
            let ended = try await program.live("classify", "--lines") { run in
                pid = run.pid
                #expect(try await run.ask("good") != nil)
                let supervisors = try #require(
                    try await program.status { status, all in status == 0 && all.first?.workerPIDs.count == 2 })
                let supervisor = try #require(supervisors.first)
                #expect(supervisors.map(\.pid) == [run.pid])
                #expect(supervisor.command == "volfefe classify --lines")
                #expect(supervisor.database.hasPrefix("/") && supervisor.database.hasSuffix("volfefe.db"))
                #expect(supervisor.uptime_ms > 0 && supervisor.started_at > 1_700_000_000)
                #expect(supervisor.pool.state == "ready" && supervisor.pool.reasons.isEmpty)
                #expect(supervisor.workerPIDs.allSatisfy { kill($0, 0) == 0 })
                #expect(supervisor.pool.workers.allSatisfy { ["idle", "busy"].contains($0.state) })
                #expect(supervisor.pool.models.map(\.id) == ["a", "b"])
                for model in supervisor.pool.models {
                    #expect(model.predictions >= 1)
                    #expect((model.last_forward_age_ms ?? .infinity) < 60_000)
                    #expect(model.revision?.hasPrefix("sha256:") == true)
                }
                #expect(supervisor.pool.counters.texts == 1)
                #expect(supervisor.pool.counters.latency.p99_ms != nil)

                let shown = try await program.run("status")
                #expect(shown.status == 0)
                #expect(shown.output.hasPrefix("● ready  volfefe classify --lines  pid \(run.pid), up "))
                let workers = try await program.run("workers")
                #expect(workers.status == 0)
                for worker in supervisor.workerPIDs {
                    #expect(shown.output.contains(" \(worker) ") && workers.output.contains(" \(worker) "))
                }
                let one = try await program.run("status", "--pid", "\(run.pid)", "--json")
                #expect(try PrintedStatus.all(one.output).count == 1)
                #expect(try await program.run("status", "--pid", "1").status == 69)
            }
            #expect(ended.status == 0)
            #expect(!FileManager.default.fileExists(atPath: program.socket(of: pid)))
            #expect(try await program.run("status").status == 69)
        }
    }

    @Test func `killing every worker turns it unready at once, with the reason and 69`() async throws {
        try await Program.withScriptedModels { program in
            try await program.live("classify", "--lines") { run in
                #expect(try await run.ask("good") != nil)
                let before = try #require(
                    try await program.status { status, all in status == 0 && all.first?.workerPIDs.count == 2 })
                // No other can be launched.
                try FileManager.default.removeItem(at: program.worker)
                for pid in before.flatMap(\.workerPIDs) { kill(pid, SIGKILL) }
                let begun = ContinuousClock.now
                let after = try await program.status { status, all in
                    status == 69 && all.map(\.pool.state) == ["unready"]
                }
                // Milliseconds; the programs that are started to ask take longer on a busy machine.
                #expect(ContinuousClock.now - begun < .seconds(10))
                #expect(after?.first?.pool.reasons.isEmpty == false)
            }
        }
    }

    @Test(arguments: [[], ["--rolling"]])
    func `reset replaces every worker, and the run goes on`(flags: [String]) async throws {
        try await Program.withScriptedModels { program in
            let ended = try await program.live("classify", "--lines") { run in
                #expect(try await run.ask("good") != nil)
                let before = try #require(
                    try await program.status { status, all in status == 0 && all.first?.workerPIDs.count == 2 })
                let finished = try await program.run(["workers", "reset"] + flags, bytes: nil)
                #expect(finished.status == 0)
                #expect(finished.talk.contains("supervisor \(run.pid): all 2 workers are new"))
                let after = try PrintedStatus.all(try await program.run("status", "--json").output)
                #expect(Set(after.flatMap(\.workerPIDs)).count == 2)
                #expect(Set(after.flatMap(\.workerPIDs)).isDisjoint(with: before.flatMap(\.workerPIDs)))
                #expect(try await run.ask("still good") != nil)
            }
            #expect(ended.status == 0)
        }
    }

    @Test func `one that was asked to stop is draining while it finishes`() async throws {
        try await Program.withScriptedModels("shutdown_grace: 4s") { program in
            let ended = try await program.live("classify", "--lines") { run in
                #expect(try await run.ask("good") != nil)
                try await run.write("#hang")
                #expect(try await program.status { _, all in all.first?.pool.running == 1 } != nil)
                try run.send(.terminate)
                let draining = try await program.status { status, all in
                    status == 1 && all.map(\.pool.state) == ["draining"]
                }
                #expect(draining?.first?.pool.reasons.isEmpty == false)
            }
            #expect(ended.status == 143)
        }
    }

    @Test func `the socket of a supervisor that was killed is cleaned up`() async throws {
        try await Program.withScriptedModels { program in
            func leaveBehind() async throws -> String {
                var pid: Int32 = 0
                try await program.live("classify", "--lines") { run in
                    pid = run.pid
                    #expect(try await run.ask("good") != nil)
                    try run.send(.kill)
                    while try await run.line() != nil {}
                }
                let socket = program.socket(of: pid)
                #expect(FileManager.default.fileExists(atPath: socket))
                return socket
            }
            let first = try await leaveBehind()
            #expect(try await program.run("status").status == 69)
            #expect(!FileManager.default.fileExists(atPath: first))
            let second = try await leaveBehind()
            #expect(try await program.run("classify", input: "good").status == 0)
            #expect(!FileManager.default.fileExists(atPath: second))
        }
    }

    @Test func `the folder is made for its owner alone, and not used when others may enter it`() async throws {
        try await Program.withScriptedModels { program in
            #expect(try await program.run("classify", input: "good").talk.isEmpty)
            let mode = try FileManager.default.attributesOfItem(atPath: program.runtimeFolder.path)[.posixPermissions]
            #expect(mode as? Int == 0o700)

            chmod(program.runtimeFolder.path, 0o755)
            let warned = try await program.run("classify", input: "good")
            #expect(warned.status == 0)
            #expect(try PrintedMap.lines(warned).count == 1)
            #expect(warned.talk.contains(program.runtimeFolder.path) && warned.talk.contains("runtime_dir"))
            #expect(try FileManager.default.contentsOfDirectory(atPath: program.runtimeFolder.path).isEmpty)
            let status = try await program.run("status")
            #expect(status.status == 69)
            #expect(status.talk.contains("others may enter it"))
        }
    }

    @Test func `a path that is too long for a socket is a warning with the remedy`() async throws {
        try await Program.withScriptedModels { program in
            var long = program
            long.environment["VOLFEFE_RUNTIME_DIR"] =
                program.folder.appending(path: String(repeating: "x", count: 100)).path
            let finished = try await long.run("classify", input: "good")
            #expect(finished.status == 0)
            #expect(finished.talk.contains("107 bytes") && finished.talk.contains("runtime_dir"))
        }
    }

    @Test func `clients that are silent, flood or talk nonsense disturb nothing`() async throws {
        try await Program.withScriptedModels { program in
            let ended = try await program.live("classify", "--lines") { run in
                #expect(try await run.ask("good") != nil)
                let socket = program.socket(of: run.pid)
                for nonsense in ["\n", "hello\n", #"{"command":"format"}"# + "\n", #"{"command":"status""# + "\n"] {
                    let client = try #require(RawClient(socket))
                    client.send(Array(nonsense.utf8))
                    #expect(client.answer().hasPrefix(#"{"error":"#))
                }
                let flood = try #require(RawClient(socket))
                flood.send([UInt8](repeating: 0, count: 1 << 20))
                var silent = (0..<20).map { _ in RawClient(socket) }
                #expect(silent.allSatisfy { $0 != nil })
                #expect(try await run.ask("still good") != nil)
                // More clients than are served at once hold the line; a status gets through all the same.
                #expect(try await program.status { _, all in all.map(\.pid) == [run.pid] } != nil)
                #expect(try await run.ask("good as ever") != nil)
                silent.removeAll()
            }
            #expect(ended.status == 0)
            #expect(ended.talk.isEmpty)
        }
    }

    @Test func `watch prints a line a second and ends with the last supervisor, or at Ctrl-C with 130`() async throws {
        try await Program.withScriptedModels { program in
            var watched: Finished?
            try await program.live("classify", "--lines") { run in
                #expect(try await run.ask("good") != nil)
                let interrupted = try await program.live("status", "--watch", "--json") { watch in
                    for _ in 0..<2 {
                        let line = try #require(try await watch.line())
                        #expect(try PrintedStatus.all(line).map(\.pid) == [run.pid])
                    }
                    try watch.send(.interrupt)
                }
                #expect(interrupted.status == 130)
                watched = try await program.live("status", "--watch") { watch in
                    #expect(try await watch.line() != nil)
                    try await run.finish()
                }
            }
            #expect(watched?.status == 0)
        }
    }
}
