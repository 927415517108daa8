import Foundation
import Subprocess

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How a program is started on a bench.
struct Launch: Sendable {
    var arguments: [String]
    /// Program to run; nil: the one under test.
    var program: String?
    /// Flags of the scripted workers.
    var flags = ""
    /// Options of launch.py: limits, another user, no network.
    var conditions: [String] = []
    /// Variables beside the inherited ones.
    var environment: [String: String] = [:]
    /// Descriptor or file that is its stdin.
    var input = Input.file("/dev/null")
    /// After this long it is killed, and the row fails.
    var limit = Duration.seconds(120)

    enum Input: Sendable {
        case file(String)
        /// Is closed here once the program has it.
        case descriptor(Int32)
    }
}

/// What a program left.
struct Ended: Sendable {
    /// Exit status, or minus the signal that ended it.
    let status: Int32
    /// Whether it had to be killed because it did not end by itself.
    let isHung: Bool
    /// What it wrote to stdout and stderr; the first 16 MB of each.
    let output, talk: String
    /// Bytes that it wrote to stderr.
    let talkBytes: Int
    let seconds: Double
    /// Most resident memory that it ever had, in bytes.
    let peak: UInt64

    var lines: [String] { output.split(separator: "\n").map(String.init) }
    /// How it ended, for messages: its status and the last line of what it said.
    var ending: String {
        let words = talk.split(separator: "\n").last.map { ": " + String($0).preview(160) } ?? ""
        let fate = isHung ? "never ended" : status < 0 ? "died of signal \(-status)" : "exit \(status)"
        return fate + words
    }
}

/// A program that runs now.
struct Running: Sendable {
    let pid: Int32

    var isAlive: Bool { Proc.isAlive(pid) }
    /// Its workers.
    var workers: Set<Int32> { Proc.children(of: pid) }
    /// Sends it a signal.
    func signal(_ number: Int32) { kill(pid, number) }
}

extension Bench {
    /// Runs the program under test until it ends by itself.
    func run(_ arguments: String..., flags: String = "", limit: Duration = .seconds(120)) async throws -> Ended {
        try await run(Launch(arguments: arguments, flags: flags, limit: limit))
    }

    /// Runs a program until it ends by itself.
    func run(_ launch: Launch) async throws -> Ended { try await run(launch) { _ in }.0 }

    /// Runs a program, and `body` beside it; the program may outlive the body, but not the limit.
    func run<Value: Sendable>(
        _ launch: Launch, during body: @escaping @Sendable (Running) async throws -> Value
    ) async throws -> (Ended, Value) {
        let name = "launch-\(UUID().uuidString.prefix(8))"
        let (out, talk) = (path(name + ".out"), path(name + ".err"))
        let begun = ContinuousClock.now
        let result = try await Subprocess.run(
            configuration(launch),
            input: .fileDescriptor(.init(rawValue: try stdin(launch.input)), closeAfterSpawningProcess: true),
            output: .fileDescriptor(.init(rawValue: try create(out)), closeAfterSpawningProcess: true),
            error: .fileDescriptor(.init(rawValue: try create(talk)), closeAfterSpawningProcess: true)
        ) { execution in
            let running = Running(pid: execution.processIdentifier.value)
            async let peak = watch(running, limit: launch.limit)
            let value = try await body(running)
            return (try await peak, value)
        }
        let (peak, isHung) = result.closureResult.0
        defer {
            unlink(out)
            unlink(talk)
        }
        let status: Int32 =
            switch result.terminationStatus {
            case .exited(let code): code
            case .signaled(let signal): -signal
            }
        let ended = Ended(
            status: status, isHung: isHung, output: Self.text(out), talk: Self.text(talk), talkBytes: Self.size(talk),
            seconds: (ContinuousClock.now - begun) / .seconds(1), peak: peak)
        return (ended, result.closureResult.1)
    }

    private func configuration(_ launch: Launch) throws -> Subprocess.Configuration {
        var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("VOLFEFE_") }
        variables["VOLFEFE_ROOT"] = tools.installation.root
        variables["XDG_CONFIG_HOME"] = folder
        variables["NO_COLOR"] = "1"
        variables["SCRIPTED_WORKER_STATE"] = folder
        variables["SCRIPTED_WORKER_FLAGS"] = launch.flags
        variables.merge(launch.environment) { $1 }
        var options = PlatformOptions()
        options.processGroupID = 0  // the terminal's signals are for the self-test, not for its rows
        options.teardownSequence = []
        // Through launch.py even without conditions: it sees to it that the program dies with this one.
        return Subprocess.Configuration(
            executable: tools.python.contains("/") ? .path(.init(tools.python)) : .name(tools.python),
            arguments: .init(
                ["-I", "-S", try tools.file("launch.py")] + launch.conditions + ["--", launch.program ?? tools.program]
                    + launch.arguments),
            environment: .custom(
                Dictionary(uniqueKeysWithValues: variables.map { (.init(stringLiteral: $0), $1) })),
            workingDirectory: .init(folder), platformOptions: options)
    }

    /// Waits for the end of a program and gives the most memory it had, and whether it was killed at the limit.
    private func watch(_ running: Running, limit: Duration) async throws -> (UInt64, Bool) {
        let deadline = ContinuousClock.now + limit
        var peak: UInt64 = 0
        while running.isAlive {
            peak = max(peak, Proc.memory(running.pid, "VmHWM"))
            if ContinuousClock.now > deadline {
                running.signal(SIGKILL)
                return (peak, true)
            }
            try await Task.sleep(for: .milliseconds(10))
        }
        return (peak, false)
    }

    private func stdin(_ input: Launch.Input) throws -> Int32 {
        guard case .file(let file) = input else {
            if case .descriptor(let descriptor) = input { return descriptor }
            return -1
        }
        return try descriptor(open(file, O_RDONLY | O_CLOEXEC), of: file)
    }

    private func create(_ file: String) throws -> Int32 {
        try descriptor(open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666), of: file)
    }

    private func descriptor(_ number: Int32, of file: String) throws -> Int32 {
        guard number >= 0 else {
            throw CommandError(.inputOutput, "\(file) cannot be opened (\(String(cString: strerror(errno)))).")
        }
        return number
    }

    private static func size(_ path: String) -> Int {
        var facts = stat()
        return stat(path, &facts) == 0 ? Int(facts.st_size) : 0
    }

    private static func text(_ path: String) -> String {
        guard let file = FileHandle(forReadingAtPath: path) else { return "" }
        defer { try? file.close() }
        return String(decoding: (try? file.read(upToCount: 16 << 20)) ?? Data(), as: UTF8.self)
    }
}
