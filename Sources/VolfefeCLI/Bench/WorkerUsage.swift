import Foundation

/// What a process has used and holds, as the kernel counts it.
enum WorkerUsage {
    /// CPU seconds of all threads; nil where the kernel keeps no count.
    static func cpuSeconds(_ pid: Int32) -> Double? {
        let folder = "/proc/\(pid)/task"
        guard let threads = try? FileManager.default.contentsOfDirectory(atPath: folder) else { return nil }
        let times = threads.compactMap { thread in
            (try? String(contentsOfFile: "\(folder)/\(thread)/schedstat", encoding: .utf8))?
                .split(separator: " ").first.flatMap { Double($0) }
        }
        return times.isEmpty ? nil : times.reduce(0, +) / 1e9
    }

    /// Resident bytes, and the proportional ones, in which shared pages count by their share; nil where it does not say.
    static func memory(_ pid: Int32) -> (resident: UInt64, proportional: UInt64)? {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/smaps_rollup", encoding: .utf8) else { return nil }
        func bytes(_ key: String) -> UInt64? {
            text.split(separator: "\n").first { $0.hasPrefix(key + ":") }?
                .split(separator: " ").dropFirst().first.flatMap { UInt64($0) }.map { $0 << 10 }
        }
        guard let resident = bytes("Rss"), let proportional = bytes("Pss") else { return nil }
        return (resident, proportional)
    }
}
