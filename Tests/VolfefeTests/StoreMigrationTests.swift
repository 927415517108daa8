import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreMigrationTests {
    /// A database as the first version left it: a content with a prediction and one with a failure, and a run that was
    /// killed.
    private func makeFirstVersion(at path: String) throws {
        let pool = try DatabasePool(path: path)
        try Schema.migrator.migrate(pool, upTo: SchemaVersion1.identifier)
        try pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO sources VALUES (1, 's', 0);
                    INSERT INTO contents (id, source_id, external_id, text_hash, inserted_at, updated_at, text) VALUES
                        (1, 1, 'a', x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 1, 1, 'hello'),
                        (2, 1, 'b', x'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', 1, 1, 'hello');
                    INSERT INTO models VALUES (1, 'finance');
                    INSERT INTO model_versions VALUES (1, 1, '1.0', 'sha256:aa', 'onnxruntime', 'fp32', 1, 256, 0);
                    INSERT INTO model_labels VALUES (1, 0, 'bearish', -1), (1, 1, 'bullish', 1), (1, 2, 'flat', 0);
                    INSERT INTO runs (id, started_at, command, configuration, contents) VALUES (1, 5, 'classify', '[]', 2);
                    INSERT INTO classifications
                        (content_id, model_version_id, text_version, sentiment, confidence, score_positive, score_neutral,
                        score_negative, score_margin, entropy, flags, latency_ms, batch_size, truncated, first_call, run_id,
                        inserted_at)
                    VALUES (1, 1, 1, 1, 0.75, 0.75, 0.125, 0.125, 0.625, 1.0, 4, 1.5, 8, 0, 0, 1, 9);
                    INSERT INTO classifications
                        (content_id, model_version_id, text_version, run_id, inserted_at, error_code, error_message)
                    VALUES (2, 1, 1, 1, 9, 'poison', 'it died');
                    """)
        }
        try pool.close()
    }

    private func rows(_ database: some DatabaseReader, _ table: String) throws -> [String] {
        try database.read { db in
            let columns = try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [table])
                .filter { !$0.hasPrefix("owner_") && $0 != "error_detail" && $0 != "reused_from" }
                .filter { table != "model_classifications" || !["engine", "precision"].contains($0) }
            return try Row.fetchAll(
                db, sql: "SELECT \(columns.joined(separator: ", ")) FROM \(table) ORDER BY 1, 2"
            ).map(\.description)
        }
    }

    @Test func `a queue that was in use keeps its jobs unique when it is migrated`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            let pool = try DatabasePool(path: path)
            try Schema.migrator.migrate(pool, upTo: SchemaVersion10.identifier)
            try await pool.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO queues (name, inserted_at) VALUES ('default', 0);
                        INSERT INTO jobs
                            (queue, kind, state, unique_key, max_attempts, inserted_at, scheduled_at, finished_at)
                        VALUES ('default', 'classify', 'available', 'waiting', 3, 0, 0, NULL),
                            ('default', 'classify', 'discarded', 'dead', 3, 0, 0, 1),
                            ('default', 'classify', 'completed', 'done', 3, 0, 0, 1);
                        """)
            }
            try pool.close()
            let store = try Store(path: path)
            let drafts = ["waiting", "dead", "done", "new"].map { JobDraft(kind: "classify", uniqueKey: $0) }
            let result = try await store.enqueue(drafts)
            #expect((result.inserted, result.known, result.dead) == (2, 2, 1))
            // Nor can the job that was done come back beside the one that has its key now.
            #expect(try await store.change(JobFilter(ids: [3]), .retry(attempts: 1)).isEmpty)
        }
    }

    @Test func `a database of the first version is migrated with every row kept`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try makeFirstVersion(at: path)
            let tables = [
                "sources", "contents", "models", "model_versions", "model_labels", "runs", "classifications",
                "model_classifications", "classification_failures",
            ]
            let old = try DatabaseQueue(path: path)
            let before = try tables.map { try rows(old, $0) }
            try old.close()
            let store = try Store(path: path)
            let after = try tables.map { try rows(store.database, $0) }
            #expect(after == before && before.allSatisfy { !$0.isEmpty })
            let report = try await store.integrityReport()
            #expect(report.isHealthy && report.migrations.count == Schema.migrator.migrations.count)
            #expect((report.predictions, report.failures, report.openRuns) == (1, 1, 1))
            #expect(try await store.allWork([Records.finance]).isEmpty)
            try await store.register([Records.finance])
            // Nobody can be at work for a run without an owner.
            let run = try await store.anyRun()
            #expect(try await store.run(1)?.state == .interrupted)
            let failure = ModelOutcome.failure(.init(code: "poison", message: "it died again", detail: "its words"))
            try await store.save(failure, of: "finance", on: 2, run: run)
            #expect(try await store.classifications(2).map(\.outcome) == [failure])
            try store.close()
        }
    }

    @Test func `engine and precision of old verdicts come from what their runs have noted`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try makeFirstVersion(at: path)
            let old = try DatabaseQueue(path: path)
            let loaded = #"{"id": "finance", "version": "1.0", "engine": "openvino", "precision": "int8"}"#
            let odd = [
                #"{"models": [\#(loaded), "text", 7, null, {"id": "finance"}, \#(loaded)]}"#,
                #"{"models": {"finance": \#(loaded), "a.b": 1}}"#, #"{"models": 5}"#, "[]", "3",
                #"{"models": [{"id": "gone", "version": "1.0", "engine": "x", "precision": "y"}]}"#,
                #"{"models": [{"id": "finance", "version": "1.0", "engine": "", "precision": "fp32"}]}"#,
            ]
            try await old.write { db in
                try db.execute(sql: "UPDATE runs SET environment = ?", arguments: [odd[0]])
                for (index, environment) in odd.enumerated().dropFirst() {
                    try db.execute(
                        sql:
                            "INSERT INTO runs (id, started_at, command, configuration, environment) VALUES (?, 5, 'c', '[]', ?)",
                        arguments: [index + 1, environment])
                }
            }
            try old.close()
            let store = try Store(path: path)
            let rows = try await store.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM run_models").map { row in
                    row.databaseValues.map(\.description).joined(separator: " ")
                }
            }
            #expect(rows == [#"1 1 "openvino" "int8""#, #"2 1 "openvino" "int8""#])
            let seen = try await store.read { db in
                try Row.fetchOne(db, sql: "SELECT engine, precision, reused_from FROM model_classifications")?
                    .databaseValues.map(\.description)
            }
            #expect(seen == [#""openvino""#, #""int8""#, "NULL"])
            try store.close()
        }
    }

    @Test func `many processes may migrate at once`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try makeFirstVersion(at: path)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<6 { group.addTask { try Store(path: path).close() } }
                try await group.waitForAll()
            }
            #expect(
                try await Store(path: path, mode: .readOnly).integrityReport().migrations == Schema.migrator.migrations)
        }
    }

    @Test func `a newer database of the same tables is refused byte for byte as it was`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            try makeFirstVersion(at: path)
            let newer = try DatabaseQueue(path: path)
            try await newer.write { db in
                try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('999-from-the-future')")
            }
            try newer.close()
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            for mode in [Store.Mode.readWrite, .readOnly] {
                let error = #expect(throws: StoreError.self) { _ = try Store(path: path, mode: mode) }
                #expect(error == .newerSchema(path: path) && error?.exitCode == 78)
            }
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["a.db"])
        }
    }
}
