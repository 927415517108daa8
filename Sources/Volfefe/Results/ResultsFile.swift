import Foundation

/// A results file that can be read several times; standard input is written to a temporary file first, which only this user
/// can read and which is gone with the last reader.
final class ResultsFile: Sendable {
    /// What the user called it.
    let name: String
    private let path: String
    private let isTemporary: Bool

    /// Prepares `path`; "-" is standard input. Throws `.notFound`, or `.inputOutput` when it cannot be copied.
    init(path: String) throws {
        guard path == "-" else {
            (name, self.path, isTemporary) = (path, path, false)
            _ = try InputFile(path: path)
            return
        }
        let copy = FileManager.default.temporaryDirectory.appending(path: "volfefe-\(UUID().uuidString).jsonl").path
        (name, self.path, isTemporary) = ("stdin", copy, true)
        guard FileManager.default.createFile(atPath: copy, contents: nil, attributes: [.posixPermissions: 0o600]),
            let file = FileHandle(forWritingAtPath: copy)
        else { throw VolfefeError.inputOutput("cannot write \(copy), where standard input is kept for a while.") }
        defer { try? file.close() }
        while let chunk = try readChunk(0) {
            do {
                try file.write(contentsOf: chunk)
            } catch {
                throw VolfefeError.inputOutput(
                    "standard input cannot be kept in \(copy): the disk is full, or not writable. TMPDIR names another folder."
                )
            }
        }
    }

    deinit {
        if isTemporary { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Opens it for reading from the start.
    func open() throws -> InputFile { try InputFile(path: path) }
}
