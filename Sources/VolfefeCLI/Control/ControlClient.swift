import Foundation

/// Talks to running supervisors over their sockets. Its calls block, for `patience` at most.
struct ControlClient: Sendable {
    private static let longestReply = 16 << 20
    /// A supervisor serves eight peers at once, each for four seconds at most.
    private static let patience = Duration.seconds(5)

    let folder: RuntimeFolder

    /// What became of a request.
    enum Outcome: Sendable {
        case reply([UInt8])
        /// There is no such supervisor, or it ended before it answered.
        case gone
        /// It is there and did not answer in time.
        case silent
    }

    /// Sends a request to the supervisor `pid`. The socket of one that is gone is removed.
    func send(_ request: ControlRequest, to pid: Int32) -> Outcome {
        let begun = ContinuousClock.now
        let path = folder.socket(of: pid)
        let socket: UnixSocket
        do throws(SocketError) {
            socket = try .connected(to: path, within: Self.patience)
        } catch {
            if error.isRefused { unlink(path) }
            if case .failed(_, EAGAIN) = error { return .silent }
            return .gone
        }
        defer { socket.close() }
        socket.writeLine(ControlReply.bytes(request), until: begun + Self.patience)
        if case .line(let reply) = socket.readLine(limit: Self.longestReply, until: begun + Self.patience) {
            return .reply(reply)
        }
        return ContinuousClock.now - begun < Self.patience ? .gone : .silent
    }

    /// What `Reply` the supervisor `pid` gives; nil when it gives none, or something else.
    func ask<Reply: Decodable>(_ request: ControlRequest, of pid: Int32, for type: Reply.Type) -> Reply? {
        guard case .reply(let reply) = send(request, to: pid) else { return nil }
        return try? JSONDecoder().decode(type, from: Data(reply))
    }
}
