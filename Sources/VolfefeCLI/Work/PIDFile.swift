import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that holds this process's id for as long as it lives: a second process that names it is refused.
final class PIDFile {
    private let path: String
    private let descriptor: Int32

    /// Writes the file; throws when a living process holds it, or when it cannot be written.
    init(_ path: String) throws {
        self.path = path
        descriptor = try Self.locked(path)
        let bytes = Array("\(getpid())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, bytes, bytes.count, 0) == bytes.count else {
            throw Self.unwritable(path)
        }
    }

    /// The open file, locked. The lock goes with the process, however that ends; a number in a file may be somebody else's by now.
    private static func locked(_ path: String) throws -> Int32 {
        while true {
            let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
            guard descriptor >= 0 else { throw unwritable(path) }
            guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
                close(descriptor)
                let holder = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: "\n").first ?? "?"
                throw CommandError(
                    .temporary, "\(path) is held by process \(holder), which is running; stop that one first.")
            }
            var held = stat()
            var named = stat()
            // Whoever held it may have removed it between our opening and our locking.
            if fstat(descriptor, &held) == 0, stat(path, &named) == 0, held.st_ino == named.st_ino { return descriptor }
            close(descriptor)
        }
    }

    private static func unwritable(_ path: String) -> CommandError {
        CommandError(
            .inputOutput, "cannot write the file \(path) of --pidfile: \(String(cString: strerror(errno))).")
    }

    /// Removes the file.
    func release() {
        unlink(path)
        close(descriptor)
    }
}
