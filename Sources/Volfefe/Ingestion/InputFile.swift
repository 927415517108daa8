import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// An input that is open for reading; it is closed with its last reader.
final class InputFile {
    /// What the user called it.
    let name: String
    private let descriptor: Int32

    /// Opens `path`; "-" is standard input. Throws `.notFound` when it cannot be read.
    init(path: String) throws {
        name = path == "-" ? "stdin" : path
        guard path != "-" else {
            descriptor = 0
            return
        }
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw VolfefeError.notFound(
                "cannot read \(path): \(reason). Check the path, which is relative to the current directory.")
        }
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw VolfefeError.notFound("\(path) is a folder; give the files in it, such as \(path)/*.json.")
        }
    }

    deinit {
        if descriptor != 0 { close(descriptor) }
    }

    /// The next bytes; nil at the end. Throws `.inputOutput`.
    func read() throws -> [UInt8]? { try readChunk(descriptor) }
}
