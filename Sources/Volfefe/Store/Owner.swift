import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The process that a run belongs to. Whether it lives is asked of the kernel, never of a clock.
///
/// A process id alone may be somebody else's by now; together with the process's start and the boot it is unique. Outside
/// of Linux only the process id is known.
public struct Owner: Sendable, Hashable, Codable {
    /// Id that the kernel gave itself when it booted; empty where it has none.
    public var boot: String
    /// Process id.
    public var pid: Int32
    /// Start of the process in clock ticks since the boot; 0 where it is unknown.
    public var start: Int64

    /// Creates an owner.
    public init(boot: String, pid: Int32, start: Int64) {
        self.boot = boot
        self.pid = pid
        self.start = start
    }

    /// This process.
    public static let current = Owner(boot: currentBoot, pid: getpid(), start: startOfProcess(getpid()) ?? 0)

    /// Whether the process still runs. One that has ended but was not waited for by its parent does not.
    public var isAlive: Bool {
        guard boot == Self.currentBoot, pid > 0 else { return false }
        guard !boot.isEmpty else { return kill(pid, 0) == 0 || errno == EPERM }
        return Self.startOfProcess(pid) == start
    }

    private static let currentBoot: String = {
        let id = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return id.map { String($0.filter { !$0.isWhitespace }) } ?? ""
    }()

    /// Clock ticks from the boot to the start of a process; nil when there is none, or only what its parent has to reap.
    private static func startOfProcess(_ pid: Int32) -> Int64? {
        guard let line = FileManager.default.contents(atPath: "/proc/\(pid)/stat") else { return nil }
        // The name, in parentheses, may hold anything; the state is field 3, the start field 22.
        let fields = String(decoding: line, as: UTF8.self).split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, !["Z", "X", "x"].contains(fields[0]) else { return nil }
        return Int64(fields[19])
    }
}
