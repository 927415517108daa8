import Foundation
import GRDB

/// What `volfefe doctor` finds in a database.
public struct IntegrityReport: Sendable, Hashable, Codable {
    /// Problems that SQLite finds in the file; empty when there are none.
    public var problems: [String]
    /// Rows that refer to rows that do not exist.
    public var danglingReferences: Int
    /// Texts whose hash is not that of the text.
    public var wrongHashes: Int
    /// Counts behind `stats` and the daily views that are not those of what is stored; `rebuildCounts` makes them anew.
    public var wrongCounts: Int
    /// Migrations that have been applied, oldest first.
    public var migrations: [String]
    /// Sources, contents, and contents without a text.
    public var sources, contents, contentsWithoutText: Int
    /// Model versions and runs.
    public var modelVersions, runs: Int
    /// Runs that have no end: running now, or killed and not noticed yet.
    public var openRuns: Int
    /// Claims of runs that are at work, and those that dead ones have left.
    public var liveClaims, deadClaims: Int
    /// Process ids of the runs that are at work.
    public var liveOwners: [Int32]
    /// Predictions, failures, and outcomes on texts that were edited since.
    public var predictions, failures, stale: Int
    /// Size of the file with its write-ahead log, in bytes.
    public var fileBytes: Int64
    /// Bytes of a stored outcome with its index; nil without any, or when this SQLite cannot tell.
    public var bytesPerClassification: Double?

    /// Whether nothing is wrong.
    public var isHealthy: Bool { problems.isEmpty && danglingReferences == 0 && wrongHashes == 0 && wrongCounts == 0 }
}

extension Store {
    /// Checks the whole database; reads every page of it.
    public func integrityReport() async throws -> IntegrityReport {
        let path = path
        return try await read { db in
            func count(_ sql: String) throws -> Int { try Int.fetchOne(db, sql: "SELECT count(*) FROM " + sql) ?? 0 }
            let classifications = try count("classifications")
            let failures = try count("classifications WHERE error_code IS NOT NULL")
            let claims = try Owners(in: db).claims()
            return IntegrityReport(
                problems: try String.fetchAll(db, sql: "PRAGMA quick_check").filter { $0 != "ok" },
                danglingReferences: try Row.fetchAll(db, sql: "PRAGMA foreign_key_check").count,
                wrongHashes: try Self.wrongHashes(db),
                wrongCounts: try VerdictCounts(in: db).wrong(),
                migrations: try Schema.migrator.appliedMigrations(db),
                sources: try count("sources"),
                contents: try count("contents"),
                contentsWithoutText: try count("contents WHERE text_hash IS NULL"),
                modelVersions: try count("model_versions"),
                runs: try count("runs"),
                openRuns: try count("runs WHERE state = 'running'"),
                liveClaims: claims.live,
                deadClaims: claims.dead,
                liveOwners: claims.owners,
                predictions: classifications - failures,
                failures: failures,
                stale: try count(
                    """
                    classifications AS k JOIN contents AS c ON c.id = k.content_id
                    WHERE k.text_version < c.text_version
                    """),
                fileBytes: Self.bytes(path) + Self.bytes(path + "-wal"),
                bytesPerClassification: classifications > 0
                    ? Self.classificationBytes(db).map { Double($0) / Double(classifications) } : nil)
        }
    }

    private static func wrongHashes(_ db: Database) throws -> Int {
        let rows = try Row.fetchCursor(
            db, sql: "SELECT CAST(text AS BLOB) AS text, text_hash FROM contents WHERE text_hash IS NOT NULL")
        var wrong = 0
        while let row = try rows.next() {
            let text: Data = row["text"]
            if row["text_hash"] != text.sha256 { wrong += 1 }
        }
        return wrong
    }

    /// Bytes of the pages of `classifications` and its index; nil when this SQLite was built without `dbstat`.
    static func classificationBytes(_ db: Database) -> Int64? {
        try? Int64.fetchOne(
            db,
            sql: """
                SELECT sum(pgsize)
                FROM dbstat
                WHERE name IN (SELECT name FROM sqlite_master WHERE tbl_name = 'classifications')
                """)
    }

    private static func bytes(_ path: String) -> Int64 {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? NSNumber)?.int64Value ?? 0
    }
}
