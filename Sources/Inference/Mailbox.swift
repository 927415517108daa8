import Synchronization

/// Hands what a worker says to the one who is waiting for it; everything else is counted and dropped.
///
/// One reader delivers, one conversation waits; a message that nobody asked for can never become another text's row.
final class Mailbox: Sendable {
    private enum State {
        /// Nobody waits; may become `expecting` or `closed`.
        case idle
        /// A request with this id is on its way (nil: the ready line); may become `arrived`, `idle` or `closed`.
        case expecting(id: String?, waiter: CheckedContinuation<WorkerMessage, any Error>?)
        /// The answer came before anyone waited for it; becomes `idle`, or `closed` when nothing can follow it any more.
        case arrived(WorkerMessage, last: WorkerFault?)
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
            case .arrived(_, .some(let fault)): state = .closed(fault)
            case .idle, .expecting, .arrived: state = .expecting(id: id, waiter: nil)
            }
        }
    }

    /// Waits for the announced answer. Throws the fault that the mailbox is closed with.
    func answer() async throws -> WorkerMessage {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let immediate: Result<WorkerMessage, any Error>? = state.withLock { state in
                    switch state {
                    case .arrived(let message, let fault):
                        state = fault.map(State.closed) ?? .idle
                        return .success(message)
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
            let waiter: CheckedContinuation<WorkerMessage, any Error>? = state.withLock { state in
                guard case .expecting(_, let waiter) = state else { return nil }
                state = .idle
                return waiter
            }
            waiter?.resume(throwing: CancellationError())
        }
    }

    /// Why nothing will come any more; nil while something may.
    var lost: WorkerFault? {
        state.withLock { state in
            switch state {
            case .closed(let fault), .arrived(_, .some(let fault)): fault
            case .idle, .expecting, .arrived: nil
            }
        }
    }

    /// Takes a message from the reader; false when nobody expects it (stale, duplicate, wrong id).
    func deliver(_ message: WorkerMessage) -> Bool {
        let (accepted, waiter): (Bool, CheckedContinuation<WorkerMessage, any Error>?) = state.withLock { state in
            guard case .expecting(let id, let waiter) = state else { return (false, nil) }
            if case .fatal = message {
                // A worker may give up at any time.
            } else if message.requestID != id {
                return (false, nil)
            }
            state = waiter == nil ? .arrived(message, last: nil) : .idle
            return (true, waiter)
        }
        waiter?.resume(returning: message)
        return accepted
    }

    /// Nothing will come any more: the stream or the process has ended, or is of no more use.
    func close(_ fault: WorkerFault = .exited) {
        let waiter: CheckedContinuation<WorkerMessage, any Error>? = state.withLock { state in
            switch state {
            case .closed: return nil
            case .arrived(let message, let earlier):
                state = .arrived(message, last: earlier ?? fault)
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
