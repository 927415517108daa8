import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreReuseTests {
    private let records = [Records.finance, Records.general]
    private let up = ModelOutcome.prediction(.of(Records.finance, [0.125, 0.75, 0.125]))
    private let good = ModelOutcome.prediction(.of(Records.general, [0.25, 0.75], latency: 7))
    private let all = Int64.min...Int64.max

    /// A run whose workers have loaded both models with this engine and precision.
    private func begin(_ store: Store, engine: String = "onnxruntime", precision: String = "fp32") async throws -> Int64
    {
        var loaded = records
        for index in loaded.indices {
            loaded[index].engine = engine
            loaded[index].precision = precision
        }
        try await store.register(loaded)
        let run = try await store.anyRun()
        try await store.updateRun(run, environment: "{}", models: loaded)
        return run
    }

    private func claim(
        _ store: Store, _ run: Int64, force: Bool = false, reuse: Bool = true, page: Int = 100
    ) async throws -> ClaimedPage {
        let request = WorkRequest(
            models: records.map { ($0.modelID, $0.version) }, force: force, reuse: reuse,
            effort: try await store.effort(of: run))
        return try await store.claim(request, in: all, page: page)
    }

    private func save(_ store: Store, _ models: [String: ModelOutcome], on content: Int64, run: Int64) async throws {
        let results = ModelResults(models: models, textInfo: .of("same"))
        try await store.save([.init(contentID: content, textVersion: 1, results: results)], run: run)
    }

    /// "same" in two sources, judged in one of them, and a text of its own.
    private func withTwins(_ body: (Store, _ ids: [Int64]) async throws -> Void) async throws {
        try await withStore { store in
            let ids =
                try await store.ingest(texts: ["same"], source: "a")
                + store.ingest(texts: ["same", "other"], source: "b")
            try await body(store, ids)
        }
    }

    @Test func `an equal text of another source gets rows of its own, marked, without being work`() async throws {
        try await withTwins { store, ids in
            let first = try await begin(store)
            try await save(store, ["finance": up, "general": good], on: ids[0], run: first)
            let run = try await begin(store)
            let page = try await claim(store, run)
            #expect(page.items.map(\.contentID) == [ids[2]])
            #expect(page.reused.map(\.text.contentID) == [ids[1]] && page.reused.allSatisfy(\.isComplete))
            #expect(page.reused.first?.text.results.models == ["finance": up, "general": good])
            let rows = try await store.classifications(ids[1])
            #expect(rows.map(\.outcome) == [up, good])
            #expect(rows.map(\.reusedFrom) == [ids[0], ids[0]] && rows.map(\.run) == [run, run])
            #expect(try await store.classifications(ids[0]).allSatisfy { $0.reusedFrom == nil })
            #expect(try await store.textInfo(ids[1]) == .of("same"))
            // Its claim is gone, and it counts in its run.
            let claims = try await store.read { try Int64.fetchAll($0, sql: "SELECT content_id FROM claims") }
            #expect(claims == [ids[2]])
            let booked = try await store.run(run)
            #expect(booked?.contents == 1 && booked?.succeeded == 2)
            let seen = try await store.read { db in
                try Row.fetchAll(
                    db,
                    sql: """
                        SELECT content_id, reused_from, engine, precision, meta ->> '$.processing.reused' AS mark,
                            meta ->> '$.processing.latency_ms' AS latency, meta ->> '$.processing.first_call' AS first
                        FROM model_classifications
                        WHERE model_id = 'general' ORDER BY 1
                        """
                ).map { row in row.databaseValues.map(\.description).joined(separator: "|") }
            }
            #expect(
                seen == [
                    #"\#(ids[0])|NULL|"onnxruntime"|"fp32"|NULL|7.0|0"#,
                    #"\#(ids[1])|\#(ids[0])|"onnxruntime"|"fp32"|1|7.0|0"#,
                ])
        }
    }

    @Test(arguments: [("openvino", "fp32"), ("onnxruntime", "int8")])
    func `another engine or precision computes`(engine: String, precision: String) async throws {
        try await withTwins { store, ids in
            try await save(store, ["finance": up, "general": good], on: ids[0], run: begin(store))
            let run = try await begin(store, engine: engine, precision: precision)
            let page = try await claim(store, run)
            #expect(page.items.map(\.contentID) == [ids[1], ids[2]] && page.reused.isEmpty)
            // What this run computes is what the next of its kind takes over, not what is older.
            try await save(store, ["finance": up], on: ids[1], run: run)
            let third = try await store.ingest(texts: ["same"], source: "c")
            let next = try await claim(store, begin(store, engine: engine, precision: precision))
            #expect(next.reused.map(\.text.reusedFrom) == [["finance": ids[1]]])
            #expect(next.items.map(\.contentID).contains(third[0]))
        }
    }

    @Test func `neither with force, nor when it is switched off, nor by a run that does not know its engines`()
        async throws
    {
        try await withTwins { store, ids in
            try await save(store, ["finance": up, "general": good], on: ids[0], run: begin(store))
            let (forced, off, unknown) = (try await begin(store), try await begin(store), try await store.anyRun())
            #expect(try await claim(store, forced, force: true).items.count == 3)
            try await store.finishRun(forced, interrupted: false)
            #expect(try await claim(store, off, reuse: false).items.count == 2)
            try await store.finishRun(off, interrupted: false)
            #expect(try await claim(store, unknown).items.count == 2)
            #expect(try await store.integrityReport().predictions == 2)
        }
    }

    @Test func `failures, verdicts on an edited text and verdicts of other versions are not reused`() async throws {
        try await withTwins { store, ids in
            let first = try await begin(store)
            let failure = ModelOutcome.failure(.init(code: "timeout", message: "late"))
            try await save(store, ["finance": failure, "general": good], on: ids[0], run: first)
            try await store.finishRun(first, interrupted: false)
            let run = try await begin(store)
            let page = try await claim(store, run)
            #expect(page.items.map(\.missing) == [["finance"], ["finance"], ["finance", "general"]])
            #expect(page.reused.map(\.isComplete) == [false])
            #expect(page.reused.first?.text.results.models == ["general": good])
            // The rest of it is stored by the run, which then counts the content once.
            try await save(store, ["finance": up], on: ids[1], run: run)
            let booked = try await store.run(run)
            #expect(booked?.contents == 1 && booked?.succeeded == 2)
            #expect(try await store.classifications(ids[1]).map(\.reusedFrom) == [nil, ids[0]])
            try await store.finishRun(run, interrupted: false)

            // Both are edited: what was said about "same" is no verdict on "same" any more.
            for source in ["a", "b"] {
                try await store.ingest([.init(externalID: "1", text: "edited \(source)")], source: source)
            }
            let late = try await store.ingest(texts: ["same"], source: "late")
            let last = try await claim(store, begin(store))
            #expect(last.reused.isEmpty && last.items.map(\.contentID).contains(late[0]))
        }
    }

    @Test func `what is reused from a reused verdict names the content that it was computed for`() async throws {
        try await withTwins { store, ids in
            try await save(store, ["finance": up, "general": good], on: ids[0], run: begin(store))
            _ = try await claim(store, begin(store))
            // The first one is edited, so only the copy is left to take over from.
            try await store.ingest([.init(externalID: "1", text: "edited")], source: "a")
            let third = try await store.ingest(texts: ["same"], source: "c")
            let run = try await begin(store)
            _ = try await claim(store, run)
            #expect(try await store.classifications(third[0]).map(\.reusedFrom) == [ids[0], ids[0]])
            try await store.finishRun(run, interrupted: false)
            // It gets its old text back: its verdicts are not reused from itself.
            try await store.ingest([.init(externalID: "1", text: "same")], source: "a")
            let last = try await begin(store)
            #expect(try await claim(store, last).reused.map(\.text.contentID) == [ids[0]])
            #expect(try await store.classifications(ids[0]).map(\.reusedFrom) == [ids[1], ids[1]])
            #expect(try await store.classifications(ids[0]).allSatisfy { !$0.isStale })
        }
    }

    @Test func `computing anew takes the mark away, and an old failure with its details gives way to a reused verdict`()
        async throws
    {
        try await withTwins { store, ids in
            let first = try await begin(store)
            try await save(store, ["finance": up, "general": good], on: ids[0], run: first)
            let died = ModelOutcome.failure(.init(code: "worker_died", message: "it died", detail: "its words"))
            try await save(store, ["finance": died], on: ids[1], run: first)
            try await store.finishRun(first, interrupted: false)
            let run = try await begin(store)
            #expect(try await claim(store, run).reused.map(\.isComplete) == [true])
            #expect(try await store.classifications(ids[1]).map(\.outcome) == [up, good])
            #expect(try await store.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM failure_details") } == 0)
            try await save(store, ["finance": up], on: ids[1], run: run)
            #expect(try await store.classifications(ids[1]).map(\.reusedFrom) == [nil, ids[0]])
            #expect(try await store.integrityReport().isHealthy)
        }
    }

    @Test func `a hundred equal texts are reused page by page, and a limit counts them`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: Array(repeating: "same", count: 300))
            try await save(store, ["finance": up, "general": good], on: ids[0], run: begin(store))
            let run = try await begin(store)
            let request = WorkRequest(
                models: records.map { ($0.modelID, $0.version) }, force: false, effort: try await store.effort(of: run))
            var pages = ClaimedPages(store: store, selection: .limit(120), request: request, size: 50)
            var reused: [Int64] = []
            while let page = try await pages.next() {
                #expect(page.items.isEmpty)
                reused += page.reused.map(\.text.contentID)
            }
            #expect(reused == Array(ids[1...120]))
        }
    }

    @Test func `equal texts of a page share an errand, and part when it fails`() async throws {
        func item(_ id: Int64, _ text: String, _ missing: [String] = ["finance"]) -> WorkItem {
            WorkItem(contentID: id, text: text, textVersion: Int(id) + 1, missing: missing)
        }
        let items = [item(1, "x"), item(2, "y"), item(3, "x"), item(4, "x", ["general"]), item(5, "x")]
        let errands = Errand.list(items, sharing: true)
        #expect(errands.map(\.contentIDs) == [[1, 3, 5], [2], [4]])
        #expect(Errand.list(items, sharing: false).map(\.contentIDs) == [[1], [2], [3], [4], [5]])
        let results = ModelResults(models: ["finance": up], textInfo: .of("x"))
        let (texts, again) = errands[0].ended(with: results)
        #expect(texts.map(\.contentID) == [1, 3, 5] && texts.map(\.textVersion) == [2, 4, 6] && again.isEmpty)
        #expect(texts.map(\.reusedFrom) == [[:], ["finance": 1], ["finance": 1]])
        let failure = ModelResults(models: ["finance": .failure(.init(code: "poison", message: ""))], textInfo: nil)
        let parted = errands[0].ended(with: failure)
        #expect(parted.texts.map(\.contentID) == [1] && parted.again.map(\.contentIDs) == [[3], [5]])
    }
}
