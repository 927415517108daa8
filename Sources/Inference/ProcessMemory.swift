import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What processes hold and what the machine has left, in bytes. Zero and nil where the system does not say.
public enum ProcessMemory {
    /// Resident memory of one process; nil when it is gone.
    static func resident(_ pid: Int32) -> UInt64? {
        guard let fields = words(of: "/proc/\(pid)/statm"), fields.count > 1, let pages = UInt64(fields[1]) else {
            return nil
        }
        return pages * pageSize
    }

    /// Resident memory per process group, without the group's leader.
    static func residentOfOthers(inGroups groups: Set<Int32>) -> [Int32: UInt64] {
        var sums: [Int32: UInt64] = [:]
        for entry in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] {
            guard let pid = Int32(entry), !groups.contains(pid), let stat = ProcessStat(pid: pid),
                groups.contains(stat.processGroup)
            else { continue }
            sums[stat.processGroup, default: 0] += stat.residentPages * pageSize
        }
        return sums
    }

    /// Memory that new processes may use: what the kernel calls available, or less where a control group limits us.
    public static var available: UInt64 {
        let machine =
            lines(of: "/proc/meminfo").first { $0.hasPrefix("MemAvailable:") }?
            .split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
            ?? ProcessInfo.processInfo.physicalMemory / 2
        return min(machine, leftInControlGroup ?? .max)
    }

    /// What our control group has left (version 2, else version 1); nil without a limit.
    private static var leftInControlGroup: UInt64? {
        var path = ""
        for line in lines(of: "/proc/self/cgroup") {
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1].isEmpty || parts[1] == "memory" else { continue }
            let isSecond = parts[1].isEmpty
            path = (isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory") + parts[2]
            let names = isSecond ? ("memory.max", "memory.current") : ("memory.limit_in_bytes", "memory.usage_in_bytes")
            if let limit = number("\(path)/\(names.0)"), limit < 1 << 60, let used = number("\(path)/\(names.1)") {
                return limit > used ? limit - used : 0
            }
        }
        return nil
    }

    private static var pageSize: UInt64 { UInt64(sysconf(Int32(_SC_PAGESIZE))) }

    private static func number(_ path: String) -> UInt64? { words(of: path)?.first.flatMap { UInt64($0) } }

    private static func words(of path: String) -> [Substring]? {
        try? String(contentsOfFile: path, encoding: .utf8).split(whereSeparator: \.isWhitespace)
    }

    private static func lines(of path: String) -> [Substring] {
        (try? String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")) ?? []
    }
}
