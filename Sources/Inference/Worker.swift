import Subprocess

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One worker process from launch to teardown. The process cannot leave `live`.
struct Worker: Sendable {
    /// Lines on stdout that are no messages before the worker is given up.
    static let noiseLimit = 1_000

    let configuration: WorkerPoolConfiguration
    /// Number of this launch in the pool; part of every request id, so that no answer outlives its process.
    let generation: Int
    let counters: PoolCounters
    /// Receives lines of the worker's standard error.
    let log: @Sendable (String) -> Void
    /// Opens when the pool closes; a worker that is still starting then is not waited for.
    let closing: Latch
    /// Opens when the worker has to go at once, because of its memory.
    let doomed: Latch

    /// Launches the process, waits until it is ready, hands a connection to `serve`, and tears the process down.
    ///
    /// `onLost` is told as soon as the process has ended or cannot be talked to any more, so that `serve` need not wait.
    func live(
        onReady: @escaping @Sendable (WorkerReady) async throws -> Void,
        serve: @escaping @Sendable (WorkerConnection) async throws -> Void,
        onLost: @escaping @Sendable () -> Void
    ) async -> WorkerEnding {
        let tail = StderrTail()
        // Checked here because a launch that runs out of them midway is not survived by the library.
        if let shortage = Descriptors.shortage(others: configuration.workers.upperBound - 1) {
            return WorkerEnding(fault: .unlaunchable(shortage), exit: "", stderrTail: [], wasReady: false)
        }
        do {
            let outcome = try await run(launchConfiguration, input: .inputWriter, output: .sequence, error: .sequence) {
                execution in
                await converse(execution, tail, onReady: onReady, serve: serve, onLost: onLost)
            }
            let conversation = outcome.closureResult
            let (clause, wasSignalled) = outcome.terminationStatus.clause
            return WorkerEnding(
                fault: conversation.fault, fatal: conversation.fatal, exit: clause, stderrTail: tail.lines(),
                wasReady: conversation.wasReady, wasSignalled: wasSignalled)
        } catch {
            return WorkerEnding(fault: .unlaunchable("\(error)"), exit: "", stderrTail: tail.lines(), wasReady: false)
        }
    }

    private struct Conversation: Sendable {
        var fault: WorkerFault?
        var fatal: WorkerFatal?
        var wasReady = false
    }

    private typealias Process = Execution<CustomWriteInput, SequenceOutput, SequenceOutput>

