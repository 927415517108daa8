import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A disk in memory that is soon full, mounted on a folder; it is gone when it is removed.
struct SmallDisk: Sendable {
    /// Why there is none on this machine.
    struct Unavailable: Error, CustomStringConvertible {
        let description: String
    }

    /// Where it is mounted.
    let path: String

    /// Mounts a disk on a new folder. Throws `Unavailable` where that needs rights this process does not have.
    init(at path: String, megabytes: Int) throws {
        self.path = path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        #if os(Linux)
            guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
                throw Unavailable(
                    description: "no small disk can be mounted here (\(String(cString: strerror(errno))))")
            }
        #else
            throw Unavailable(description: "small disks are mounted on Linux only")
        #endif
    }

    /// Forbids or allows writing; false when the system refuses.
    func setReadOnly(_ readOnly: Bool) -> Bool {
        #if os(Linux)
            mount("tmpfs", path, "tmpfs", UInt(readOnly ? MS_REMOUNT | MS_RDONLY : MS_REMOUNT), nil) == 0
        #else
            false
        #endif
    }

    /// Takes it away with everything on it.
    func remove() {
        #if os(Linux)
            umount2(path, Int32(MNT_DETACH))
        #endif
    }

    /// Fills it but for so many bytes, with a file of this name.
    func fill(_ name: String, leaving room: Int) {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let block = [UInt8](repeating: 0, count: 4096)
        var written = 0
        while true {
            let count = write(descriptor, block, block.count)
            guard count > 0 else { break }
            written += count
        }
        _ = ftruncate(descriptor, off_t(max(written - room, 0)))
    }
}
