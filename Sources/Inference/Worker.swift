import Subprocess

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One worker process from launch to teardown. The process cannot leave `live`.
struct Worker: Sendable {
    let configuration: WorkerPoolConfiguration
    /// Number of this launch in the pool; part of every request id, so that no answer outlives its process.
    let generation: Int
    let counters: PoolCounters
    /// Receives each line of the worker's standard error.
    let log: @Sendable (String) -> Void
    /// Opens when the pool closes; a worker that is still starting then is not waited for.
    let closing: Latch

    /// Launches the process, waits until it is ready, hands a connection to `serve`, and tears the process down.
    ///
    /// Throws only when the process cannot be launched at all; everything later is in the ending.
    func live(
        onReady: @escaping @Sendable (WorkerReady) async throws -> Void,
        serve: @escaping @Sendable (WorkerConnection) async throws -> Void
    ) async throws -> WorkerEnding {
        let tail = StderrTail()
        let outcome = try await run(launchConfiguration, input: .inputWriter, output: .sequence, error: .sequence) {
            execution in
            let mailbox = Mailbox()
            return await withTaskGroup(of: Void.self, returning: Conversation.self) { group in
                group.addTask {
                    await read(execution.standardOutput, into: mailbox)
                    mailbox.close()
                }
                group.addTask { await drain(execution.standardError, into: tail) }
                let connection = WorkerConnection(
                    writer: execution.standardInputWriter, mailbox: mailbox, configuration: configuration,
                    generation: generation)
                let conversation = await converse(connection, onReady: onReady, serve: serve)
                await teardown(execution, politely: conversation.fault == nil)
                return conversation
            }
        }
        return WorkerEnding(
            fault: outcome.closureResult.fault, fatal: outcome.closureResult.fatal,
            exit: outcome.terminationStatus.clause, stderrTail: tail.lines(),
            wasReady: outcome.closureResult.wasReady)
    }

    private struct Conversation: Sendable {
        var fault: WorkerFault?
        var fatal: WorkerFatal?
        var wasReady = false
    }

    private var launchConfiguration: Subprocess.Configuration {
        var options = PlatformOptions()
        options.processGroupID = 0  // a group of its own, so that whatever it starts ends with it
        options.teardownSequence = teardownSteps
        let threads = String(configuration.threadsPerWorker)
        var variables: [Environment.Key: String?] = [
            "OMP_NUM_THREADS": threads, "MKL_NUM_THREADS": threads, "OPENBLAS_NUM_THREADS": threads,
            "TOKENIZERS_PARALLELISM": "false", "PYTHONUNBUFFERED": "1",
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
        _ connection: WorkerConnection,
        onReady: (WorkerReady) async throws -> Void, serve: (WorkerConnection) async throws -> Void
    ) async -> Conversation {
        var conversation = Conversation()
        do {
            let ready = try await closing.interrupting { try await connection.start() }
            try await onReady(ready)
            conversation.wasReady = true
            try await serve(connection)
            try? await connection.close()
        } catch let fault as WorkerFault {
            conversation.fault = fault
        } catch let fatal as FatalReply {
            conversation.fatal = fatal.fatal
            conversation.fault = .exited
        } catch {
            conversation.fault = .exited  // cancelled, or the pool has closed: the worker goes at once
        }
        return conversation
    }

    /// Polite: input has closed, wait for the worker to leave, then TERM. Otherwise TERM at once. KILL ends both, for the
    /// whole group; it is sent before the process is reaped, so the group's number still belongs to it.
    private func teardown<Output, Failure>(
        _ execution: Execution<CustomWriteInput, Output, Failure>, politely: Bool
    ) async {
        let waitOnly = TeardownStep.send(
            signal: .init(rawValue: 0), toProcessGroup: false, allowedDurationToNextStep: configuration.shutdownGrace)
        await execution.teardown(using: politely ? [waitOnly] + teardownSteps : teardownSteps)
        kill(-execution.processIdentifier.value, SIGKILL)
    }

    private func read(_ output: SubprocessOutputSequence, into mailbox: Mailbox) async {
        var framer = LineFramer(limit: configuration.maxLineBytes)
        var noise = 0
        do {
            for try await chunk in output {
                for line in chunk.withUnsafeBytes({ framer.append($0) }) {
                    guard case .bytes(let bytes) = line, let message = WorkerMessage.decode(bytes) else {
                        noise += 1
                        counters.add(\.noiseLines)
                        if noise <= 3 { log("(a line on its stdout that is no message of the protocol; skipped)") }
                        // Too much of it: treat the stream as lost. Closing the mailbox ends the conversation.
                        if noise > 1_000 { return }
                        continue
                    }
                    if !mailbox.deliver(message) { counters.add(\.staleReplies) }
                }
            }
        } catch {
            // The stream broke: as good as its end.
        }
    }

    private func drain(_ stream: SubprocessOutputSequence, into tail: StderrTail) async {
        var framer = LineFramer(limit: 64 << 10)
        do {
            for try await chunk in stream {
                chunk.withUnsafeBytes { bytes in
                    tail.append(bytes)
                    for case .bytes(let line) in framer.append(bytes) { log(String(decoding: line, as: UTF8.self)) }
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
    fileprivate var clause: String {
        switch self {
        case .exited(let code): "exited with status \(code)"
        case .signaled(let signal): "was killed by signal \(signal)"
        }
    }
}
