import Foundation
import GRDB

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Looks at what is at a path before anything is opened for writing, so that a file that is not ours is never touched.
struct StoreFile {
    /// Marks a database as ours: "volf".
    static let applicationID: Int32 = 0x766F_6C66

    /// What is at the path.
    enum State {
        case missing
        /// No table in it yet.
        case blank
        /// Ours, but with migrations to come.
        case older
        case current
    }

    let path: String
    let busyTimeout: TimeInterval

    /// Settings that every connection shares.
    var settings: GRDB.Configuration {
        var settings = GRDB.Configuration()
        settings.busyMode = .timeout(busyTimeout)
        settings.foreignKeysEnabled = true
        settings.label = "volfefe"
        return settings
    }

    /// Opens an existing file for reads.
    ///
    /// Not with SQLite's read-only flag: such a connection leaves an empty log and its index behind when it closes.
    func openWithoutTrace() throws -> DatabaseQueue { try DatabaseQueue(path: path, configuration: settings) }

    /// Says what is at the path; throws when it is not ours, or newer than this program.
    func state() throws -> State {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return .missing }
        guard !isFolder.boolValue else { throw StoreError.notOurs(path: path, reason: "it is a folder") }
        let queue = try openWithoutTrace()
        defer { try? queue.close() }
        return try queue.read { db in
            if try Self.isBlank(db) { return .blank }
            guard try Int32.fetchOne(db, sql: "PRAGMA application_id") == Self.applicationID else {
                throw StoreError.notOurs(path: path, reason: "it belongs to another program")
            }
            guard try !Schema.migrator.hasBeenSuperseded(db) else { throw StoreError.newerSchema(path: path) }
            return try Schema.migrator.hasCompletedMigrations(db) ? .current : .older
        }
    }

    /// Whether nothing is in it. The list of migrations is made in a commit before the first of them: whoever looks between the
    /// two sees only that, and empty.
    private static func isBlank(_ db: Database) throws -> Bool {
        let tables = try String.fetchAll(db, sql: "SELECT DISTINCT tbl_name FROM sqlite_master")
        guard tables == ["grdb_migrations"] else { return tables.isEmpty }
        return try Int.fetchOne(db, sql: "SELECT count(*) FROM grdb_migrations") == 0
            && Int32.fetchOne(db, sql: "PRAGMA application_id") == 0
    }

    /// Throws when the folder that the file would be created in does not exist.
    func requireFolder() throws {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue else {
            throw StoreError.noFolder(path: path, folder: folder)
        }
    }

    /// What a file is, whatever its name: it changes when another file takes its place.
    struct Identity: Sendable, Hashable {
        let device: UInt64
        let inode: UInt64

        /// Nil when nothing is at the path.
        init?(path: String) {
            var facts = stat()
            guard stat(path, &facts) == 0 else { return nil }
            device = UInt64(truncatingIfNeeded: facts.st_dev)
            inode = UInt64(facts.st_ino)
        }
    }

    /// Whether the file system of `path` has less room than the log's index needs to grow.
    static func hasNoRoom(at path: String) -> Bool {
        var facts = statvfs()
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard statvfs(folder, &facts) == 0 else { return false }
        return UInt64(facts.f_bavail) * UInt64(facts.f_frsize) < 64 << 10 || (facts.f_files > 0 && facts.f_favail == 0)
    }
}
