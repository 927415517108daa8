import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The file descriptors of this process.
public enum Descriptors {
    /// A worker takes three pipes, its pidfd and what the launch itself needs.
    static let perLaunch = 16

    /// With fewer, not even the libraries that we stand on survive.
    public static let fewest = 32

    /// Raises the limit as far as it may be raised, as every worker needs a few, and says what it is then.
    @discardableResult
    public static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            limit.rlim_cur = limit.rlim_max
            setrlimit(kind, &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }

    /// Why no process can be launched now; nil when there are descriptors enough. `others` may be launched at the same time.
    static func shortage(others: Int) -> String? {
        var limit = rlimit()
        guard getrlimit(kind, &limit) == 0, limit.rlim_cur < 1 << 20,
            let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count
        else { return nil }
        let free = Int(limit.rlim_cur) - open
        let needed = perLaunch * (others + 1)
        return free >= needed
            ? nil
            : "\(max(free, 0)) of \(limit.rlim_cur) file descriptors are free and \(needed) are needed; raise `ulimit -n`"
    }

    #if canImport(Glibc)
        private static let kind = Int32(RLIMIT_NOFILE.rawValue)
    #else
        private static let kind = RLIMIT_NOFILE
    #endif
}
