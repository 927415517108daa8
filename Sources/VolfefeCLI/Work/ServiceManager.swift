import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Tells systemd how the service is, by the protocol of sd_notify(3): datagrams to `NOTIFY_SOCKET`.
///
/// Without that variable it does nothing.
final class ServiceManager: Sendable {
    private let socketPath: String?
    /// How often a sign of life is sent: half of what systemd waits for; nil when it does not wait.
    private let interval: Duration?
    private let lastSign = Mutex(ContinuousClock.now)

    init(environment: [String: String] = ProcessInfo.processInfo.environment) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap { $0.isEmpty ? nil : $0 }
        let isMeant = environment["WATCHDOG_PID"].map { Int32($0) == getpid() } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap(Int64.init)
        interval = isMeant ? microseconds.map { .microseconds(max($0 / 2, 1)) } : nil
    }

    /// It is up and works.
    func ready() { send("READY=1\nSTATUS=working") }

    /// It has been asked to stop and finishes what is running.
    func stopping() { send("STOPPING=1\nSTATUS=finishing what is running") }

    /// The work goes round; call it as often as you like.
    func sign() {
        guard let interval else { return }
        let isTime = lastSign.withLock { last in
            guard ContinuousClock.now - last >= interval else { return false }
            last = .now
            return true
        }
        if isTime { send("WATCHDOG=1") }
    }

    /// Without waiting: a manager that does not listen must not hold up the work.
    private func send(_ message: String) {
        guard let socketPath else { return }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(socketPath.utf8)
        // "@" stands for the NUL of an abstract address.
        if path.first == UInt8(ascii: "@") { path[0] = 0 }
        guard path.count < MemoryLayout.size(ofValue: address.sun_path) else { return }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + path.count)
        #if canImport(Glibc)
            let descriptor = socket(
                AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        #else
            let descriptor = socket(AF_UNIX, SOCK_DGRAM, 0)
            _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        #endif
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, 0, $0, length)
            }
        }
    }
}
