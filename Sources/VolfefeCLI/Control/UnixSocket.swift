import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A stream socket with a place in the file system. Every wait has a deadline, so a silent peer holds nobody up for ever.
///
/// The descriptor is closed on exec: no worker inherits it.
struct UnixSocket: Sendable {
    /// What a peer sent: a line, more than was allowed, or nothing more before it left or the time was over.
    enum Received: Equatable {
        case line([UInt8])
        case tooLong
        case ended
    }

    /// Longest path in bytes that the kernel takes.
    static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    private let descriptor: Int32

    /// Binds to `path`, where nothing may be, and listens.
    static func listening(at path: String) throws(SocketError) -> UnixSocket {
        let socket = try UnixSocket(path)
        let status = socket.withAddress(path) { bind(socket.descriptor, $0, $1) }
        guard status == 0, listen(socket.descriptor, 64) == 0 else {
            let code = errno
            socket.close()
            throw .failed(path, code)
        }
        return socket
    }

    /// Connects to whoever listens at `path`; `isRefused` of the error says that nobody does.
    static func connected(to path: String, within limit: Duration) throws(SocketError) -> UnixSocket {
        let socket = try UnixSocket(path)
        var time = timeval(tv_sec: Int(limit.components.seconds), tv_usec: 0)
        // On Linux this bounds `connect` too, which waits while the listener's backlog is full.
        setsockopt(socket.descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
        guard socket.withAddress(path, { connect(socket.descriptor, $0, $1) }) == 0 else {
            let code = errno
            socket.close()
            throw .failed(path, code)
        }
        socket.doNotBlock()
        return socket
    }

    /// Waits for the next peer; nil when the socket has been shut down.
    func accept() -> UnixSocket? {
        while true {
            #if canImport(Glibc)
                let peer = Glibc.accept(descriptor, nil, nil)
            #else
                let peer = Darwin.accept(descriptor, nil, nil)
            #endif
            if peer >= 0 {
                let socket = UnixSocket(descriptor: peer)
                // accept4 is not in the Glibc module. A worker that is launched just between these two calls inherits
                // nothing all the same: Subprocess closes what is not meant for it.
                _ = fcntl(peer, F_SETFD, FD_CLOEXEC)
                socket.doNotBlock()
                return socket
            }
            switch errno {
            case EINTR, ECONNABORTED: continue
            // Nothing left to accept it with: the peer stays in the backlog until there is.
            case EMFILE, ENFILE, ENOBUFS, ENOMEM: usleep(100_000)
            default: return nil
            }
        }
    }

    /// Reads one line of at most `limit` bytes, without its newline.
    func readLine(limit: Int, until deadline: ContinuousClock.Instant) -> Received {
        var line: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: min(limit + 1, 1 << 16))
        while isReady(for: Int16(POLLIN), until: deadline) {
            let count = read(descriptor, &chunk, chunk.count)
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return .ended }
            let end = chunk[..<count].firstIndex(of: 0x0A)
            line += chunk[..<(end ?? count)]
            if line.count > limit { return .tooLong }
            if end != nil { return .line(line) }
        }
        return .ended
    }

    /// Writes `bytes` and a newline; false when the peer left or did not take them in time.
    @discardableResult
    func writeLine(_ bytes: [UInt8], until deadline: ContinuousClock.Instant) -> Bool {
        var rest = (bytes + [0x0A])[...]
        while !rest.isEmpty {
            guard isReady(for: Int16(POLLOUT), until: deadline) else { return false }
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR || errno == EAGAIN { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// Ends both directions at once; whoever waits on the socket, in any thread, goes on.
    func shutDown() {
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Gives the descriptor back.
    func close() {
        #if canImport(Glibc)
            Glibc.close(descriptor)
        #else
            Darwin.close(descriptor)
        #endif
    }

    // MARK: - Pieces

    private init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    private init(_ path: String) throws(SocketError) {
        guard path.utf8.count <= Self.longestPath else { throw .pathTooLong(path) }
        #if canImport(Glibc)
            descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        #else
            descriptor = socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard descriptor >= 0 else { throw .failed(path, errno) }
    }

    private func doNotBlock() {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix(Self.longestPath)) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private func isReady(for event: Int16, until deadline: ContinuousClock.Instant) -> Bool {
        var entry = pollfd(fd: descriptor, events: event, revents: 0)
        while true {
            let left = deadline - .now
            guard left > .zero else { return false }
            let count = poll(&entry, 1, Int32(clamping: Int((left / .milliseconds(1)).rounded(.up))))
            if count > 0 { return true }
            if count < 0, errno != EINTR { return false }
        }
    }
}
