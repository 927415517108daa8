import Synchronization

/// Hands what a process says to the one who is waiting for it; everything else is counted and dropped.
///
/// One reader delivers, one conversation waits; a message that nobody asked for can never become another text's row.
final class Mailbox<Message: WireMessage>: Sendable {
    private enum State {
        /// Nobody waits; may become `expecting` or `closed`.
        case idle
        /// A request with this id is on its way (nil: the ready line); may become `arrived`, `idle` or `closed`.
        case expecting(id: String?, waiter: CheckedContinuation<Message, any Error>?)
        /// Lines came before anyone waited for them, at least one; all but the last are parts. Becomes `expecting` or `idle`
        /// when they have been taken, or `closed` when nothing can follow them any more.
        case arrived(id: String?, [Message], last: WorkerFault?)
        /// Nothing will come any more, for this reason; final.
        case closed(WorkerFault)
    }

    private let state = Mutex(State.idle)
    private let onClose: @Sendable () -> Void

    /// `onClose` is called when nothing will come any more.
    init(onClose: @escaping @Sendable () -> Void) {
        self.onClose = onClose
    }

    /// Announces the id of the next answer; call it before the request is sent.
    func expect(id: String?) {
        state.withLock { state in
            switch state {
            case .closed: return
            case .arrived(_, _, .some(let fault)): state = .closed(fault)
            case .idle, .expecting, .arrived: state = .expecting(id: id, waiter: nil)
            }
        }
    }

    /// Waits for the announced answer, or for its next line when the one before was a part. Throws the fault that the
    /// mailbox is closed with.
    func answer() async throws -> Message {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate: Result<Message, any Error>? = state.withLock { state in
                    switch state {
                    case .arrived(let id, let messages, let fault):
                        state = Self.taken(id, messages, fault)
                        return .success(messages[0])
                    case .expecting(let id, _) where !Task.isCancelled:
                        state = .expecting(id: id, waiter: continuation)
                        return nil
                    case .expecting:
                        state = .idle
                        return .failure(CancellationError())
                    case .idle:
                        return .failure(WorkerFault.exited)
                    case .closed(let fault):
                        return .failure(fault)
                    }
                }
                if let immediate { continuation.resume(with: immediate) }
            }
        } onCancel: {
            let waiter: CheckedContinuation<Message, any Error>? = state.withLock { state in
                guard case .expecting(_, let waiter) = state else { return nil }
                state = .idle
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// What follows when the first of the messages has been taken.
    private static func taken(_ id: String?, _ messages: [Message], _ fault: WorkerFault?) -> State {
        guard messages.count == 1 else { return .arrived(id: id, Array(messages.dropFirst()), last: fault) }
        if let fault { return .closed(fault) }
        return messages[0].isPart ? .expecting(id: id, waiter: nil) : .idle
    }

    /// Why nothing will come any more; nil while something may.
    var lost: WorkerFault? {
        state.withLock { state in
            switch state {
            case .closed(let fault), .arrived(_, _, .some(let fault)): fault
            case .idle, .expecting, .arrived: nil
            }
        }
    }

    /// Takes a message from the reader; false when nobody expects it (stale, duplicate, wrong id).
    func deliver(_ message: Message) -> Bool {
        let (accepted, waiter): (Bool, CheckedContinuation<Message, any Error>?) = state.withLock { state in
            // A worker may give up at any time.
            func answers(_ id: String?) -> Bool { message.fatal != nil || message.requestID == id }
            switch state {
            case .expecting(let id, let waiter) where answers(id):
                guard waiter != nil else {
                    state = .arrived(id: id, [message], last: nil)
                    return (true, nil)
                }
                state = message.isPart ? .expecting(id: id, waiter: nil) : .idle
                return (true, waiter)
            case .arrived(let id, let messages, nil) where messages.last?.isPart == true && answers(id):
                state = .arrived(id: id, messages + [message], last: nil)
                return (true, nil)
            case .idle, .expecting, .arrived, .closed: return (false, nil)
            }
        }
        waiter?.resume(returning: message)
        return accepted
    }

    /// Nothing will come any more: the stream or the process has ended, or is of no more use.
    func close(_ fault: WorkerFault = .exited) {
        let waiter: CheckedContinuation<Message, any Error>? = state.withLock { state in
            switch state {
            case .closed: return nil
            case .arrived(let id, let messages, let earlier):
                state = .arrived(id: id, messages, last: earlier ?? fault)
                return nil
            case .idle:
                state = .closed(fault)
                return nil
            case .expecting(_, let waiter):
                state = .closed(fault)
                return waiter
            }
        }
        waiter?.resume(throwing: fault)
        onClose()
    }
}
