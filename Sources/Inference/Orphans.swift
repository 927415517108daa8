import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Processes that workers had started whose supervisor was SIGKILLed.
///
/// The workers themselves die with their supervisor; what they had started is told of nothing. It carries
/// `VOLFEFE_SUPERVISOR_PID`, as it has its worker's environment, and so the next supervisor finds it.
enum Orphans {
    /// The variable that every worker has.
    static let variable = "VOLFEFE_SUPERVISOR_PID"

    /// Ends them; says how many there were. Nothing is found where there is no `/proc`.
    ///
    /// Only processes of this user in this process's own namespace of process ids are looked at: numbers of another one mean
    /// other processes. A number that some other process has by now spares the orphan.
    @discardableResult static func end() -> Int {
        let files = FileManager.default
        let mine = try? files.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")
        guard let mine else { return 0 }
        var ended = 0
        for entry in (try? files.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry), pid != getpid(), let supervisor = supervisor(of: pid), isGone(supervisor),
                (try? files.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/pid")) == mine
            else { continue }
            if kill(pid, SIGKILL) == 0 { ended += 1 }
        }
        return ended
    }

    /// The supervisor that a process descends from, by its environment.
    private static func supervisor(of pid: Int32) -> Int32? {
        guard let environment = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/environ")) else { return nil }
        let prefix = Array("\(variable)=".utf8)
        let entry = environment.split(separator: 0).first { $0.starts(with: prefix) }
        return entry.flatMap { Int32(String(decoding: $0.dropFirst(prefix.count), as: UTF8.self)) }
    }

    private static func isGone(_ pid: Int32) -> Bool {
        guard pid > 0 else { return false }
        return ProcessStat(pid: pid).map(\.hasEnded) ?? (kill(pid, 0) != 0 && errno == ESRCH)
    }
}
