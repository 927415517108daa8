import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// The counts are those of what is stored, whatever has happened to it.
@Suite struct StoreCountsTests {
    private static let models = [
        Records.record("a", [("n", .negative), ("0", .neutral), ("p", .positive)]),
        Records.record("b", [("n", .negative), ("0", .neutral), ("p", .positive)]),
    ]

    private func wrong(_ store: Store) async throws -> Int {
        try await store.read { db in try VerdictCounts(in: db).wrong() }
    }

    private func run(_ sql: String, in store: Store) async throws {
        try await store.write { db in try db.execute(sql: sql) }
    }

    /// Compares `statistics` with the verdicts themselves, from the counts and from the view that they are made with.
    private func expectRightStatistics(_ store: Store, _ comment: Comment) async throws {
        let models = try await store.analysedModels().sorted { $0.id < $1.id }
        for grouping in ModelStatistics.Grouping.allCases {
            let (lines, means) = try await store.uncountedStatistics(by: grouping)
            for source in [Store.StatisticsSource.counts, .verdicts] {
                let counted = try await store.countedStatistics(of: models, by: grouping, from: source)
                #expect(counted.0 == lines, comment)
                #expect(counted.1.map { $0 == nil } == means.map { $0 == nil }, comment)
                #expect(zip(counted.1, means).allSatisfy { abs(($0 ?? 0) - ($1 ?? 0)) < 1e-9 }, comment)
            }
        }
    }

    @Test(arguments: UInt64(1)...12)
    func `after any operations the counts equal the verdicts`(seed: UInt64) async throws {
        try await withStore { store in
            var life = StoreLife(store, Self.models, seed: seed)
            try await life.begin()
            for step in 1...60 {
                let operation = try await life.live()
                #expect(try await wrong(store) == 0, "seed \(seed), step \(step): \(operation)")
                if step.isMultiple(of: 20) { try await expectRightStatistics(store, "seed \(seed), step \(step)") }
            }
            #expect(try await store.integrityReport().isHealthy)
            #expect(try await store.read { db in try VerdictCounts(in: db).areComplete() })
            // Made anew they are the same.
            let before = try await store.statistics(of: try await store.analysedModels(), by: .day)
            try await store.rebuildCounts()
            #expect(try await store.statistics(of: try await store.analysedModels(), by: .day) == before)
        }
    }

    @Test func `verdicts that another program stores are noticed, answered for, and counted by a rebuild`() async throws
    {
        try await withStore { store in
            try await store.register(Self.models)
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: ["one", "two"])
            let prediction = Prediction.of(Self.models[0], [0.25, 0.25, 0.5])
            try await store.save(.prediction(prediction), of: "a", on: ids[0], run: run)
            try await self.run(
                """
                INSERT INTO classifications (content_id, model_version_id, text_version, sentiment, confidence, score_positive,
                    score_margin, entropy, flags, latency_ms, batch_size, truncated, first_call, run_id, inserted_at)
                SELECT 2, model_version_id, text_version, sentiment, confidence, score_positive, score_margin, entropy, flags,
                    latency_ms, batch_size, truncated, first_call, run_id, inserted_at
                FROM classifications
                """, in: store)
            let models = try await store.analysedModels()
            #expect(try await store.statistics(of: models, by: .source).map(\.verdicts) == [2])
            let report = try await store.integrityReport()
            #expect(report.wrongCounts == 2 && !report.isHealthy)
            try await store.rebuildCounts()
            #expect(try await store.integrityReport().isHealthy)
            #expect(try await store.statistics(of: models, by: .source).map(\.verdicts) == [2])
        }
    }

    @Test func `a database of before is counted when it is migrated`() async throws {
        try await withFolder { folder in
            let path = folder.appendingPathComponent("a.db").path
            var store = try Store(path: path)
            var life = StoreLife(store, Self.models, seed: 99)
            try await life.begin()
            for _ in 1...60 { _ = try await life.live() }
            try store.close()
            let file = try DatabaseQueue(path: path)
            try await file.write { db in
                let counting = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND sql LIKE '%_counts%'"
                for trigger in try String.fetchAll(db, sql: counting) {
                    try db.execute(sql: "DROP TRIGGER \(trigger)")
                }
                try db.execute(
                    sql: """
                        DROP VIEW daily_verdicts; DROP VIEW daily_contents; DROP VIEW latency_histogram;
                        DROP VIEW queue_histogram; DROP VIEW counted_verdicts;
                        DROP TABLE verdict_counts; DROP TABLE content_counts; DROP TABLE latency_counts;
                        DROP TABLE queue_counts; DROP TABLE time_buckets;
                        DELETE FROM grdb_migrations WHERE identifier = '007-counts';
                        """)
            }
            try file.close()
            store = try Store(path: path)
            #expect(try await store.integrityReport().isHealthy)
            try await expectRightStatistics(store, "after the migration")
            try store.close()
        }
    }

    @Test func `the time that texts waited is counted by run and model, apart from what was reused`() async throws {
        try await withStore { store in
            try await store.register(Self.models)
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: ["one", "two", "three"])
            let verdicts = Self.models.map { ($0.modelID, ModelOutcome.prediction(.of($0, [0.25, 0.25, 0.5]))) }
            var results = ModelResults(
                models: Dictionary(uniqueKeysWithValues: verdicts), textInfo: nil)
            var items: [ClassifiedText] = []
            for (id, wait) in zip(ids, [4, 100, 1000.5]) {
                results.queueMs = wait
                items.append(.init(contentID: id, textVersion: 1, results: results))
            }
            items[2].reusedFrom["b"] = ids[0]
            try await store.save(items, run: run)
            let queues = try await store.latencies(of: try await store.analysedModels()).map(\.queue)
            #expect(queues.map(\.?.count) == [3, 2] && queues.map(\.?.meanMs) == [1104.5 / 3, 52])
            let first = try #require(queues[0])
            #expect(first.p50Ms >= 100 && first.p50Ms < 104.5 && first.maxMs >= 1000.5 && first.maxMs < 1045.5)
        }
    }

    @Test func `times fall into the steps of the database`() async throws {
        #expect(TimeBuckets.all.count == 529 && TimeBuckets.all.last?.toMs == nil)
        #expect(TimeBuckets.number(of: 0) == 0 && TimeBuckets.number(of: 0.01) == 1)
        #expect(TimeBuckets.number(of: 12.5) == 165 && TimeBuckets.number(of: 1e300) == 528)
        let gaps = TimeBuckets.all.dropFirst().compactMap { bucket in bucket.toMs.map { $0 / bucket.fromMs } }
        #expect(gaps.allSatisfy { $0 > 1.04 && $0 < 1.045 })
        try await withStore { store in
            let stored = try await store.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM time_buckets ORDER BY bucket").map { row in
                    (row["bucket"] as Int, row["from_ms"] as Double, row["to_ms"] as Double?)
                }
            }
            #expect(stored.count == TimeBuckets.all.count)
            #expect(
                zip(stored, TimeBuckets.all).allSatisfy {
                    $0.0 == $1.number && $0.1 == $1.fromMs && $0.2 == $1.toMs
                })
        }
    }
}
