import Foundation
import GRDB
import Subprocess
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Several programs on one database, and a database that fails them: the real binary, the scripted worker behind a relay.
@Suite struct SharedDatabaseTests {
    /// Passes lines on to the scripted worker and notes every text in `served`. With `HOLD` it says so at the first request
    /// and goes on when somebody opens that FIFO.
    private static let relay = """
        import ctypes, json, os, signal, subprocess, sys
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG: a held relay does not see the end of its input
        worker = subprocess.Popen([sys.executable, os.environ["SCRIPTED"]], stdin=subprocess.PIPE)
        served = open("served", "a")
        hold = os.environ.get("HOLD")
        for line in sys.stdin.buffer:
            texts = json.loads(line).get("texts", [])
            if texts and hold:
                print("holding", file=sys.stderr, flush=True)
                open(hold).close()
                hold = None
            served.write("".join(text + "\\n" for text in texts))
            served.flush()
            worker.stdin.write(line)
            worker.stdin.flush()
        worker.stdin.close()
        worker.wait()
        """

    private static let model = """
        engine: scripted, source: none, version: "1.0", \
        labels: {positive: positive, neutral: neutral, negative: negative}, profiles: [scripted]}
        """

    private func inFreshFolder(texts: Int, _ body: (Program) async throws -> Void) async throws {
        try await Program.inFreshFolder { program in
            var program = program
            program.environment = [
                "VOLFEFE_WORKER": program.folder.appending(path: "relay.py").path, "VOLFEFE_WORKERS": "1",
                "VOLFEFE_RUNTIME_DIR": program.folder.appending(path: "run").path,
                "SCRIPTED": projectRoot.appending(path: "priv/ml/selftest/scripted_worker.py").path,
            ]
            try program.write("relay.py", Self.relay)
            try program.write(
                "volfefe.yaml",
                "profile: scripted\nmodels:\n  - {id: alpha, \(Self.model)\n  - {id: beta, \(Self.model)\n")
            try program.write(
                "posts.jsonl", (1...texts).map { #"{"id": \#($0), "text": "text \#($0)"}"# + "\n" }.joined())
            #expect(try await program.run("ingest", "posts.jsonl").status == 0)
            try await body(program)
        }
    }

    private func rows(_ program: Program, _ sql: String, in file: String = "volfefe.db") throws -> [String] {
        let queue = try DatabaseQueue(path: program.folder.appending(path: file).path)
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { "\($0)".replacing("\"", with: "") }.joined(separator: "|")
            }
        }
    }

    private func served(_ program: Program) throws -> [Substring] {
        try String(contentsOf: program.folder.appending(path: "served"), encoding: .utf8).split(separator: "\n")
    }

    private let complete = "SELECT count(*), count(DISTINCT content_id) FROM model_classifications"

    /// Runs the program and, when it says a line that contains `word`, `then`; gives its status and everything it said.
    private func run(
        _ program: Program, _ arguments: String..., until word: String, then: (pid_t) async throws -> Void
    ) async throws -> (status: Int32, talk: String) {
        let result = try await Subprocess.run(
            program.launch(arguments), input: .none, output: .discarded, error: .sequence
        ) { execution in
            var talk = ""
            var isDone = false
            for try await line in execution.standardError.strings() {
                talk += line + "\n"
                guard !isDone, line.contains(word) else { continue }
                isDone = true
                try await then(execution.processIdentifier.value)
            }
            return talk
        }
        return (result.terminationStatus.code, result.closureResult)
    }

    private func holding(_ program: Program) throws -> Program {
        var program = program
        let fifo = program.folder.appending(path: "go").path
        #expect(mkfifo(fifo, 0o600) == 0)
        program.environment["HOLD"] = fifo
        return program
    }

    private func letGo(_ program: Program) {
        // Its reader is there already: it has said so.
        try? FileHandle(forWritingTo: program.folder.appending(path: "go")).close()
    }

