import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// The database is locked, full, gone, or of another time.
extension Fault {
    static let databases: [Fault] = [
        Fault(
            id: "R23", injected: "another process holds the write lock, before and in the middle of a run",
            required: "waited for; nothing surfaces"
        ) { bench in
            var seen = Seen()
            let seconds = bench.count(2, full: 10)
            try await bench.ingest(bench.texts(300))
            @Sendable func lock(_ name: String) async throws {
                try await bench.database("lock", "\(seconds)", bench.path(name))
            }
            @Sendable func isLocked(_ name: String) async throws -> Bool {
                try await eventually(within: .seconds(10)) { access(bench.path(name), F_OK) == 0 }
            }
            async let first: Void = lock("locked-1")
            seen.require(try await isLocked("locked-1"), "the lock was not taken")
            let (ended, _) = try await bench.classify(flags: "--delay-ms 10") { _ in
                _ = try await bench.event { $0.word == "served" }
                async let second: Void = lock("locked-2")
                _ = try await (isLocked("locked-2"), second)
            }
            try await first
            seen.expect(ended, status: 0)
            seen.require(ended.seconds > Double(seconds), "it did not wait (\(ended.seconds.digits(1)) s)")
            try await bench.expectRows(&seen, texts: 300)
            seen.note("\(ended.seconds.digits(1)) s with two locks of \(seconds) s")
            return seen
        },
        Fault(
            id: "R25", injected: "the disk is full, the file read-only, the database deleted in the middle",
            required: "exit 74 with a message; what was committed stays"
        ) { bench in
            var seen = Seen()
            try await bench.fillDisk(&seen)
            try bench.configure(["database": "gone.db"])
            try await bench.ingest(bench.texts(600))
            let begun = Proc.now
            let (gone, _) = try await bench.classify(flags: "--delay-ms 10") { _ in
                _ = try await bench.event { $0.word == "served" && Double($0.time) / 1e9 > begun }
                for end in ["", "-wal", "-shm"] { unlink(bench.path("gone.db" + end)) }
            }
            seen.require(gone.status == 74, "deleted: \(gone.ending)")
            seen.require(gone.talk.contains("gone.db"), "deleted: the message does not name the file")
            seen.require(gone.seconds < 6, "deleted: noticed only after \(gone.seconds.digits(1)) s")
            try await bench.expectNoProcess(&seen)
            seen.note("deleted: exit \(gone.status) after \(gone.seconds.digits(1)) s")
            return seen
        },
        Fault(
            id: "R34", injected: "a database of a newer volfefe, and one of the first version",
            required: "the newer is refused and not touched, the older is brought up to date"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(8))
            try await bench.database("change", "INSERT INTO grdb_migrations VALUES ('999-of-the-future')")
            let before = try bench.bytes("volfefe.db")
            let newer = try await bench.classify()
            seen.require(newer.status == 78, "newer: \(newer.ending)")
            let isSame = try bench.bytes("volfefe.db") == before
            seen.require(isSame, "the newer database was changed")
            for end in ["-wal", "-shm"] {
                seen.require(access(bench.path("volfefe.db" + end), F_OK) != 0, "volfefe.db\(end) was left behind")
            }
            try bench.configure(["database": "old.db"])
            let old = bench.path("old.db")
            try await bench.database("restore", try bench.tools.file("database_v1.sql"), path: old)
            let rows = "SELECT count(*), count(DISTINCT content_id) FROM model_classifications WHERE run_id = 1"
            let due = try await bench.database("query", rows, path: old)
            seen.require(due == "[[12, 6]]\n", "the old database is not as it was made: \(due.preview(40))")
            seen.expect(try await bench.classify(), status: 0)
            let kept = try await bench.database("query", rows, path: old)
            seen.require(kept == due, "old rows: \(kept.preview(40)), before: \(due.preview(40))")
            let all = try await bench.database("query", "SELECT count(*), 0 FROM model_classifications", path: old)
            seen.require(all == "[[24, 0]]\n", "rows after the migration: \(all.preview(40)), 8 × 3 are due")
            seen.note("8 × 3 rows in the old one, 12 of them from before")
            return seen
        },
        Fault(
            id: "R36", injected: "other weights under the same model version",
            required: "exit 78 naming both hashes, nothing changed"
        ) { bench in
            var seen = Seen()
            try await bench.ingest(bench.texts(8))
            seen.expect(try await bench.classify(flags: "--revision a1"), status: 0)
            let query = "SELECT content_id, model_id, confidence, run_id FROM model_classifications ORDER BY 1, 2"
            let before = try await bench.database("query", query)
            let changed = try await bench.run("classify", "--all", "--force", flags: "--revision f7")
            seen.expect(changed, status: 78)
            for hash in ["sha256:a1a1a1", "sha256:f7f7f7"] {
                seen.require(changed.talk.contains(hash), "the message lacks \(hash)…")
            }
            let isSame = try await bench.database("query", query) == before
            seen.require(isSame, "stored rows were changed")
            try await bench.expectRows(&seen, texts: 8)
            return seen
        },
    ]
}

extension Bench {
    fileprivate func bytes(_ name: String) throws -> Data { try Data(contentsOf: URL(filePath: path(name))) }

    /// A disk of 8 MB, enough for the log of changes, that fills up, then one that may not be written; skipped where nothing may be mounted.
    fileprivate func fillDisk(_ seen: inout Seen) async throws {
        let disk: SmallDisk
        do {
            disk = try SmallDisk(at: path("disk"), megabytes: 8)
        } catch let reason as SmallDisk.Unavailable {
            return seen.skip(reason.description)
        }
        defer { disk.remove() }
        try configure(["database": "disk/volfefe.db"])
        try await ingest(texts(400))
        disk.fill("filler", leaving: 24 << 10)
        let full = try await classify()
        seen.require(full.status == 74, "full disk: \(full.ending)")
        seen.require(full.talk.contains("full"), "full disk: the message does not say so")
        unlink(path("disk/filler"))
        seen.require(disk.setReadOnly(true), "the disk could not be made read-only")
        let readOnly = try await classify()
        seen.require(readOnly.status == 74, "read-only: \(readOnly.ending)")
        seen.require(disk.setReadOnly(false), "the disk could not be made writable")
        let again = try await classify()
        seen.require(again.status == 0, "with room again: \(again.ending)")
        let rows = try await database(
            "query", "SELECT count(*), 0 FROM model_classifications", path: path("disk/volfefe.db"))
        seen.require(rows == "[[1200, 0]]\n", "rows with room again: \(rows.preview(30)), 400 × 3 are due")
        seen.note(
            "full: exit \(full.status), read-only: exit \(readOnly.status), with room again: exit \(again.status)")
        try await expectNoProcess(&seen)
    }
}
