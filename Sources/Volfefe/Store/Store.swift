import Foundation
import GRDB
import Synchronization

/// Contents, models and verdicts in one SQLite file.
///
/// Every method that writes is one transaction: when it returns, its work survives the death of the process, and when it
/// throws, nothing of it is there. All errors are `StoreError`s, but for `CancellationError` from a cancelled read.
public final class Store: Sendable {
    /// What a store may do with its file.
    public enum Mode: Sendable {
        /// Reads an existing database; creates nothing, changes nothing.
        case readOnly
        /// Creates or migrates the database where needed.
        case readWrite
    }

    /// Where the database is.
    public let path: String
    /// What it may do with its file.
    public let mode: Mode
    /// One writer and several readers, or one reader.
    let database: any DatabaseWriter
    /// The file that was opened; its name may belong to another one by now.
    private let identity: StoreFile.Identity?
    /// Model id → the version that this process runs, from the last `register`.
    let registered = Mutex<[String: RegisteredVersion]>([:])

    /// Opens the database at `path`.
    ///
    /// Another process that holds the lock is waited for up to `busyTimeout`. Throws `StoreError`; a file that is not a
    /// volfefe database, or that a newer volfefe has written, is left as it is. With `syncCommits` a commit is on the disk when
    /// it returns, so that it survives a power cut too.
    public init(
        path: String, mode: Mode = .readWrite, busyTimeout: Duration = .seconds(30), syncCommits: Bool = false
    ) throws {
        self.path = path
        self.mode = mode
        let file = StoreFile(path: path, busyTimeout: busyTimeout / .seconds(1))
        do {
            database =
                switch mode {
                case .readOnly: try Self.openForReading(file)
                case .readWrite: try Self.openForWriting(file, syncCommits: syncCommits)
                }
            identity = StoreFile.Identity(path: path)
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    private static func openForReading(_ file: StoreFile) throws -> any DatabaseWriter {
        switch try file.state() {
        case .missing, .blank: throw StoreError.noDatabase(path: file.path)
        case .older: throw StoreError.olderSchema(path: file.path)
        case .current: break
        }
        return try file.openWithoutTrace()
    }

    private static func openForWriting(_ file: StoreFile, syncCommits: Bool) throws -> any DatabaseWriter {
        let state = try file.state()
        if case .missing = state { try file.requireFolder() }
        let pool = try DatabasePool(path: file.path, configuration: file.settings)
        if syncCommits { try pool.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") } }
        if case .current = state { return pool }
        try Schema.migrate(pool)
        return pool
    }

    /// Moves what is in the write-ahead log into the database file.
    public func checkpoint() async throws {
        let path = path
        let database = database
        try await Task {
            do {
                _ = try await database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
            } catch {
                throw StoreError.translating(error, path: path)
            }
        }.value
    }

    /// Closes all connections; nothing can be read or written afterwards.
    public func close() throws {
        do {
            try database.close()
        } catch {
            throw StoreError.translating(error, path: path)
        }
    }

    /// Reads a consistent snapshot.
    func read<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        do {
            // A connection that is opened only now would be to another file.
            try requireSameFile()
            return try await database.read(body)
        } catch {
            throw translating(error)
        }
    }

    /// Writes in one transaction that takes the lock at its start.
    ///
    /// The transaction runs in a task of its own: when the caller is cancelled it still completes, as an interrupted one
    /// would leave its mark on the next checkpoint.
    func write<Value: Sendable>(_ body: @escaping @Sendable (Database) throws -> Value) async throws -> Value {
        guard mode == .readWrite else { throw StoreError.notPermitted(path: path, reason: "it was opened for reading") }
        return try await Task {
            do {
                return try await database.write { db in
                    let value = try body(db)
                    // Last before the commit, which would go to a file that nobody finds any more.
                    try self.requireSameFile()
                    return value
                }
            } catch {
                throw translating(error)
            }
        }.value
    }

    private func requireSameFile() throws {
        guard StoreFile.Identity(path: path) == identity else { throw StoreError.replaced(path: path) }
    }

    /// What an error means; a file that has gone explains every other one.
    private func translating(_ error: any Error) -> any Error {
        if error is DatabaseError, StoreFile.Identity(path: path) != identity {
            return StoreError.replaced(path: path)
        }
        return StoreError.translating(error, path: path)
    }
}

extension Date {
    /// Unix milliseconds, the unit of every time in the database.
    var milliseconds: Int64 { Int64((timeIntervalSince1970 * 1000).rounded()) }

    /// The time at `milliseconds` after 1970.
    init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}
