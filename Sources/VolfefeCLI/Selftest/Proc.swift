import Foundation
import Inference

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// What the kernel says about processes, from `/proc`.
enum Proc {
    /// Seconds on the clock that workers put before their events.
    static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Whether a process runs: a zombie does not.
    static func isAlive(_ pid: Int32) -> Bool { ProcessStat(pid: pid).map { !$0.hasEnded } ?? false }

    /// Processes whose parent is `pid`, whichever of its threads launched them.
    static func children(of pid: Int32) -> Set<Int32> {
        let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        return Set(
            tasks.flatMap { task in
                (text("/proc/\(pid)/task/\(task)/children") ?? "").split(separator: " ").compactMap { Int32($0) }
            })
    }

    /// A line of `/proc/PID/status` in bytes, such as VmRSS or VmHWM; 0 when it is not there.
    static func memory(_ pid: Int32, _ key: String) -> UInt64 {
        guard let line = text("/proc/\(pid)/status")?.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }),
            let kilobytes = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first
        else { return 0 }
        return (UInt64(kilobytes) ?? 0) << 10
    }

    /// Open descriptors of a process with what they point to.
    static func descriptors(_ pid: Int32) -> [Int32: String] {
        let folder = "/proc/\(pid)/fd"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var found: [Int32: String] = [:]
        for name in names {
            guard let number = Int32(name),
                let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\(name)")
            else { continue }
            found[number] = target
        }
        return found
    }

    /// Processes whose environment holds `needle`, this one apart.
    static func processes(withEnvironment needle: String) -> [Int32] {
        let bytes = Data(needle.utf8)
        return ((try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []).compactMap { Int32($0) }.filter {
            $0 != getpid() && data("/proc/\($0)/environ")?.range(of: bytes) != nil
        }
    }

    /// The command line of a process, its arguments separated by spaces.
    static func command(_ pid: Int32) -> String {
        (text("/proc/\(pid)/cmdline") ?? "").replacing("\0", with: " ")
    }

    private static func text(_ path: String) -> String? { data(path).map { String(decoding: $0, as: UTF8.self) } }

    /// Reads a file of `/proc`, whose size is not known before.
    private static func data(_ path: String) -> Data? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var all = Data()
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? all : nil }
            all.append(contentsOf: chunk[..<count])
        }
    }
}

/// Waits for something that nobody announces: the kernel has no event for what other processes do.
///
/// Returns false when it has not come true within `limit`.
func eventually(
    within limit: Duration, every interval: Duration = .milliseconds(2), _ condition: () async throws -> Bool
) async throws -> Bool {
    let deadline = ContinuousClock.now + limit
    while try await !condition() {
        guard ContinuousClock.now < deadline else { return false }
        try await Task.sleep(for: interval)
    }
    return true
}
