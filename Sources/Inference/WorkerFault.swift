/// Why a conversation with a worker ended before it was done.
enum WorkerFault: Error, Equatable {
    /// The process is gone, or its output has ended.
    case exited
    /// It did not become ready within the start timeout.
    case startTimeout(Duration)
    /// It did not answer within the request timeout.
    case requestTimeout(Duration)
    /// It said something that the protocol does not allow.
    case protocolViolation(String)
    /// It printed more lines on stdout that were no messages than anyone may.
    case tooMuchNoise
    /// We killed it, for holding too much memory.
    case tooMuchMemory
    /// It could not be launched; the clause says why.
    case unlaunchable(String)
}

/// How a worker's life ended.
struct WorkerEnding: Sendable {
    /// What went wrong; nil when the worker was asked to leave and left.
    var fault: WorkerFault?
    /// A fatal message, when the worker sent one.
    var fatal: WorkerFatal?
    /// Such as "exited with status 1" or "killed by signal 9".
    var exit: String
    /// Last lines of its standard error.
    var stderrTail: [String]
    /// Whether it ever became ready.
    var wasReady: Bool
    /// Whether a signal ended it.
    var wasSignalled = false

    /// The fault in a word; nil when nothing went wrong.
    var kind: EndingKind? {
        switch fault {
        case nil: nil
        case .exited: wasSignalled ? .killed : .exited
        case .startTimeout: .startTimeout
        case .requestTimeout: .timeout
        case .protocolViolation: .protocolViolation
        case .tooMuchNoise: .noise
        case .tooMuchMemory: .hardMemory
        case .unlaunchable: .unlaunchable
        }
    }

    /// The last lines of its standard error; nil when there are none.
    var evidence: String? { stderrTail.isEmpty ? nil : stderrTail.joined(separator: "\n") }

    /// One clause for messages.
    var reason: String {
        switch fault {
        case .startTimeout(let limit): "it was not ready within \(limit.seconds) s"
        case .requestTimeout(let limit): "it did not answer within \(limit.seconds) s"
        case .protocolViolation(let what): "it broke the protocol: \(what)"
        case .tooMuchNoise: "it printed more than \(Worker.noiseLimit) lines on stdout that are no messages"
        case .tooMuchMemory: "its processes held more memory than the hard limit"
        case .unlaunchable(let why): "it could not be launched (\(why))"
        case .exited, nil: "it \(exit)"
        }
    }
}

extension Duration {
    /// Seconds, rounded to a millisecond, for messages.
    var seconds: Double {
        let (seconds, attoseconds) = components
        return Double(seconds) + (Double(attoseconds) / 1e15).rounded() / 1e3
    }
}