    @Test func `four at once do every text once, and all end when everything is done`() async throws {
        try await inFreshFolder(texts: 700) { program in
            let runs = try await withThrowingTaskGroup(of: Finished.self) { group in
                for _ in 0..<4 { group.addTask { try await program.run("classify", "--all") } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(runs.map(\.status) == [0, 0, 0, 0], "\(runs.map(\.talk))")
            let texts = try served(program)
            #expect(texts.count == 700 && Set(texts).count == 700)
            #expect(try rows(program, complete) == ["1400|700"])
            #expect(try rows(program, "SELECT count(*) FROM claims") == ["0"])
            #expect(try rows(program, "SELECT sum(contents) FROM runs WHERE state = 'finished'") == ["700"])
            #expect(try rows(program, "PRAGMA integrity_check") == ["ok"])
        }
    }

    @Test func `one that waits for another takes over what that leaves when it is killed`() async throws {
        try await inFreshFolder(texts: 100) { program in
            let first = try await run(holding(program), "classify", "--all", "-v", until: "holding") { pid in
                let doctor = try await program.run("doctor")
                #expect(doctor.output.contains("1 at work (pid \(pid)) on 100 contents"), "\(doctor.output)")
                let second = try await run(program, "classify", "--all", until: "waiting for it") { _ in
                    kill(pid, SIGKILL)
                }
                #expect(second.status == 0)
            }
            #expect(first.status == -SIGKILL)
            #expect(try rows(program, complete) == ["200|100"])
            #expect(try rows(program, "SELECT id, state, contents FROM runs") == ["1|interrupted|0", "2|finished|100"])
            #expect(try served(program).count == 100)
            let doctor = try await program.run("doctor")
            #expect(doctor.output.contains("nobody is at work"))
        }
    }

    @Test func `a signal ends the waiting and leaves the other its work`() async throws {
        try await inFreshFolder(texts: 10) { program in
            let first = try await run(holding(program), "classify", "--all", "-v", until: "holding") { _ in
                let second = try await run(program, "classify", "--all", until: "waiting for it") { pid in
                    kill(pid, SIGTERM)
                }
                #expect(second.status == 143)
                letGo(program)
            }
            #expect(first.status == 0)
            #expect(try rows(program, complete) == ["20|10"])
            #expect(try served(program).count == 10)
        }
    }

    @Test func `a database that is deleted ends the run with 74 and says what is lost`() async throws {
        try await inFreshFolder(texts: 20) { program in
            let ended = try await run(holding(program), "classify", "--all", "-v", until: "holding") { _ in
                try FileManager.default.removeItem(at: program.folder.appending(path: "volfefe.db"))
                letGo(program)
            }
            #expect(ended.status == 74)
            #expect(ended.talk.contains("was deleted, moved or replaced"))
            #expect(ended.talk.contains("20 contents were classified but could not be stored"))
            #expect(!program.exists("volfefe.db"))
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root may mount a small disk"))
    func `a full disk ends the run with 74, what was committed stays, and the next run completes it`() async throws {
        try await inFreshFolder(texts: 3000) { program in
            try await program.run("ingest", "posts.jsonl")
            let mounted = try await program.shell("mkdir small && mount -t tmpfs -o size=12m none small")
            guard mounted.status == 0 else {
                print("skipped: no small disk can be mounted here (\(mounted.talk))")
                return
            }
            defer { umount2(program.folder.appending(path: "small").path, Int32(MNT_DETACH)) }
            let database = ["--database", "small/volfefe.db"]
            #expect(try await program.run(["ingest", "posts.jsonl"] + database, bytes: nil).status == 0)
            // What is left of the disk takes some commits, but not all.
            #expect(
                try await program.shell(
                    "dd if=/dev/zero of=small/filler bs=1k count=$(( $(df --output=avail -k small | tail -1) - 200 ))"
                ).status == 0)
            let ended = try await program.run(["classify", "--all"] + database, bytes: nil)
            #expect(ended.status == 74, "\(ended.talk)")
            #expect(ended.talk.contains("the disk is full") && ended.talk.contains("goes on where it stopped"))
            try FileManager.default.removeItem(at: program.folder.appending(path: "small/filler"))
            let completed = try await program.run(["classify", "--all", "--json"] + database, bytes: nil)
            #expect(completed.status == 0, "\(completed.talk)")
            let small = "small/volfefe.db"
            #expect(try rows(program, complete, in: small) == ["6000|3000"])
            #expect(try rows(program, "SELECT contents > 0 FROM runs WHERE id = 1", in: small) == ["1"])
            #expect(try rows(program, "PRAGMA integrity_check", in: small) == ["ok"])
        }
    }
}
