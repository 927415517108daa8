/// A line that a process of ours says, whatever it is for; `docs/protocol.md` has the frame.
protocol WireMessage: Sendable {
    /// Reads one line; nil when it is no message of the protocol (noise).
    static func decode(_ line: [UInt8]) -> Self?
    /// The request that it answers, if it answers one.
    var requestID: String? { get }
    /// Why the process gives up, if it does.
    var fatal: WorkerFatal? { get }
    /// Whether more lines follow that answer the same request.
    var isPart: Bool { get }
}

extension WorkerMessage: WireMessage {
    var fatal: WorkerFatal? { if case .fatal(let fatal) = self { fatal } else { nil } }
    var isPart: Bool { false }
}
