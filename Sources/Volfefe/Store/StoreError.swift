import Foundation
import GRDB

/// What keeps the store from reading or writing. No case ever holds the text of a content.
public enum StoreError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing is at the path yet, and it was opened for reading.
    case noDatabase(path: String)
    /// The folder that the database would be created in does not exist.
    case noFolder(path: String, folder: String)
    /// A file is there, but it is another program's, or no SQLite database at all.
    case notOurs(path: String, reason: String)
    /// A newer volfefe has written the database.
    case newerSchema(path: String)
    /// An older volfefe has written the database, and reading alone cannot bring it up to date.
    case olderSchema(path: String)
    /// The file, or its folder, may not be read or written.
    case notPermitted(path: String, reason: String)
    /// The disk, or the limit on the file, is full.
    case diskFull(path: String)
    /// The system failed to read or write the file, or what is in it is damaged.
    case inputOutput(path: String, reason: String)
    /// The file at the path is no longer the one that was opened: it was deleted, moved or replaced.
    case replaced(path: String)
    /// Another process kept the database locked for longer than the busy timeout.
    case locked(path: String)
    /// The weights of a model version are not the ones that its stored verdicts come from.
    case revisionChanged(model: String, version: String, stored: String, offered: String)
    /// The label map of a model version is not the one that its stored verdicts come from.
    case labelsChanged(model: String, version: String, stored: String, offered: String)
    /// A result belongs to a model version that was never registered.
    case notRegistered(model: String, version: String?)
    /// The database refused a statement: an error in volfefe.
    case refused(path: String, reason: String)
    /// So many contents were classified but could not be stored, because of another error.
    indirect case losing(contents: Int, StoreError)

    /// A full sentence that says what to do next.
    public var description: String {
        switch self {
        case .noDatabase(let path):
            "there is no database at \(path) yet; `volfefe ingest FILE` or `volfefe classify --file FILE` creates it, "
                + "--database names another one."
        case .noFolder(let path, let folder):
            "the database \(path) cannot be created because the folder \(folder) does not exist; create it, or name another "
                + "file with --database."
        case .notOurs(let path, let reason):
            "\(path) is not a volfefe database (\(reason)); it was left as it is. Name another file with --database."
        case .newerSchema(let path):
            "the database \(path) was written by a newer volfefe and was left as it is; use that version, or another file "
                + "with --database."
        case .olderSchema(let path):
            "the database \(path) was written by an older volfefe; any command that writes, such as "
                + "`volfefe classify --limit 1`, brings it up to date."
        case .notPermitted(let path, let reason):
            "the database \(path) may not be read or written (\(reason)); check the permissions of the file and of its "
                + "folder, or name another file with --database."
        case .diskFull(let path):
            "the disk is full: \(path) could not grow. What was committed before is safe; free some space and run the same "
                + "command again, it goes on where it stopped."
        case .inputOutput(let path, let reason):
            "the database \(path) could not be read or written (\(reason)); `volfefe doctor` checks it."
        case .replaced(let path):
            "the database \(path) was deleted, moved or replaced while volfefe used it; nothing more was written. Put the file "
                + "back with the -wal beside it, or run the same command again to begin with what is there now."
        case .losing(let contents, let error):
            "\(error)\n\(contents) contents were classified but could not be stored; the next run does them again."
        case .locked(let path):
            "the database \(path) is locked by another process; try again when that has finished."
        case .revisionChanged(let model, let version, let stored, let offered):
            "the weights of \(model) have changed, but its version label is still \"\(version)\": stored verdicts come from "
                + "\(stored), the weights now are \(offered). Give it a new `version` in volfefe.yaml, or restore the weights."
        case .labelsChanged(let model, let version, let stored, let offered):
            "the labels of \(model) have changed, but its version label is still \"\(version)\": stored verdicts come from "
                + "\(stored), the labels now are \(offered). Give it a new `version` in volfefe.yaml, or restore the labels."
        case .notRegistered(let model, let version):
            "a result of \(model)\(version.map { " version \"\($0)\"" } ?? "") cannot be stored because that version was "
                + "never registered; please report this."
        case .refused(let path, let reason):
            "the database \(path) refused a statement (\(reason)); run `volfefe doctor`, and report this if it finds nothing."
        }
    }

    /// Exit status of a command that ends with this error.
    public var exitCode: Int32 {
        switch self {
        case .noDatabase, .noFolder: 66
        case .notOurs: 65
        case .newerSchema, .olderSchema, .revisionChanged, .labelsChanged: 78
        case .notPermitted, .diskFull, .inputOutput, .replaced: 74
        case .locked: 75
        case .notRegistered, .refused: 70
        case .losing(_, let error): error.exitCode
        }
    }
}

extension StoreError {
    /// What an error of SQLite means for `path`; anything else is passed on as it is.
    ///
    /// Only SQLite's own message is used: its statement and arguments may hold texts.
    static func translating(_ error: any Error, path: String) -> any Error {
        guard let error = error as? DatabaseError else { return error }
        let reason = error.message ?? error.resultCode.description
        return switch error.resultCode {
        case .SQLITE_NOTADB: StoreError.notOurs(path: path, reason: "it is not an SQLite file")
        case .SQLITE_FULL: StoreError.diskFull(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: StoreError.locked(path: path)
        case .SQLITE_IOERR where StoreFile.hasNoRoom(at: path), .SQLITE_CANTOPEN where StoreFile.hasNoRoom(at: path):
            // SQLite calls it an I/O error when the log's index cannot grow, or a file cannot be made.
            StoreError.diskFull(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN, .SQLITE_AUTH:
            StoreError.notPermitted(path: path, reason: reason)
        case .SQLITE_IOERR, .SQLITE_CORRUPT, .SQLITE_PROTOCOL, .SQLITE_NOLFS:
            StoreError.inputOutput(path: path, reason: reason)
        case .SQLITE_INTERRUPT: CancellationError()
        default: StoreError.refused(path: path, reason: reason)
        }
    }
}
