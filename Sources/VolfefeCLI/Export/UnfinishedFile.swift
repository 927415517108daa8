import Crypto
import Foundation
import Synchronization
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file that takes its name when it is complete, and is removed when it never becomes so.
final class UnfinishedFile: Sendable {
    /// Where it will be.
    let path: String
    /// Where it is until then: in the same folder, so that the renaming is one step.
    let temporaryPath: String
    private let descriptor: Int32
    private let isFinished = Mutex(false)
    /// The option that names another place.
    private let option: String

    /// Creates it. Throws `CommandError` when its folder is not there or may not be written.
    init(path: String, option: String = "--output") throws {
        self.path = path
        self.option = option
        temporaryPath = path + ".unfinished-\(getpid())"
        descriptor = open(temporaryPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw CommandError(
                errno == ENOENT ? .notFound : .inputOutput,
                "cannot write \(path): \(reason). Check its folder, or name another one with \(option).")
        }
    }

    deinit {
        close(descriptor)
        if !isFinished.withLock({ $0 }) { unlink(temporaryPath) }
    }

    /// Appends bytes. Throws `CommandError` when the disk is full.
    func append(_ bytes: [UInt8]) throws {
        guard Terminal.write(bytes, to: descriptor) else {
            throw CommandError(
                .inputOutput,
                "cannot write \(path): \(String(cString: strerror(errno))). Nothing was left; free some space, or name another place with \(option)."
            )
        }
    }

    /// Bytes, and their SHA-256 in hexadecimal, read back from the file.
    func sizeAndHash() throws -> (bytes: Int, sha256: String) {
        var hash = SHA256()
        var bytes = 0
        let file = try FileHandle(forReadingFrom: URL(filePath: temporaryPath))
        defer { try? file.close() }
        while let chunk = try file.read(upToCount: 1 << 20), !chunk.isEmpty {
            hash.update(data: chunk)
            bytes += chunk.count
        }
        return (bytes, hash.finalize().map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined())
    }

    /// Gives it its name.
    func finish() throws {
        guard fsync(descriptor) == 0, rename(temporaryPath, path) == 0 else {
            throw CommandError(.inputOutput, "cannot write \(path): \(String(cString: strerror(errno))).")
        }
        isFinished.withLock { $0 = true }
    }
}
