import Subprocess

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// One process that speaks in lines, from launch to teardown. The process cannot leave `live`.
struct WorkerProcess<Message: WireMessage>: Sendable {
    let launch: ProcessLaunch
    let counters: PoolCounters
    /// Receives lines of the process's standard error.
    let log: @Sendable (String) -> Void
    /// Opens when the pool closes; a process that is still starting then is not waited for.
    let closing: Latch
    /// Opens when the process has to go at once, because of its memory.
    let doomed: Latch

    /// Launches the process, lets `begin` make it ready, then `serve` talk with it, and tears it down.
    ///
    /// `onLost` is told as soon as it has ended or cannot be talked to any more, so that `serve` need not wait.
    func live(
        begin: @escaping @Sendable (WireChannel<Message>) async throws -> Void,
        serve: @escaping @Sendable (WireChannel<Message>) async throws -> Void,
        onLost: @escaping @Sendable () -> Void
    ) async -> WorkerEnding {
        let tail = StderrTail()
        // Checked here because a launch that runs out of them midway is not survived by the library.
        if let shortage = Descriptors.shortage(others: launch.others) {
            return WorkerEnding(fault: .unlaunchable(shortage), exit: "", stderrTail: [], wasReady: false)
        }
        do {
            let outcome = try await run(
                launch.configuration, input: .inputWriter, output: .sequence, error: .sequence
            ) { execution in
                await converse(execution, tail, begin: begin, serve: serve, onLost: onLost)
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

    private func converse(
        _ process: Process, _ tail: StderrTail,
        begin: @escaping @Sendable (WireChannel<Message>) async throws -> Void,
        serve: @escaping @Sendable (WireChannel<Message>) async throws -> Void,
        onLost: @escaping @Sendable () -> Void
    ) async -> Conversation {
        let mailbox = Mailbox<Message>(onClose: onLost)
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
            let channel = WireChannel(writer: process.standardInputWriter, mailbox: mailbox)
            let conversation = await talk(channel, begin: begin, serve: serve)
            // What has closed its output is about to end by itself: TERM now would be taken for the reason.
            if isWatched, drained.isOpen {
                try? await withDeadline(.milliseconds(200)) { await ended.wait() }
            }
            await teardown(process, politely: conversation.fault == nil)
            // Whoever still holds its output has left its group: not ours to wait for.
            try? await withDeadline(.milliseconds(100)) { await drained.wait() }
            group.cancelAll()
            return conversation
        }
    }

    private func talk(
        _ channel: WireChannel<Message>,
        begin: @escaping @Sendable (WireChannel<Message>) async throws -> Void,
        serve: @escaping @Sendable (WireChannel<Message>) async throws -> Void
    ) async -> Conversation {
        var conversation = Conversation()
        do {
            try await closing.interrupting { try await begin(channel) }
            conversation.wasReady = true
            try await doomed.interrupting { try await serve(channel) }
            if let fault = channel.mailbox.lost { throw fault }
            try? await channel.close()
        } catch let fault as WorkerFault {
            conversation.fault = fault
        } catch let fatal as FatalReply {
            conversation.fatal = fatal.fatal
            conversation.fault = .exited
        } catch {
            // Cancelled, or the pool has closed, or it is doomed: the process goes at once.
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

    /// Polite: input has closed, wait for the process to leave, then TERM. Otherwise TERM at once. KILL ends both, for the
    /// whole group; it is sent before the process is reaped, so the group's number still belongs to it.
    private func teardown(_ process: Process, politely: Bool) async {
        await process.teardown(using: politely ? launch.politeSteps : launch.teardownSteps)
        kill(-process.processIdentifier.value, SIGKILL)
    }

    private func read(_ output: SubprocessOutputSequence, into mailbox: Mailbox<Message>) async {
        var framer = LineFramer(limit: launch.maxLineBytes)
        var noise = 0
        do {
            for try await chunk in output {
                for line in chunk.withUnsafeBytes({ framer.append($0) }) {
                    guard case .bytes(let bytes) = line, let message = Message.decode(bytes) else {
                        noise += 1
                        counters.change { $0.noiseLines += 1 }
                        if noise <= 3 { log("(a line on its stdout that is no message of the protocol; skipped)") }
                        // Too much of it: the stream is lost.
                        if noise > Worker.noiseLimit { return mailbox.close(.tooMuchNoise) }
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

extension TerminationStatus {
    /// As a clause, and whether it was a signal.
    fileprivate var clause: (String, Bool) {
        switch self {
        case .exited(let code): ("exited with status \(code)", false)
        case .signaled(let signal): ("was killed by signal \(signal)", true)
        }
    }
}
