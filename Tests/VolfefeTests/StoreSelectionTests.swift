import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreSelectionTests {
    private let models = [(id: "finance", version: "1.0"), (id: "general", version: "1.0")]
    private let up = Prediction.of(Records.finance, [0.125, 0.75, 0.125])

    @Test func `what is known of a thousand is looked up by id, however many contents the source has`() async throws {
        try await withStore { store in
            let plan = try await store.read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + Store.finishedPhases,
                    arguments: ["ids": "[]", "source": "s", "phases": "[]", "max_attempts": 3]
                ).map { $0["detail"] as String }
            }
            #expect(plan.contains { $0.hasPrefix("SEARCH c ") && $0.contains("external_id=?") }, "\(plan)")
        }
    }

    @Test func onlyMissingCellsAreWork() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", nil, "c", ""])
            // Never registered: missing everywhere.
            let plan = try await store.plan(selection: .all, models: models, force: false)
            #expect(plan == WorkPlan(contents: 2, cells: 4, withoutText: 2, unknownIDs: []))
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            try await store.save(.prediction(up), of: "finance", on: ids[0], run: run)
            let work = try await store.allWork([Records.finance, Records.general])
            #expect(work.map(\.contentID) == [ids[0], ids[2]])
            #expect(work.map(\.missing) == [["general"], ["finance", "general"]])
            #expect(try await store.plan(selection: .all, models: models, force: false).cells == 3)
            #expect(try await store.allWork([Records.finance]).map(\.contentID) == [ids[2]])
            let forced = try await store.plan(selection: .all, models: models, force: true)
            #expect(forced.contents == 2 && forced.cells == 4)
        }
    }

    @Test func aNewModelGetsOnlyItsOwnCells() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            for id in try await store.ingest(texts: ["a", "b"]) {
                try await store.save(.prediction(up), of: "finance", on: id, run: run)
            }
            #expect(try await store.allWork([Records.finance]).isEmpty)
            #expect(
                try await store.allWork([Records.finance, Records.stars]).map(\.missing) == [["stars"], ["stars"]])
        }
    }

    @Test func aLimitIsTheFirstContentsThatStillMissSomething() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: ["a", "b", "c", "d"])
            try await store.save(.prediction(up), of: "finance", on: ids[0], run: run)
            let finance = [models[0]]
            let plan = try await store.plan(selection: .limit(2), models: finance, force: false)
            #expect(plan.contents == 2 && plan.cells == 2)
            let work = try await store.work(selection: .limit(2), models: finance, force: false, after: 0, page: 2)
            #expect(work.map(\.contentID) == [ids[1], ids[2]])
            #expect(try await store.plan(selection: .limit(0), models: finance, force: false).contents == 0)
            let forced = try await store.work(selection: .limit(2), models: finance, force: true, after: 0, page: 2)
            #expect(forced.map(\.contentID) == [ids[0], ids[1]])
        }
    }

    @Test func idsThatDoNotExistOrHaveNoTextAreReportedAndTheRestIsWork() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", nil, "c"])
            let asked = Selection.ids([99, ids[2], ids[0], ids[1], ids[0], -7])
            let plan = try await store.plan(selection: asked, models: models, force: false)
            #expect(plan == WorkPlan(contents: 2, cells: 4, withoutText: 1, unknownIDs: [-7, 99]))
            let work = try await store.work(selection: asked, models: models, force: false, after: 0, page: 10)
            #expect(work.map(\.contentID) == [ids[0], ids[2]])
        }
    }

    @Test(arguments: [1, 7, 1000]) func pagesCoverTheSelectionExactlyOnce(size: Int) async throws {
        try await withStore { store in
            let drafts = (0..<4100).map { ContentDraft(externalID: "\($0)", text: $0 % 5 == 0 ? nil : "t") }
            let ids = try await store.ingest(drafts, source: "s").contentIDs
            let asked = size == 1 ? Array(ids.prefix(50)) : ids
            for selection in [Selection.all, .contents((asked + asked).shuffled())] {
                var seen: [Int64] = []
                while true {
                    let page = try await store.work(
                        selection: selection, models: models, force: false, after: seen.last ?? 0, page: size)
                    seen += page.map(\.contentID)
                    if page.count < size || (size == 1 && seen.count == 40) { break }
                }
                #expect(seen == asked.filter { ($0 - 1) % 5 != 0 })
            }
        }
    }

    @Test func aLargeStoreAnswersFromItsIndexes() async throws {
        try await withStore { store in
            let records = ["a", "b", "c", "d"].map { Records.record($0, [("n", .negative), ("p", .positive)]) }
            let versions = try await store.register(records)
            let run = try await store.anyRun()
            // 2,000 contents with texts of a page each, all classified by all four.
            try await store.write { db in
                try db.execute(
                    sql: """
                        INSERT INTO sources VALUES (1, 's', 0);
                        WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)
                        INSERT INTO contents
                            (id, source_id, external_id, text_hash, inserted_at, updated_at, text)
                        SELECT i, 1, i, zeroblob(32), 0, 0, replace(hex(zeroblob(500)), '0', 'x') FROM n;
                        """)
                try db.execute(
                    sql: """
                        INSERT INTO classifications
                            (content_id, model_version_id, text_version, sentiment, confidence, score_positive,
                            score_negative, score_margin, entropy, flags, latency_ms, batch_size, tokens, truncated,
                            first_call, run_id, inserted_at)
                        SELECT c.id, v.id, 1, 1, 0.9, 0.9, 0.1, 0.8, 0.3, 4, 1.5, 8, 20, 0, 0, ?, 1761430550076
                        FROM contents AS c JOIN model_versions AS v
                        """, arguments: [run])
            }
            #expect(versions.count == 4)
            let models = records.map { ($0.modelID, $0.version) }
            let plan = try await store.plan(selection: .all, models: models, force: false)
            #expect(plan == WorkPlan(contents: 0, cells: 0, withoutText: 0, unknownIDs: []))

            let steps = try await store.read { db in
                try Row.fetchAll(
                    db, sql: "EXPLAIN QUERY PLAN " + Cells.pageSQL(from: Cells.everything),
                    arguments: [
                        "after": 0, "enough": 4, "limit": 100, "versions": "[1,2,3,4]", "run": 1, "others": "[]",
                    ]
                ).map { $0["detail"] as String }
            }
            #expect(steps.contains { $0.hasPrefix("SEARCH c USING INDEX contents_with_text (id>?)") }, "\(steps)")
            #expect(steps.contains { $0.hasPrefix("SEARCH k USING PRIMARY KEY (content_id=?)") }, "\(steps)")
            #expect(!steps.contains { $0.hasPrefix("SCAN c") || $0.hasPrefix("SCAN k") }, "\(steps)")

            for (condition, index) in [
                ("content_id = 7", "PRIMARY KEY (content_id=?)"),
                ("model_id = 'a'", "INDEX classifications_by_model (model_version_id=?)"),
                ("content_id = 7 AND model_id = 'a'", "PRIMARY KEY (content_id=?"),
            ] {
                let steps = try await store.read { db in
                    try Row.fetchAll(
                        db, sql: "EXPLAIN QUERY PLAN SELECT sentiment FROM model_classifications WHERE \(condition)"
                    ).map { $0["detail"] as String }
                }
                #expect(steps.contains { $0.hasPrefix("SEARCH k USING \(index)") }, "\(steps)")
            }
        }
    }
}
