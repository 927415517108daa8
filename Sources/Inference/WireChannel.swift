import Subprocess

/// What is said to a live process and heard from it: one request at a time, each with a deadline.
struct WireChannel<Message: WireMessage>: Sendable {
    let writer: StandardInputWriter
    let mailbox: Mailbox<Message>

    /// Sends a line and waits for the first line that answers it; `id` nil: the ready line.
    ///
    /// Throws `DeadlineExceeded`, a `WorkerFault` when the process is lost, `FatalReply` when it gives up.
    func exchange(_ line: [UInt8], id: String?, timeout: Duration) async throws -> Message {
        mailbox.expect(id: id)
        return try await withDeadline(timeout) {
            do {
                guard try await writer.write(line) == line.count else { throw WorkerFault.exited }
            } catch is SubprocessError {
                // Broken pipe: the worker may have said why before it went, so still look for an answer.
            } catch WorkerFault.exited where !Task.isCancelled {
                // As above.
            }
            return try await answer()
        }
    }

    /// Waits for the next line that answers the same request, after one that was only a part.
    func more(timeout: Duration) async throws -> Message {
        try await withDeadline(timeout) { try await answer() }
    }

    /// Closes the process's input, which asks it to leave.
    func close() async throws {
        try await writer.finish()
    }

    private func answer() async throws -> Message {
        let answer = try await mailbox.answer()
        if let fatal = answer.fatal { throw FatalReply(fatal: fatal) }
        return answer
    }
}

/// A `fatal` message, thrown to end the conversation.
struct FatalReply: Error {
    let fatal: WorkerFatal
}