    private var launchConfiguration: Subprocess.Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0  // a group of its own, so that whatever it starts ends with it
        options.teardownSequence = teardownSteps
        let threads = String(configuration.threadsPerWorker)
        var variables: [Environment.Key: String?] = [
            "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
            "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1",
            .init(stringLiteral: Orphans.variable): String(getpid()),
        ]
        for (name, value) in configuration.environment { variables[.init(stringLiteral: name)] = value }
        return Subprocess.Configuration(
            executable: configuration.command[0].contains("/")
                ? .path(.init(configuration.command[0])) : .name(configuration.command[0]),
            arguments: .init(Array(configuration.command.dropFirst())),
            environment: .inherit.updating(variables),
            platformOptions: options)
    }

    private var teardownSteps: [TeardownStep] {
        [
            .send(
                signal: .terminate, toProcessGroup: true, allowedDurationToNextStep: configuration.terminationGrace)
        ]
    }

    private func converse(
        _ process: Process, _ tail: StderrTail,
        onReady: @escaping @Sendable (WorkerReady) async throws -> Void,
        serve: @escaping @Sendable (WorkerConnection) async throws -> Void,
        onLost: @escaping @Sendable () -> Void
    ) async -> Conversation {
        let mailbox = Mailbox(onClose: onLost)
        let drained = Latch()
        let ended = Latch()
        let isWatched = ProcessExit.watch(processDescriptor: processDescriptor(of: process), ended)
        return await withTaskGroup(of: Void.self, returning: Conversation.self) { group in
            group.addTask {
                await read(process.standardOutput, into: mailbox)
                mailbox.close()
                drained.open()
            }
            group.addTask { await drain(process.standardError, into: tail) }
            if isWatched {
                group.addTask {
                    await ended.wait()
                    // What it said before it went is still in the pipe; a child of its own may hold that open for hours.
                    try? await withDeadline(.milliseconds(20)) { await drained.wait() }
                    mailbox.close()
                }
            }
            let connection = WorkerConnection(
                writer: process.standardInputWriter, mailbox: mailbox, configuration: configuration,
                generation: generation)
            let conversation = await talk(connection, onReady: onReady, serve: serve)
            await teardown(process, politely: conversation.fault == nil)
            // Whoever still holds its output has left its group: not ours to wait for.
            try? await withDeadline(.milliseconds(100)) { await drained.wait() }
            group.cancelAll()
            return conversation
        }
    }

    private func talk(
        _ connection: WorkerConnection,
        onReady: @escaping @Sendable (WorkerReady) async throws -> Void,
        serve: @escaping @Sendable (WorkerConnection) async throws -> Void
    ) async -> Conversation {
        var conversation = Conversation()
        do {
            let ready = try await closing.interrupting { try await connection.start() }
            try await onReady(ready)
            conversation.wasReady = true
            try await doomed.interrupting { try await serve(connection) }
            if let fault = connection.mailbox.lost { throw fault }
            try? await connection.close()
        } catch let fault as WorkerFault {
            conversation.fault = fault
        } catch let fatal as FatalReply {
            conversation.fatal = fatal.fatal
            conversation.fault = .exited
        } catch {
            // Cancelled, or the pool has closed, or it is doomed: the worker goes at once.
            conversation.fault = doomed.isOpen ? .tooMuchMemory : .exited
        }
        return conversation
    }

    private func processDescriptor(of process: Process) -> CInt {
        #if os(Linux)
            process.processIdentifier.processDescriptor
        #else
            -1
        #endif
    }

    /// Polite: input has closed, wait for the worker to leave, then TERM. Otherwise TERM at once. KILL ends both, for the
    /// whole group; it is sent before the process is reaped, so the group's number still belongs to it.
    private func teardown(_ process: Process, politely: Bool) async {
        let waitOnly = TeardownStep.send(
            signal: .init(rawValue: 0), toProcessGroup: false, allowedDurationToNextStep: configuration.shutdownGrace)
        await process.teardown(using: politely ? [waitOnly] + teardownSteps : teardownSteps)
        kill(-process.processIdentifier.value, SIGKILL)
    }

    private func read(_ output: SubprocessOutputSequence, into mailbox: Mailbox) async {
        var framer = LineFramer(limit: configuration.maxLineBytes)
        var noise = 0
        do {
            for try await chunk in output {
                for line in chunk.withUnsafeBytes({ framer.append($0) }) {
                    guard case .bytes(let bytes) = line, let message = WorkerMessage.decode(bytes) else {
                        noise += 1
                        counters.change { $0.noiseLines += 1 }
                        if noise <= 3 { log("(a line on its stdout that is no message of the protocol; skipped)") }
                        // Too much of it: the stream is lost.
                        if noise > Self.noiseLimit { return mailbox.close(.tooMuchNoise) }
                        continue
                    }
                    if !mailbox.deliver(message) { counters.change { $0.staleReplies += 1 } }
                }
            }
        } catch {
            // The stream broke: as good as its end.
        }
    }

    private func drain(_ stream: SubprocessOutputSequence, into tail: StderrTail) async {
        var framer = LineFramer(limit: 64 << 10)
        var throttle = LogThrottle()
        do {
            for try await chunk in stream {
                chunk.withUnsafeBytes { bytes in
                    tail.append(bytes)
                    for case .bytes(let line) in framer.append(bytes) {
                        switch throttle.next(at: .now) {
                        case .pass(let missed):
                            if missed > 0 { log("(\(missed) more lines were left out)") }
                            log(String(decoding: line, as: UTF8.self))
                        case .drop: counters.change { $0.droppedLogLines += 1 }
                        }
                    }
                }
            }
        } catch {
            // As above.
        }
    }
}

/// A `fatal` message, thrown to end the conversation.
struct FatalReply: Error {
    let fatal: WorkerFatal
}

extension TerminationStatus {
    /// As a clause, and whether it was a signal.
    fileprivate var clause: (String, Bool) {
        switch self {
        case .exited(let code): ("exited with status \(code)", false)
        case .signaled(let signal): ("was killed by signal \(signal)", true)
        }
    }
}
