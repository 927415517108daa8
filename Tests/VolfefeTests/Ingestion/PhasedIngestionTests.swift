import Foundation
import Inference
import Synchronization
import Testing

@testable import Volfefe

/// Files that are stored with what phases find in them; scripted processes, real SQLite.
@Suite struct PhasedIngestionTests {
    /// A file with a post per text under ids from 1.
    private func write(_ texts: [String], _ name: String = "posts.jsonl", in folder: URL) throws -> String {
        let lines = try texts.enumerated().map { place, text in
            let object = ["id": "\(place + 1)", "text": text]
            return String(decoding: try JSONEncoder().encode(object), as: UTF8.self)
        }
        let file = folder.appending(path: name)
        try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file)
        return file.path
    }

    private func withFolderAndStore(_ body: (URL, Store) async throws -> Void) async throws {
        try await withFolder { folder in
            let store = try Store(path: folder.appending(path: "test.db").path)
            try await body(folder, store)
            try store.close()
        }
    }

    private func settings(_ folder: URL) throws -> Configuration {
        let shipped = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().appending(path: "volfefe.yaml").path
        var settings = try Configuration.load(
            .init(flags: [:], environment: [:], currentDirectory: folder.path, file: nil, shipped: shipped))
        settings.phases.chunk = 50
        return settings
    }

    /// Ingests a file through scripted phases; gives the report and what the pool did.
    private func ingest(
        _ file: String, _ folder: URL, _ store: Store, _ pool: PhasePoolConfiguration = scriptedPhases(),
        stop: StopRequest = StopRequest(), depth: Int = 3,
        onBroken: @escaping @Sendable (InferenceError) -> Void = { _ in },
        onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> (report: IngestReport, counts: PoolCounts) {
        let ingestion = FileIngestion(try settings(folder), source: "test", stop: stop)
        return try await withPhasePool(pool) { pool in
            let phases = DraftPhases([.init(pool: pool, phases: Phase.fast)], store: store) { onBroken($1) }
            let report = try await ingestion.run(
                file, into: store, phases: phases, depth: depth, onProgress: onProgress)
            return (report, pool.counts)
        }
    }

    @Test func `contents are stored with their language, names, entities and statuses`() async throws {
        try await withFolderAndStore { folder, store in
            let file = try write(["Nike rises", "Nike falls", "Puma waits"], in: folder)
            let (report, _) = try await ingest(file, folder, store)
            #expect(report.inserted == 3)
            #expect(report.findings?.annotated == 3)
            #expect(report.findings?.languages == [.init(language: "en", contents: 3)])
            #expect(report.findings?.entities.map(\.name) == ["Nike", "Puma"])
            #expect(report.findings?.entities.map(\.contents) == [2, 1])
            #expect(try await store.number("SELECT count(*) FROM content_languages WHERE language = 'en'") == 3)
            #expect(
                try await store.texts(
                    "SELECT entity, type, state, count(*) FROM content_entities WHERE NOT stale GROUP BY 1 ORDER BY 1")
                    == [
                        ["Nike", "company", "linked", "2"], ["Puma", "company", "linked", "1"],
                    ])
            #expect(
                try await store.texts("SELECT phase, state, count(*) FROM phase_status GROUP BY 1, 2 ORDER BY 1") == [
                    ["entities", "done", "3"], ["language", "done", "3"],
                ])
            #expect(try await store.number("SELECT count(*) FROM entity_decisions WHERE action = 'new'") == 2)
            #expect(try await store.countPending(.language, PhaseSelection()) == 0)
        }
    }

    @Test func `the same file again asks no process anything`() async throws {
        try await withFolderAndStore { folder, store in
            let file = try write(["Nike rises", "Puma waits"], in: folder)
            _ = try await ingest(file, folder, store)
            let before = try await store.texts("SELECT * FROM content_phases ORDER BY 1, 2")
            let (report, counts) = try await ingest(file, folder, store)
            #expect(report.unchanged == 2)
            #expect(report.findings?.annotated == 0)
            #expect(counts.launches == 0)
            #expect(try await store.texts("SELECT * FROM content_phases ORDER BY 1, 2") == before)
        }
    }

    @Test func `an edited text is looked at again and its old names go`() async throws {
        try await withFolderAndStore { folder, store in
            _ = try await ingest(try write(["Nike rises", "Puma waits"], in: folder), folder, store)
            let (report, _) = try await ingest(try write(["Nike rises", "Adidas waits"], in: folder), folder, store)
            #expect(report.edited == 1)
            #expect(report.findings?.annotated == 1)
            #expect(
                try await store.texts("SELECT content_id, entity, stale FROM content_entities ORDER BY 1") == [
                    ["1", "Nike", "0"], ["2", "Adidas", "0"],
                ])
        }
    }

    @Test func `equal texts are looked at once`() async throws {
        try await withFolderAndStore { folder, store in
            let file = try write(Array(repeating: "Nike rises", count: 50) + ["Puma waits"], in: folder)
            let (report, counts) = try await ingest(file, folder, store)
            #expect(counts.texts == 2)
            #expect(report.findings?.annotated == 51)
            #expect(try await store.number("SELECT count(*) FROM mentions") == 51)
        }
    }

    @Test func `many contents keep their order and each its own findings`() async throws {
        try await withFolderAndStore { folder, store in
            let file = try write((1...430).map { "W\($0) text" }, in: folder)
            let (report, _) = try await ingest(file, folder, store, scriptedPhases(processes: 2))
            #expect(report.inserted == 430)
            #expect(
                try await store.number(
                    """
                    SELECT count(*) FROM content_entities AS e JOIN contents AS c ON c.id = e.content_id
                    WHERE e.entity = 'W' || c.external_id AND c.id = c.external_id
                    """) == 430)
        }
    }

    @Test func `a text that kills its process is stored with a failure, and is tried again up to the limit`()
        async throws
    {
        try await withFolderAndStore { folder, store in
            let file = try write(["Nike rises", "bad #crash", "Puma waits"], in: folder)
            let (report, _) = try await ingest(file, folder, store)
            #expect(report.inserted == 3)
            #expect(
                report.findings?.failed.map { "\($0.phase) \($0.code) \($0.contents)" } == [
                    "entities worker_died 1", "language worker_died 1",
                ])
            for _ in 0..<2 { _ = try await ingest(file, folder, store) }
            #expect(try await store.number("SELECT max(attempts) FROM content_phases WHERE state = 'failed'") == 3)
            let (_, counts) = try await ingest(file, folder, store)
            #expect(counts.launches == 0)
        }
    }

    @Test func `without what the phases need everything is stored and stays pending`() async throws {
        try await withFolderAndStore { folder, store in
            let told = Told()
            let file = try write((1...230).map { "W\($0) text" }, in: folder)
            let (report, _) = try await ingest(
                file, folder, store, scriptedPhases("--fatal"), onBroken: { _ in told.tell() })
            #expect(report.inserted == 230)
            #expect(told.times == 1)
            #expect(try await store.countPending(.language, PhaseSelection()) == 230)
            #expect(try await store.countPending(.entities, PhaseSelection()) == 230)
        }
    }

    @Test func `a stop keeps what is committed and the rest follows with the same command`() async throws {
        try await withFolderAndStore { folder, store in
            let file = try write((1...1200).map { "W\($0) text" }, in: folder)
            let stop = StopRequest()
            let (first, _) = try await ingest(file, folder, store, stop: stop, onProgress: { _ in stop.request() })
            #expect(first.inserted >= 50)
            #expect(first.inserted < 1200)
            let (second, _) = try await ingest(file, folder, store)
            #expect(first.inserted + second.inserted == 1200)
            #expect(second.unchanged == first.inserted)
            #expect(second.findings?.annotated == second.inserted)
        }
    }

    @Test func `a bad record and a repeated one are reported as they always were`() async throws {
        try await withFolderAndStore { folder, store in
            let file = folder.appending(path: "posts.jsonl")
            let lines = [
                #"{"id": 1, "text": "Nike rises"}"#, "no json", #"{"id": 1, "text": "Nike rises"}"#,
                #"{"id": 2, "text": null}"#,
            ]
            try Data(lines.joined(separator: "\n").utf8).write(to: file)
            let (report, _) = try await ingest(file.path, folder, store)
            #expect(report.inserted == 2)
            #expect(report.read == 3)
            #expect(report.unchanged == 1)
            #expect(report.withoutText == 1)
            #expect(report.problems == 1)
            #expect(report.firstProblems[0].contains("posts.jsonl:2"))
        }
    }

    @Test func `what people have rejected stays rejected when the dictionary finds it too`() async throws {
        try await withFolderAndStore { folder, store in
            try await store.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO entities (type, name, state, inserted_at, updated_at)
                        VALUES ('organisation', 'Nike', 'rejected', 1, 1)
                        """)
            }
            _ = try await ingest(try write(["Nike rises"], in: folder), folder, store)
            #expect(try await store.texts("SELECT state, entity_id FROM entity_names") == [["rejected", "-"]])
            #expect(try await store.number("SELECT count(*) FROM entities") == 1)
            #expect(try await store.texts("SELECT actor, action FROM entity_decisions") == [["entities", "reject"]])
        }
    }

    @Test func `what people have merged is where new finds of the name go`() async throws {
        try await withFolderAndStore { folder, store in
            _ = try await ingest(try write(["Nike rises", "Swoosh rises"], in: folder), folder, store)
            try await store.write { db in
                try db.execute(
                    sql: """
                        UPDATE entity_names SET entity_id = (SELECT id FROM entities WHERE name = 'Nike')
                        WHERE name = 'Swoosh';
                        UPDATE entities SET state = 'merged', merged_into = (SELECT id FROM entities WHERE name = 'Nike')
                        WHERE name = 'Swoosh';
                        """)
            }
            _ = try await ingest(try write(["Nike rises", "Swoosh rises", "Swoosh again"], in: folder), folder, store)
            #expect(
                try await store.texts("SELECT entity, count(*) FROM content_entities GROUP BY 1") == [["Nike", "3"]])
        }
    }
}

/// Counts calls from other threads.
private final class Told: Sendable {
    private let count = Mutex(0)
    func tell() { count.withLock { $0 += 1 } }
    var times: Int { count.withLock { $0 } }
}
