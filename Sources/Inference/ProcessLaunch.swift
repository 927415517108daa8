import Subprocess

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// How processes of a pool are launched, and how they are made to leave.
struct ProcessLaunch: Sendable {
    /// Executable and arguments.
    let command: [String]
    /// Variables added to the inherited environment; nil removes one.
    let environment: [String: String?]
    /// Threads of the process's numeric libraries.
    let threads: Int
    /// Processes that may be launched at the same time as this one.
    let others: Int
    /// How long it may take to leave after its input has closed.
    let shutdownGrace: Duration
    /// From TERM to KILL when it is to go now.
    let terminationGrace: Duration
    /// Longest line on its stdout, in bytes.
    let maxLineBytes: Int

    /// What the library needs to know of it.
    var configuration: Subprocess.Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0  // a group of its own, so that whatever it starts ends with it
        options.teardownSequence = teardownSteps
        let threads = String(threads)
        var variables: [Environment.Key: String?] = [
            "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
            "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1",
            .init(stringLiteral: Orphans.variable): String(getpid()),
        ]
        for (name, value) in environment { variables[.init(stringLiteral: name)] = value }
        return Subprocess.Configuration(
            executable: command[0].contains("/") ? .path(.init(command[0])) : .name(command[0]),
            arguments: .init(Array(command.dropFirst())),
            environment: .inherit.updating(variables),
            platformOptions: options)
    }

    /// For one that is to go now; KILL follows.
    var teardownSteps: [TeardownStep] {
        [.send(signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: terminationGrace)]
    }

    /// For one whose input has closed: first wait for it to leave.
    var politeSteps: [TeardownStep] {
        let waitOnly = TeardownStep.send(
            signal: .init(rawValue: 0), toProcessGroup: false, allowedDurationToNextStep: shutdownGrace)
        return [waitOnly] + teardownSteps
    }
}
