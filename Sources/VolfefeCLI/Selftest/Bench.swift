import Foundation
import Synchronization
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A folder of its own in which the installed program runs on scripted workers, and everything that may be done to it there.
struct Bench: Sendable {
    /// What all benches share.
    struct Tools: Sendable {
        let installation: Installation
        /// Interpreter of the workers and of the tools.
        let python: String
        /// The program under test: this one.
        let program = Installation.executable

        /// Path of a file that ships for the self-test. Throws when it is not there.
        func file(_ name: String) throws -> String {
            let path = installation.root + "/priv/ml/selftest/" + name
            guard access(path, R_OK) == 0 else {
                throw CommandError(
                    .notFound, "\(path) is missing; the self-test needs it. Restore it from the checkout.")
            }
            return path
        }
    }

    let tools: Tools
    /// Absolute path of the folder; also what marks every process of the bench, through its environment.
    let folder: String
    /// Whether the counts are those of a thorough run.
    let isFull: Bool

    /// The models of the bench.
    static let models = ["alpha", "beta", "gamma"]

    /// Runs `body` on a fresh bench; its processes and its folder are gone afterwards, whatever happens.
    static func withBench<Value: Sendable>(
        _ tools: Tools, isFull: Bool, _ body: (Bench) async throws -> Value
    ) async throws -> Value {
        let number = counter.withLock { number in
            number += 1
            return number
        }
        let folder = FileManager.default.temporaryDirectory.path + "/\(prefix)\(getpid())-\(number)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let bench = Bench(tools: tools, folder: folder, isFull: isFull)
        defer {
            bench.processes().forEach { kill($0, SIGKILL) }
            try? FileManager.default.removeItem(atPath: folder)
        }
        try bench.configure([:])
        return try await body(bench)
    }

    /// Removes the folders of self-tests that were killed.
    static func removeOrphans() {
        let parent = FileManager.default.temporaryDirectory.path
        for name in (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? [] where name.hasPrefix(prefix) {
            guard let pid = name.dropFirst(prefix.count).split(separator: "-").first.flatMap({ Int32($0) }),
                kill(pid, 0) != 0, errno == ESRCH
            else { continue }
            try? FileManager.default.removeItem(atPath: "\(parent)/\(name)")
        }
    }

    private static let prefix = "volfefe-selftest-"
    private static let counter = Mutex(0)

    /// The small count, or the thorough one.
    func count(_ quick: Int, full: Int) -> Int { isFull ? full : quick }

    /// Absolute path of a file in the folder.
    func path(_ name: String) -> String { "\(folder)/\(name)" }

    /// Path of the database.
    var database: String { path("volfefe.db") }

    /// Writes a file into the folder.
    func write(_ name: String, _ bytes: some Sequence<UInt8>) throws {
        try Data(bytes).write(to: URL(filePath: path(name)))
    }

    /// Writes the settings: three scripted models and short deadlines, with `changes` to them.
    func configure(_ changes: [String: String]) throws {
        var settings = [
            "database": "volfefe.db", "profile": "selftest", "python": tools.python,
            "worker": try tools.file("scripted_worker.py"), "workers": "2", "workers_min": "2", "batch_size": "4",
            "commit_every": "20", "start_timeout": "20s", "request_timeout": "20s", "first_request_timeout": "20s",
            "termination_grace": "300ms", "shutdown_grace": "10s", "backoff_initial": "1ms", "backoff_max": "50ms",
            "worker_memory_mb": "1", "cache_dir": path("cache"), "runtime_dir": path("run"),
        ]
        settings.merge(changes) { $1 }
        let models = Self.models.map { id in
            """
              - id: \(id)
                engine: lexicon
                source: package:scripted
                version: "1"
                labels: {positive: positive, neutral: neutral, negative: negative}
                has_neutral: true
                profiles: [selftest]
            """
        }
        let lines = settings.sorted { $0.key < $1.key }.map { "\($0.key): \"\($0.value)\"" } + ["models:"] + models
        try write("volfefe.yaml", Array((lines.joined(separator: "\n") + "\n").utf8))
    }
}
