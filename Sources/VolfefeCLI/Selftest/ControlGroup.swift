import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A control group of the kernel with a limit on memory; who joins it and takes more is killed.
struct ControlGroup: Sendable {
    /// Why there is none on this machine.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Its folder.
    let path: String

    /// Makes a group of version 1 or 2. Throws `Unavailable` where that needs rights this process does not have.
    init(megabytes: Int) throws {
        let (first, second) = ("/sys/fs/cgroup/memory", "/sys/fs/cgroup")
        let isFirst = access(first + "/memory.limit_in_bytes", F_OK) == 0
        path = "\(isFirst ? first : second)/volfefe-selftest-\(getpid())"
        guard mkdir(path, 0o755) == 0 else {
            throw Unavailable(description: "no control group can be made here (\(String(cString: strerror(errno))))")
        }
        let limits =
            isFirst
            ? ["memory.limit_in_bytes", "memory.memsw.limit_in_bytes"] : ["memory.max", "memory.swap.max"]
        let bytes = [megabytes << 20, isFirst ? megabytes << 20 : 0]
        guard write(limits[0], "\(bytes[0])") else {
            rmdir(path)
            throw Unavailable(description: "control groups cannot limit memory here")
        }
        // Where swap is not counted there usually is none.
        _ = write(limits[1], "\(bytes[1])")
    }

    /// Removes it; its processes have to be gone.
    func remove() { rmdir(path) }

    private func write(_ file: String, _ text: String) -> Bool {
        let descriptor = open("\(path)/\(file)", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Terminal.write(Array(text.utf8), to: descriptor)
    }
}
