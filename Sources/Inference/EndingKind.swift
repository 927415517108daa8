/// Why a worker's life ended, in a word: the key of the restart counters.
public enum EndingKind: String, Codable, Sendable, CaseIterable {
    /// It was killed by a signal that was not ours, such as the kernel's when memory ran out.
    case killed
    /// It exited by itself.
    case exited
    /// It did not answer in time.
    case timeout
    /// It did not become ready in time.
    case startTimeout = "start_timeout"
    /// It said something that the protocol does not allow.
    case protocolViolation = "protocol"
    /// It printed too much on stdout that was no message.
    case noise
    /// Its process group held more memory than the hard limit.
    case hardMemory = "memory_hard"
    /// It could not be launched at all: no such program, no process, no descriptor left.
    case unlaunchable

    /// Recycled: it had answered its share of requests, was old, or held more memory than the soft limit.
    case maxRequests = "max_requests"
    case maxAge = "max_age"
    case softMemory = "memory_soft"
    /// It had nothing to do and was not needed.
    case idle
    /// Someone asked for new workers.
    case reset

    /// Whether it left because it was asked to, between two requests.
    var isPlanned: Bool {
        switch self {
        case .maxRequests, .maxAge, .softMemory, .idle, .reset: true
        case .killed, .exited, .timeout, .startTimeout, .protocolViolation, .noise, .hardMemory, .unlaunchable: false
        }
    }
}
