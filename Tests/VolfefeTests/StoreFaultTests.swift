import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct StoreFaultTests {
    @Test func `a lock that another writer holds for less than the busy timeout surfaces nowhere`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let store = try Store(path: path, busyTimeout: .seconds(300))
            try await store.register([Records.finance])
            let holder = try DatabaseQueue(path: path)
            let (locked, hold) = AsyncStream.makeStream(of: Void.self)
            async let holding: Void = holder.write { db in
                try db.execute(sql: "INSERT INTO sources (name, inserted_at) VALUES ('holder', 0)")
                hold.finish()
                // Keeps the lock for some tenths of a second, so that the others have to wait.
                _ = try Int.fetchOne(
                    db,
                    sql: """
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)
                        SELECT count(*) FROM n
                        """)
            }
            for await _ in locked {}
            let ids = try await store.ingest(texts: ["a"])
            let run = try await store.anyRun()
            let work = WorkRequest(
                models: [("finance", "1.0")], force: false, effort: try await store.effort(of: run))
            #expect(try await store.claim(work, in: 0...9, page: 9).items.map(\.contentID) == ids)
            try await holding
            #expect(try await store.integrityReport().sources == 2)
        }
    }

    @Test(arguments: ["deleted", "replaced", "moved"])
    func `a database that goes away is noticed at the next commit, and what took its place is not touched`(
        how: String
    ) async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let store = try Store(path: path)
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            let other = folder.appendingPathComponent("b.db").path
            switch how {
            case "deleted": try FileManager.default.removeItem(atPath: path)
            case "moved": try FileManager.default.moveItem(atPath: path, toPath: other)
            default:
                let replacement = try Store(path: other)
                try await replacement.ingest(texts: ["another"])
                try await replacement.checkpoint()
                try replacement.close()
                #expect(rename(other, path) == 0)
            }
            let before = FileManager.default.contents(atPath: path)
            let up = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
            for attempt in 0..<2 {
                let error = await #expect(throws: StoreError.self, "attempt \(attempt)") {
                    try await store.save(.prediction(up), of: "finance", on: id, run: run)
                }
                #expect(error == .replaced(path: path) && error?.exitCode == 74)
            }
            await #expect(throws: StoreError.replaced(path: path)) { _ = try await store.content(id) }
            #expect(FileManager.default.contents(atPath: path) == before)
            #expect(StoreError.replaced(path: path).description.contains("run the same command again"))
        }
    }

    @Test func `an error names how many finished contents it cost`() {
        let error = StoreError.losing(contents: 7, .diskFull(path: "/p/a.db"))
        #expect(error.exitCode == 74)
        #expect(error.description.contains("disk is full") && error.description.contains("7 contents were classified"))
    }

    @Test func `an input error of SQLite on a full disk is called a full disk`() throws {
        // A file system that is always full.
        let error = DatabaseError(resultCode: .SQLITE_IOERR_SHMSIZE, message: "disk I/O error")
        #expect(StoreError.translating(error, path: "/proc/a.db") as? StoreError == .diskFull(path: "/proc/a.db"))
        let room = StoreError.translating(error, path: FileManager.default.temporaryDirectory.path + "/a.db")
        #expect((room as? StoreError)?.exitCode == 74)
        guard case .inputOutput = room as? StoreError else {
            Issue.record("\(room)")
            return
        }
    }
}
