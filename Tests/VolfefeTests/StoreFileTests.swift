import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreFileTests {
    private func opening(_ path: String, _ mode: Store.Mode = .readWrite) -> StoreError? {
        do {
            _ = try Store(path: path, mode: mode)
            return nil
        } catch {
            return error as? StoreError
        }
    }

    @Test func readingAMissingDatabaseSaysSoAndCreatesNothing() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("none.db").path
            #expect(opening(path, .readOnly) == .noDatabase(path: path))
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
            #expect(files.isEmpty)
        }
    }

    @Test func readingLeavesNoTraceInTheFolder() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let writer = try Store(path: path)
            let id = try await writer.ingest(texts: ["a"])[0]
            try writer.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let reader = try Store(path: path, mode: .readOnly)
            #expect(try await reader.content(id)?.text == "a")
            try reader.close()
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.db"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func aReadOnlyStoreRefusesToWriteWithExit74() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try Store(path: path).close()
            let reader = try Store(path: path, mode: .readOnly)
            let error = await #expect(throws: StoreError.self) { try await reader.ingest(texts: ["a"]) }
            #expect(error?.exitCode == 74)
        }
    }

    @Test func aFolderThatDoesNotExistIsNamed() async throws {
        try await withFolder { folder in
            let missing = folder.appendingPathComponent("no/such")
            let path = missing.appendingPathComponent("a.db").path
            let error = opening(path)
            #expect(error == .noFolder(path: path, folder: missing.path) && error?.exitCode == 66)
        }
    }

    @Test(arguments: ["just some text", String(repeating: "x,y\n", count: 5000)])
    func aFileThatIsNoDatabaseIsLeftAlone(content: String) async throws {
        try await withFolder { folder in
            let file = folder.appendingPathComponent("notes.txt")
            try Data(content.utf8).write(to: file)
            for mode in [Store.Mode.readWrite, .readOnly] {
                let error = opening(file.path, mode)
                #expect(error?.exitCode == 65, "\(String(describing: error))")
            }
            let after = try Data(contentsOf: file)
            #expect(after == Data(content.utf8))
            #expect(opening(folder.path)?.exitCode == 65)
        }
    }

    @Test func aDatabaseOfAnotherProgramIsLeftAlone() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("other.db").path
            let other = try DatabaseQueue(path: path)
            try await other.write { try $0.execute(sql: "CREATE TABLE bookmarks (url TEXT)") }
            try other.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for mode in [Store.Mode.readWrite, .readOnly] {
                #expect(opening(path, mode)?.exitCode == 65)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func aNewerSchemaIsRefusedUntouched() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let store = try Store(path: path)
            try await store.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('999-from-the-future')")
            }
            try store.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for mode in [Store.Mode.readWrite, .readOnly] {
                let error = opening(path, mode)
                #expect(error == .newerSchema(path: path) && error?.exitCode == 78)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test func anOlderSchemaIsMigratedByAWriterAndNamedByAReader() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let old = try DatabaseQueue(path: path)
            // A database as it was before any migration but the mark.
            try await old.write { db in
                try db.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
                try db.execute(sql: "PRAGMA application_id = \(StoreFile.applicationID)")
            }
            try old.close()
            #expect(opening(path, .readOnly) == .olderSchema(path: path))
            let store = try Store(path: path)
            #expect(try await store.integrityReport().migrations.first == SchemaVersion1.identifier)
            try store.close()
        }
    }

    @Test func aFullDiskIsExit74AndWhatWasCommittedStays() async throws {
        try await withStore { store in
            let id = try await store.ingest(texts: ["kept"])[0]
            try await store.database.write { db in
                let pages = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
                try db.execute(sql: "PRAGMA max_page_count = \(pages + 2)")
            }
            let big = String(repeating: "word ", count: 100_000)
            let error = await #expect(throws: StoreError.self) {
                try await store.ingest([ContentDraft(externalID: "big", text: big)], source: "test")
            }
            #expect(error == .diskFull(path: store.path) && error?.exitCode == 74)
            #expect(try await store.content(id)?.text == "kept")
            #expect(try await store.integrityReport().contents == 1)
        }
    }

    @Test func aLockHeldLongerThanTheBusyTimeoutIsExit75() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try Store(path: path).close()
            var settings = GRDB.Configuration()
            settings.allowsUnsafeTransactions = true
            let holder = try DatabaseQueue(path: path, configuration: settings)
            let store = try Store(path: path, busyTimeout: .milliseconds(50))
            try await holder.writeWithoutTransaction { try $0.execute(sql: "BEGIN IMMEDIATE") }
            let error = await #expect(throws: StoreError.self) { try await store.ingest(texts: ["a"]) }
            #expect(error == .locked(path: path) && error?.exitCode == 75)
            try await holder.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
            #expect(try await store.ingest(texts: ["a"]).count == 1)
        }
    }

    @Test func `a file that another process has only begun to make is made too`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let begun = try DatabaseQueue(path: path)
            try await begun.write {
                try $0.execute(sql: "CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY)")
            }
            try begun.close()
            #expect(try await Store(path: path).ingest(texts: ["a"]).count == 1)
        }
    }

    @Test func manyStoresMayCreateAndWriteOneFileAtOnce() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        let store = try Store(path: path)
                        for round in 0..<20 {
                            let shared = (0..<10).map { ContentDraft(externalID: "\(round)-\($0)", text: "t\($0)") }
                            let own = ContentDraft(externalID: "w\(writer)-\(round)", text: "own")
                            _ = try await store.ingest(shared + [own], source: "s")
                        }
                        try store.close()
                    }
                }
                try await group.waitForAll()
            }
            let report = try await Store(path: path).integrityReport()
            #expect(report.isHealthy && report.contents == 200 + 120 && report.sources == 1)
        }
    }

    @Test func aWriteOutlivesTheCancellationOfItsCaller() async throws {
        try await withStore { store in
            let drafts = (0..<3000).map { ContentDraft(externalID: "\($0)", text: "text \($0)") }
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                return try await store.ingest(drafts, source: "s")
            }
            #expect(try await task.value.inserted == 3000)
            try await store.checkpoint()
            #expect(try await store.integrityReport().contents == 3000)
        }
    }

    @Test func errorsOfTheSystemHaveTheirExitCodes() {
        let expected: [(ResultCode, Int32)] = [
            (.SQLITE_FULL, 74), (.SQLITE_READONLY, 74), (.SQLITE_CANTOPEN, 74), (.SQLITE_PERM, 74), (.SQLITE_IOERR, 74),
            (.SQLITE_CORRUPT, 74), (.SQLITE_BUSY, 75), (.SQLITE_LOCKED, 75), (.SQLITE_NOTADB, 65),
            (.SQLITE_CONSTRAINT, 70),
        ]
        for (code, exit) in expected {
            let error = DatabaseError(resultCode: code, message: "m", sql: "INSERT", arguments: ["a secret text"])
            let translated = StoreError.translating(error, path: "/p") as? StoreError
            #expect(translated?.exitCode == exit)
            #expect(translated?.description.contains("secret") == false)
        }
    }

    @Test(.enabled(if: getuid() != 0, "root may do everything"))
    func aFileWithoutPermissionIsExit74() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try Store(path: path).close()
            try FileManager.default.setAttributes([.posixPermissions: 0o000], ofItemAtPath: path)
            #expect(opening(path)?.exitCode == 74)
            try FileManager.default.setAttributes([.posixPermissions: 0o444], ofItemAtPath: path)
            let error = await #expect(throws: StoreError.self) { try await Store(path: path).ingest(texts: ["a"]) }
            #expect(error?.exitCode == 74)
        }
    }
}
