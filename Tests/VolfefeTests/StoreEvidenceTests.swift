import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreEvidenceTests {
    private func poison(_ detail: String?) -> ModelOutcome {
        .failure(.init(code: "poison", message: "2 workers died at this text", detail: detail))
    }

    @Test func `the last words of a worker come back with the failure, and go with it`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            let words = "Traceback:\n  File \"x.py\"\nMemoryError \u{FFFD} ü"
            try await store.save(poison(words), of: "finance", on: id, run: run)
            #expect(try await store.classifications(id).map(\.outcome) == [poison(words)])
            func shown() async throws -> [String?] {
                try await store.read {
                    try Optional<String>.fetchAll($0, sql: "SELECT error_detail FROM classification_failures")
                }
            }
            #expect(try await shown() == [words])
            // A failure on an older text changes nothing, its words neither.
            try await store.save(poison("late"), of: "finance", on: id, textVersion: 1, run: run)
            try await store.ingest([.init(externalID: "1", text: "b")], source: "test")
            try await store.save(poison(nil), of: "finance", on: id, textVersion: 2, run: run)
            try await store.save(poison("late"), of: "finance", on: id, textVersion: 1, run: run)
            #expect(try await shown() == [nil])
            try await store.save(poison("again"), of: "finance", on: id, textVersion: 2, run: run)
            let up = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
            try await store.save(.prediction(up), of: "finance", on: id, textVersion: 2, run: run)
            #expect(try await store.classifications(id).map(\.outcome) == [.prediction(up)])
            let left = try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM failure_details") }
            #expect(left == 0)
            try await store.save(poison("kept out"), of: "finance", on: id, textVersion: 2, run: run)
            #expect(try await store.classifications(id).map(\.outcome) == [.prediction(up)])
        }
    }

    @Test func `of very long words the end is kept, and a NUL does no harm`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: ["a", "b"])
            let long = String(repeating: "üé", count: 20_000) + "\0the end"
            try await store.save(poison(long), of: "finance", on: ids[0], run: run)
            try await store.save(poison(""), of: "finance", on: ids[1], run: run)
            guard case .failure(let failure) = try await store.classifications(ids[0])[0].outcome else { return }
            let kept = try #require(failure.detail)
            #expect(
                kept.utf8.count <= 16 << 10 && kept.hasSuffix("ü\u{FFFD}the end") || kept.hasSuffix("é\u{FFFD}the end"))
            #expect(try await store.classifications(ids[1]).map(\.outcome) == [poison(nil)])
            try await store.write { try $0.execute(sql: "DELETE FROM contents") }
            #expect(try await store.integrityReport().isHealthy)
        }
    }
}
