import Foundation
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Where a report goes: a file that is there whole or not at all, or standard output.
enum ReportFile {
    /// The name that stands for standard output.
    static let standardOutput = "-"

    /// Writes `text` to a temporary name in the same folder, then renames it; throws `VolfefeError.inputOutput`.
    static func write(_ text: String, to path: String) throws {
        guard path != standardOutput else {
            guard Terminal.write(Array(text.utf8), to: STDOUT_FILENO) else {
                throw VolfefeError.inputOutput("standard output was closed before the report was written.")
            }
            return
        }
        let target = URL(filePath: path)
        let unfinished = target.deletingLastPathComponent()
            .appending(path: ".\(target.lastPathComponent).\(getpid()).unfinished")
        do {
            var isFolder: ObjCBool = false
            if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
                throw VolfefeError.inputOutput("\(path) is a folder; name a file in it.")
            }
            try Data(text.utf8).write(to: unfinished)
            guard rename(unfinished.path, target.path) == 0 else {
                throw VolfefeError.inputOutput("\(path): \(String(cString: strerror(errno))).")
            }
        } catch {
            try? FileManager.default.removeItem(at: unfinished)
            if let error = error as? VolfefeError { throw error }
            let reason = (error as? CocoaError)?.underlying?.localizedDescription ?? error.localizedDescription
            throw VolfefeError.inputOutput(
                "\(path) cannot be written: \(reason) Name a file in a folder that exists and that you may write to.")
        }
    }
}
