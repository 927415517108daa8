import Foundation
import GRDB
import Subprocess
import Testing

/// The checkout that the tests belong to.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

/// What a run of the program left.
struct Finished: Sendable {
    var status: Int32
    var output: String
    var talk: String
    var lines: [String] { output.split(separator: "\n").map(String.init) }
}

/// The built program, run in a folder of its own with real workers and real models.
struct Program: Sendable {
    let folder: URL
    var environment: [String: String] = [:]

    /// Runs `body` with a fresh folder and removes it afterwards.
    static func inFreshFolder(_ body: (Program) async throws -> Void) async throws {
        // The program may end before it has read its input.
        signal(SIGPIPE, SIG_IGN)
        let folder = FileManager.default.temporaryDirectory.appending(path: "volfefe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try await body(Program(folder: folder))
    }

    static var binary: String {
        // The test runner lies beside the program.
        let besideTests = Bundle.main.bundleURL.appending(path: "volfefe").path
        return FileManager.default.isExecutableFile(atPath: besideTests)
            ? besideTests : projectRoot.appending(path: ".build/debug/volfefe").path
    }

    /// How the program is launched with these arguments.
    func launch(_ arguments: [String]) -> Subprocess.Configuration {
        var variables: [Environment.Key: String?] = [
            "VOLFEFE_ROOT": projectRoot.path, "NO_COLOR": "1", "XDG_CONFIG_HOME": folder.path,
        ]
        for (name, value) in environment { variables[.init(stringLiteral: name)] = value }
        return Subprocess.Configuration(
            executable: .path(.init(Self.binary)), arguments: .init(arguments),
            environment: .inherit.updating(variables),
            workingDirectory: .init(folder.path))
    }

    /// Runs to the end. `input` nil: stdin is `/dev/null`.
    @discardableResult
    func run(_ arguments: String..., input: String? = nil) async throws -> Finished {
        try await run(arguments, bytes: input.map { Array($0.utf8) })
    }

    func run(_ arguments: [String], bytes: [UInt8]?) async throws -> Finished {
        let limit = 64 << 20
        if let bytes {
            // Not `.array`: a process that ends before its input is written takes swift-subprocess 1.0.2 down with it.
            let result = try await Subprocess.run(
                launch(arguments), input: .inputWriter, output: .string(limit: limit), error: .string(limit: limit)
            ) { execution in
                _ = try? await execution.standardInputWriter.write(bytes)
                try? await execution.standardInputWriter.finish()
            }
            return Finished(
                status: result.terminationStatus.code, output: result.standardOutput, talk: result.standardError)
        }
        let result = try await Subprocess.run(
            launch(arguments), input: .none, output: .string(limit: limit), error: .string(limit: limit))
        return Finished(
            status: result.terminationStatus.code, output: result.standardOutput, talk: result.standardError)
    }

    /// Runs until `count` lines of talk begin with `prefix`, then sends `signal`; returns the status and the talk.
    func run(_ arguments: [String], signal: Signal, afterLines count: Int, prefix: String) async throws -> Finished {
        let result = try await Subprocess.run(launch(arguments), input: .none, output: .discarded, error: .sequence) {
            execution in
            var talk = ""
            var matching = 0
            for try await line in execution.standardError.strings() {
                talk += line + "\n"
                guard line.hasPrefix(prefix) else { continue }
                matching += 1
                if matching == count { try execution.send(signal: signal) }
            }
            return talk
        }
        return Finished(status: result.terminationStatus.code, output: "", talk: result.closureResult)
    }

    /// Writes a file into the folder.
    func write(_ name: String, _ text: String) throws {
        try Data(text.utf8).write(to: folder.appending(path: name))
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appending(path: name).path) }
}

extension TerminationStatus {
    /// The exit status, or minus the signal.
    var code: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
    }
}

/// A result map as printed.
struct PrintedMap: Decodable {
    struct Model: Decodable {
        struct Problem: Decodable { let code: String }
        let sentiment: String?
        let confidence: Double?
        let error: Problem?
    }
    struct Problem: Decodable { let code: String }
    let line: Int?
    let id: String?
    let models: [String: Model]
    let error: Problem?
    let timestamp: Double

    static func lines(_ finished: Finished) throws -> [PrintedMap] {
        try finished.lines.map { try JSONDecoder().decode(PrintedMap.self, from: Data($0.utf8)) }
    }
}

extension Program {
    /// Runs a shell pipeline in the folder; the status is the pipeline's worst.
    func shell(_ command: String) async throws -> Finished {
        let result = try await Subprocess.run(
            Subprocess.Configuration(
                executable: .name("bash"), arguments: ["-o", "pipefail", "-c", command],
                environment: .inherit.updating(["VOLFEFE_ROOT": projectRoot.path]), workingDirectory: .init(folder.path)
            ),
            input: .none, output: .string(limit: 1 << 20), error: .string(limit: 1 << 20))
        return Finished(
            status: result.terminationStatus.code, output: result.standardOutput, talk: result.standardError)
    }
}

extension Program {
    /// Runs the program and kills it as soon as so many rows are stored.
    func runUntilStored(_ rows: Int, in table: String = "contents", _ arguments: String...) async throws -> Finished {
        let result = try await Subprocess.run(
            launch(arguments), input: .none, output: .discarded, error: .string(limit: 1 << 20)
        ) { execution in
            await waitUntilStored(rows, in: table)
            try execution.send(signal: .kill)
        }
        return Finished(status: result.terminationStatus.code, output: "", talk: result.standardError)
    }

    /// The same with the beginning of an input that never ends: however late the kill comes, the command is in the middle of it.
    func runUntilStored(_ rows: Int, reading input: String, _ arguments: String...) async throws -> Finished {
        let result = try await Subprocess.run(
            launch(arguments), input: .inputWriter, output: .discarded, error: .string(limit: 1 << 20)
        ) { execution in
            _ = try await execution.standardInputWriter.write(Array(input.utf8))
            await waitUntilStored(rows, in: "contents")
            try execution.send(signal: .kill)
        }
        return Finished(status: result.terminationStatus.code, output: "", talk: result.standardError)
    }

    private func waitUntilStored(_ rows: Int, in table: String) async {
        let path = folder.appending(path: "volfefe.db").path
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        let deadline = ContinuousClock.now + .seconds(120)
        while ContinuousClock.now < deadline {
            // It is not there at first, and locked while it is made.
            let queue = try? DatabaseQueue(path: path, configuration: configuration)
            let stored = try? await queue?.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM \(table)") }
            if let stored, stored >= rows { return }
            await Task.yield()
        }
    }
}
