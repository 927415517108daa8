import Foundation
import GRDB
import Subprocess
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The queue through the program: the real binary, real processes, scripted workers.
@Suite struct QueueTests {
    private struct PrintedHistory: Decodable {
        struct Job: Decodable {
            let id: Int64
            let state: String
            let attempt, max_attempts, rescues: Int
            let reason: String?
        }
        struct Attempt: Decodable {
            struct Failure: Decodable {
                let `class`, message: String
                let detail: String?
            }
            let failure: Failure
        }
        let job: Job
        let attempts: [Attempt]
    }

    private func inFreshFolder(
        _ texts: [String], settings: String = "", _ body: (Program) async throws -> Void
    ) async throws {
        let quick = "job_poll: 20ms\njob_backoff: 10ms\nbackoff_initial: 10ms\n" + settings
        try await Program.withScriptedModels(quick) { program in
            try program.write(
                "posts.jsonl",
                texts.enumerated().map { #"{"id": \#($0.offset + 1), "text": "\#($0.element)"}"# + "\n" }.joined())
            #expect(try await program.run("ingest", "posts.jsonl").status == 0)
            try await body(program)
        }
    }

    private func plain(_ count: Int) -> [String] { (1...count).map { "text \($0)" } }

    private func rows(_ program: Program, _ sql: String) throws -> [String] {
        let queue = try DatabaseQueue(path: program.folder.appending(path: "volfefe.db").path)
        return try queue.read { database in
            try Row.fetchAll(database, sql: sql).map { row in
                row.databaseValues.map { "\($0)".replacing("\"", with: "") }.joined(separator: "|")
            }
        }
    }

    private let states = "SELECT state, count(*) FROM jobs GROUP BY state ORDER BY state"
    private let verdicts = "SELECT count(*), count(DISTINCT content_id) FROM model_classifications"

    /// Runs `work` and, when it says a line that contains `word`, `then`; gives its status and everything it said.
    private func work(
        _ program: Program, _ arguments: String..., until word: String = "working on",
        then: (pid_t) async throws -> Void
    ) async throws -> (status: Int32, talk: String) {
        let result = try await Subprocess.run(
            program.launch(["work"] + arguments), input: .none, output: .discarded, error: .sequence
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

    /// Looks again and again until the query answers as expected.
    private func wait(_ program: Program, _ sql: String, for answer: [String]) async throws {
        let deadline = ContinuousClock.now + .seconds(60)
        while try rows(program, sql) != answer {
            guard ContinuousClock.now < deadline else {
                Issue.record("\(sql) is \(try rows(program, sql)), not \(answer)")
                return
            }
            await Task.yield()
        }
    }

    @Test func `what is put in is done and not put in again`() async throws {
        try await inFreshFolder(plain(70)) { program in
            let enqueued = try await program.run("enqueue", "--all")
            #expect(enqueued.status == 0)
            #expect(enqueued.output == "70 jobs put in (run 1)\n")
            let twice = try await program.run("enqueue", "--all", "--json")
            #expect(twice.output == #"{"dead":0,"inserted":0,"known":70}"# + "\n")
            let worked = try await program.run("work", "--until-empty")
            #expect(worked.status == 0, "\(worked.talk)")
            #expect(worked.talk.contains("70 jobs completed"))
            #expect(try rows(program, states) == ["completed|70"])
            #expect(try rows(program, verdicts) == ["140|70"])
            #expect(try await program.run("enqueue", "--all").output == "no job put in\n")
            let runs = try await program.run("runs", "--csv")
            #expect(runs.lines.count == 2)
            #expect(runs.lines[1].contains(",70,70,0,0,0,"))
        }
    }

    @Test func `twenty processes that put in the same thousand make a thousand jobs`() async throws {
        try await inFreshFolder(plain(1000)) { program in
            let ids = (1...1000).map(String.init).joined(separator: ",")
            let runs = try await withThrowingTaskGroup(of: Finished.self) { group in
                for _ in 0..<20 { group.addTask { try await program.run("enqueue", "--ids", ids) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(runs.allSatisfy { $0.status == 0 }, "\(runs.map(\.talk))")
            #expect(try rows(program, states) == ["available|1000"])
            #expect(try rows(program, "SELECT sum(total) FROM job_runs") == ["1000"])
        }
    }

    @Test func `a file is stored with its jobs`() async throws {
        try await inFreshFolder(plain(3)) { program in
            try program.write("more.jsonl", (1...5).map { #"{"id": \#($0), "text": "more \#($0)"}"# + "\n" }.joined())
            let enqueued = try await program.run(
                "enqueue", "--file", "more.jsonl", "--queue", "recent", "--priority", "0")
            #expect(enqueued.status == 0, "\(enqueued.talk)")
            #expect(try rows(program, "SELECT queue, priority, count(*) FROM jobs GROUP BY 1, 2") == ["recent|0|5"])
            #expect(try await program.run("enqueue", "--file", "more.jsonl").output == "no job put in\n")
        }
    }

    @Test func `a text that kills workers becomes a dead letter and the others are done`() async throws {
        try await inFreshFolder(plain(20) + ["a #crash b"] + plain(3)) { program in
            #expect(try await program.run("enqueue", "--all").status == 0)
            let worked = try await program.run("work", "--until-empty")
            #expect(worked.status == 0, "\(worked.talk)")
            #expect(try rows(program, states) == ["completed|23", "discarded|1"])
            let dead = try await program.run("jobs", "dead", "--json")
            let letters = try JSONDecoder().decode([PrintedHistory].self, from: Data(dead.output.utf8))
            #expect(letters.map(\.job.reason) == ["poison"])
            #expect(letters.first?.attempts.first?.failure.message.contains("signal 11") == true)
            #expect(!dead.output.contains("#crash"), "texts never appear in errors")
            #expect(try await program.run("jobs", "show", "21").output.contains("poison"))
            #expect(try await program.run("enqueue", "--ids", "21").output.contains("no job put in"))
            let retried = try await program.run("jobs", "retry", "--dead")
            #expect(retried.talk == "1 job brought back\n")
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, "SELECT state FROM jobs WHERE id = 21") == ["discarded"])
            #expect(try rows(program, "SELECT count(*) FROM job_attempts WHERE job_id = 21") == ["2"])
        }
    }

    @Test func `a model that raises is tried as often as is set and only its cell`() async throws {
        try await inFreshFolder(["a #raises b"], settings: "job_attempts: 2") { program in
            try await program.run("enqueue", "--all")
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, "SELECT state, attempt, reason FROM jobs") == ["discarded|2|model_error"])
            #expect(
                try rows(program, "SELECT attempt, error_class FROM job_attempts") == [
                    "1|model_error", "2|model_error",
                ])
            #expect(try rows(program, "SELECT attempt FROM classification_failures") == ["2"])
        }
    }

    @Test func `a signal gives back what was not begun and the next process does it`() async throws {
        try await inFreshFolder((1...200).map { "text \($0) #slow20" }, settings: "batch_size: 4") { program in
            #expect(try await program.run("enqueue", "--all").status == 0)
            let stopped = try await work(program, "-v", until: "completed") { pid in kill(pid, SIGTERM) }
            #expect(stopped.status == 143, "\(stopped.talk)")
            #expect(stopped.talk.contains("given back"))
            #expect(try rows(program, "SELECT count(*) FROM jobs WHERE state = 'executing'") == ["0"])
            #expect(
                try rows(program, "SELECT DISTINCT attempt, rescues FROM jobs WHERE state = 'available'") == ["0|0"])
            #expect(try rows(program, "SELECT count(*) FROM claims") == ["0"])
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, states) == ["completed|200"])
            #expect(try rows(program, "SELECT DISTINCT attempt FROM jobs") == ["1"])
        }
    }

    @Test func `what a killed process had runs again at the next start`() async throws {
        try await inFreshFolder((1...20).map { "text \($0) #slow500" }) { program in
            #expect(try await program.run("enqueue", "--all").status == 0)
            let killed = try await work(program) { pid in
                try await wait(program, "SELECT count(*) > 0 FROM jobs WHERE state = 'executing'", for: ["1"])
                kill(pid, SIGKILL)
            }
            #expect(killed.status == -SIGKILL)
            let begun = ContinuousClock.now
            _ = try await work(program, "--until-empty", "-v", until: "completed") { _ in
                // The start of the workers included.
                #expect(ContinuousClock.now - begun < .seconds(60))
            }
            #expect(try rows(program, states) == ["completed|20"])
            #expect(try rows(program, "SELECT max(rescues), max(attempt) FROM jobs") == ["1|1"])
            #expect(try rows(program, verdicts) == ["40|20"])
        }
    }

    @Test func `four processes that are killed at random lose nothing and double nothing`() async throws {
        // VOLFEFE_CHAOS=300 is the five minutes that a release is tried with.
        let seconds = Double(ProcessInfo.processInfo.environment["VOLFEFE_CHAOS"] ?? "") ?? 6
        let count = Int(seconds * 60)
        try await inFreshFolder((1...count).map { "text \($0) #slow5" }, settings: "batch_size: 4") {
            program in
            #expect(try await program.run("enqueue", "--all").status == 0)
            let deadline = ContinuousClock.now + .seconds(seconds)
            let kills = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask {
                        var kills = 0
                        while ContinuousClock.now < deadline {
                            let ended = try await work(program, "--workers", "1", "--queues", "default=16") { pid in
                                try await Task.sleep(for: .milliseconds(Int.random(in: 100...2000)))
                                kill(pid, SIGKILL)
                            }
                            if ended.status == -SIGKILL { kills += 1 }
                        }
                        return kills
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(kills >= 4)
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, states) == ["completed|\(count)"])
            #expect(try rows(program, verdicts) == ["\(count * 2)|\(count)"])
            // Deaths of processes are nobody's attempt, and every claim is accounted for.
            #expect(try rows(program, "SELECT count(*) FROM jobs WHERE attempt <> 1 OR claim <> 1 + rescues") == ["0"])
            #expect(
                try rows(program, "SELECT (SELECT sum(rescues) FROM jobs) = (SELECT count(*) FROM job_attempts)") == [
                    "1"
                ])
            #expect(try rows(program, "PRAGMA integrity_check") == ["ok"])
            print("\(kills) kills, rescues: \(try rows(program, "SELECT sum(rescues), max(rescues) FROM jobs"))")
        }
    }

    @Test func `a paused queue waits and a drained one is idle`() async throws {
        try await inFreshFolder(plain(5)) { program in
            #expect(try await program.run("enqueue", "--all", "--queue", "recent").status == 0)
            #expect(try await program.run("queue", "pause", "recent").status == 0)
            // Nothing is left that may be done.
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, states) == ["available|5"])
            let worked = try await work(program) { pid in
                #expect(try await program.run("queue", "resume", "recent").status == 0)
                try await wait(program, states, for: ["completed|5"])
                #expect(try await program.run("queue", "drain", "recent").status == 0)
                #expect(try await program.run("queue", "scale", "recent", "8").status == 0)
                kill(pid, SIGTERM)
            }
            #expect(worked.status == 143)
            let listed = try await program.run("queue", "list", "--csv")
            #expect(listed.lines.contains { $0.hasPrefix("recent,paused,8,") }, "\(listed.output)")
            #expect(try await program.run("queue", "pause", "nowhere").status == 66)
        }
    }

    @Test func `jobs for later wait`() async throws {
        try await inFreshFolder(plain(2)) { program in
            try await program.run("enqueue", "--ids", "1", "--in", "1h")
            #expect(try await program.run("enqueue", "--ids", "2", "--at", "2020-01-01T00:00:00Z").status == 0)
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(try rows(program, "SELECT content_id, state FROM jobs") == ["1|scheduled", "2|completed"])
            #expect(try await program.run("jobs", "retry", "1").talk == "1 job brought back\n")
            #expect(try await program.run("jobs", "cancel", "1").status == 0)
            #expect(try await program.run("jobs", "cancel", "1").status == 1)
            #expect(try await program.run("enqueue", "--ids", "1,77").status == 1)
        }
    }

    @Test func `the service manager is told and the PID file is held`() async throws {
        try await inFreshFolder(plain(1)) { program in
            var program = program
            let path = program.folder.appending(path: "n").path
            let notes = try #require(Notes(path))
            program.environment["NOTIFY_SOCKET"] = path
            program.environment["WATCHDOG_USEC"] = "1000000"
            let first = try await work(program, "--pidfile", "pid") { pid in
                let written = try String(contentsOf: program.folder.appending(path: "pid"), encoding: .utf8)
                #expect(written == "\(pid)\n")
                let second = try await program.run("work", "--pidfile", "pid")
                #expect(second.status == 75)
                #expect(second.talk.contains("is held by process \(pid)"))
                #expect(notes.next()?.contains("READY=1") == true)
                #expect(notes.next() == "WATCHDOG=1")
                kill(pid, SIGTERM)
            }
            #expect(first.status == 143)
            var last = ""
            while let note = notes.next(waiting: false) { last = note.contains("STOPPING=1") ? "stopping" : last }
            #expect(last == "stopping")
            #expect(!program.exists("pid"))
        }
    }

    @Test func `a service manager that does not listen holds up nothing`() async throws {
        try await inFreshFolder(plain(300), settings: "batch_size: 4") { program in
            var program = program
            let path = program.folder.appending(path: "n").path
            let notes = try #require(Notes(path))
            program.environment["NOTIFY_SOCKET"] = path
            program.environment["WATCHDOG_USEC"] = "2000"
            try await program.run("enqueue", "--all")
            #expect(try await program.run("work", "--until-empty", "--queues", "default=1").status == 0)
            #expect(try rows(program, states) == ["completed|300"])
            #expect(notes.next(waiting: false) != nil)
        }
    }

    @Test func `cron entries of the settings and of the command are listed`() async throws {
        let cron = """
            cron:
              nightly: {schedule: "30 2 * * *", time_zone: Europe/Berlin, since: 7d}
            """
        try await inFreshFolder(plain(2), settings: cron) { program in
            let added = try await program.run("cron", "add", "hourly", "@hourly", "--missed", "skip")
            #expect(added.status == 0, "\(added.talk)")
            #expect(try await program.run("cron", "run", "hourly").talk == "job 1 put in\n")
            #expect(try await program.run("work", "--until-empty").status == 0)
            #expect(
                try rows(program, "SELECT kind, state FROM jobs ORDER BY id") == [
                    "enqueue|completed", "classify|completed", "classify|completed",
                ])
            let listed = try await program.run("cron", "list", "--csv")
            #expect(listed.lines.count == 3)
            #expect(listed.lines[2].hasPrefix("nightly,30 2 * * *,Europe/Berlin,one,enqueue,default,–,"))
            #expect(try await program.run("cron", "pause", "nightly").status == 0)
            #expect(try await program.run("cron", "remove", "hourly").status == 0)
            #expect(try await program.run("cron", "run", "hourly").status == 66)
            let bad = try await program.run("cron", "add", "x", "61 * * * *")
            #expect(bad.status == 64)
            #expect(bad.talk.contains("minute"))
        }
    }

    @Test(arguments: [
        ("cron: {a: {schedule: \"0 25 * * *\"}}", "hour"), ("cron: {a: {time_zone: UTC}}", "needs a `schedule`"),
        ("cron: {a: {schedule: \"@daily\", time_zone: Berlin}}", "no time zone"),
        ("cron: {a: {schedule: \"@daily\", missed: some}}", "one, all or skip"),
        ("cron: {a: {shedule: \"@daily\"}}", "did you mean `schedule`?"),
    ])
    func `a cron entry that cannot be is refused with its place`(_ settings: String, _ word: String) async throws {
        try await Program.withScriptedModels(settings) { program in
            let checked = try await program.run("config", "check")
            #expect(checked.status == 78)
            #expect(checked.talk.contains(word), "\(checked.talk)")
            #expect(checked.talk.contains("volfefe.yaml:4"), "\(checked.talk)")
        }
    }
}

/// Receives what is said to a service manager.
private final class Notes {
    private let descriptor: Int32

    init?(_ path: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0 else { return nil }
    }

    deinit { close(descriptor) }

    /// The next message; nil when none has come and it does not wait.
    func next(waiting: Bool = true) -> String? {
        var bytes = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &bytes, bytes.count, waiting ? 0 : 0x40 /* MSG_DONTWAIT */)
        return count > 0 ? String(decoding: bytes[..<count], as: UTF8.self) : nil
    }
}
