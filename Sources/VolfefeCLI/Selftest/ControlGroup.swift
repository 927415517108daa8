import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A control group of the kernel: a limit that holds for everyone who joins it.
struct ControlGroup: Sendable {
    /// Why there is none on this machine.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Its folder.
    let path: String

    /// A group whose members are killed when they take more memory together. Throws `Unavailable`.
    static func memory(megabytes: Int) throws -> ControlGroup {
        let group = try ControlGroup(controller: "memory")
        let bytes = "\(megabytes << 20)"
        guard group.set("memory.limit_in_bytes", bytes) || group.set("memory.max", bytes) else {
            group.remove()
            throw Unavailable(description: "control groups cannot limit memory here")
        }
        // Where swap is not counted there usually is none.
        _ = group.set("memory.memsw.limit_in_bytes", bytes) || group.set("memory.swap.max", "0")
        return group
    }

    /// A group that can be forbidden to start anything more. Throws `Unavailable`.
    static func processes() throws -> ControlGroup {
        let group = try ControlGroup(controller: "pids")
        guard group.set("pids.max", "max") else {
            group.remove()
            throw Unavailable(description: "control groups cannot limit processes here")
        }
        return group
    }

    /// From now on nobody in it may start a process or a thread.
    func forbidMore() -> Bool { set("pids.max", "1") }

    /// Makes a group of version 1 or 2. Throws `Unavailable` where that needs rights this process does not have.
    private init(controller: String) throws {
        let first = "/sys/fs/cgroup/\(controller)"
        let parent = access(first + "/tasks", F_OK) == 0 ? first : "/sys/fs/cgroup"
        path = "\(parent)/volfefe-selftest-\(getpid())"
        guard mkdir(path, 0o755) == 0 else {
            throw Unavailable(description: "no control group can be made here (\(String(cString: strerror(errno))))")
        }
    }

    /// Removes it; its processes have to be gone.
    func remove() { rmdir(path) }

    private func set(_ file: String, _ text: String) -> Bool {
        let descriptor = open("\(path)/\(file)", O_WRONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return Terminal.write(Array(text.utf8), to: descriptor)
    }
}
