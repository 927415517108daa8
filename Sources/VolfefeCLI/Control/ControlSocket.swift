import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The UNIX socket of a running supervisor: a line in, a line out, connection closed.
///
/// It disturbs nothing whatever comes in: a request has at most 4 KB, a peer two seconds to send it and two to take the
/// answer, and eight peers are served at once; the others wait in the kernel. Each is served by a thread of its own,
/// because the threads of tasks must not block.
final class ControlSocket: Sendable {
    private static let longestRequest = 4096
    private static let peersAtOnce = 8
    private static let patience = Duration.seconds(2)

    private struct State {
        var peers: [Int: UnixSocket] = [:]
        var count = 0
        var isClosed = false
    }

    private let listener: UnixSocket
    private let path: String
    private let answer: @Sendable ([UInt8]) -> [UInt8]
    private let room = DispatchSemaphore(value: peersAtOnce)
    private let state = Mutex(State())

    /// Listens in `folder` as this process while `body` runs. When that is impossible, a warning on stderr says why, and
    /// `body` runs all the same. `answer` is called on any thread, for several peers at once.
    static func serving<Value>(
        in folder: RuntimeFolder, answer: @escaping @Sendable ([UInt8]) -> [UInt8], body: () async throws -> Value
    ) async throws -> Value {
        let socket: ControlSocket?
        do {
            socket = try ControlSocket(folder, answer)
        } catch {
            socket = nil
            Terminal.say("volfefe: `volfefe status` will not see this run: \(error)")
        }
        defer { socket?.close() }
        return try await body()
    }

    private init(_ folder: RuntimeFolder, _ answer: @escaping @Sendable ([UInt8]) -> [UInt8]) throws(SocketError) {
        try folder.make()
        folder.removeStale()
        path = folder.socket(of: getpid())
        self.answer = answer
        // It gets its name only when it listens, so nobody takes it for one that was left behind.
        let unfinished = "\(folder.path)/.\(getpid())"
        unlink(unfinished)
        // The final name is the longer one.
        guard path.utf8.count <= UnixSocket.longestPath else { throw .pathTooLong(path) }
        listener = try UnixSocket.listening(at: unfinished)
        guard rename(unfinished, path) == 0 else {
            let code = errno
            unlink(unfinished)
            listener.close()
            throw .failed(path, code)
        }
        Thread.detachNewThread { [self] in acceptPeers() }
    }

    private func close() {
        unlink(path)
        listener.shutDown()
        state.withLock { state in
            state.isClosed = true
            state.peers.values.forEach { $0.shutDown() }
        }
        room.signal()
    }

    private func acceptPeers() {
        while true {
            room.wait()
            guard let peer = listener.accept() else { break }
            guard let number = admit(peer) else {
                peer.close()
                break
            }
            Thread.detachNewThread { [self] in
                serve(peer)
                // Closed under the lock: `close` must not shut down a descriptor that has become another file's.
                state.withLock { state in
                    state.peers[number] = nil
                    peer.close()
                }
                room.signal()
            }
        }
        listener.close()
        room.signal()
    }

    private func admit(_ peer: UnixSocket) -> Int? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            state.count += 1
            state.peers[state.count] = peer
            return state.count
        }
    }

    private func serve(_ peer: UnixSocket) {
        let reply: [UInt8]
        switch peer.readLine(limit: Self.longestRequest, until: .now + Self.patience) {
        case .line(let request): reply = answer(request)
        case .tooLong: reply = ControlReply.refusal("a request has at most \(Self.longestRequest) bytes")
        case .ended: return
        }
        peer.writeLine(reply, until: .now + Self.patience)
    }
}
