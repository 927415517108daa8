import Foundation
import Inference

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

    /// Whether this process can look at it: it began since this boot, where process ids mean the same.
    var isVisible: Bool { boot == Self.currentBoot }

    private static let currentBoot: String = {
        let id = try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)
        return (id.map { String($0.filter { !$0.isWhitespace }) } ?? "") + processNamespace
    }()

    /// Where a container counts processes by itself, its process ids say nothing outside: as if it were another machine.
    private static let processNamespace: String = {
        let name = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        // The namespace of the kernel itself has this number everywhere.
        guard let name, name != "pid:[4026531836]" else { return "" }
        return "/" + name
    }()

    /// When a process started; nil when there is none, or only what its parent has to reap.
    private static func startOfProcess(_ pid: Int32) -> Int64? {
        ProcessStat(pid: pid).flatMap { $0.hasEnded ? nil : $0.start }
    }
}
