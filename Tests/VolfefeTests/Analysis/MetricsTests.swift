import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// Figures per source and across sources.
@Suite struct MetricsTests {
    private func coverage(_ done: [Phase: Int], off: Set<Phase> = []) -> [PhaseCoverage] {
        Phase.recorded.map { ($0, done[$0] ?? 0) }.map { phase, done in
            PhaseCoverage(
                phase: phase, isOn: !off.contains(phase), due: off.contains(phase) ? 0 : 100, done: done, failed: 0)
        } + [
            PhaseCoverage(
                phase: .sentiment, isOn: !off.contains(.sentiment), due: off.contains(.sentiment) ? 0 : 100,
                done: done[.sentiment] ?? 0, failed: 0)
        ]
    }

    @Test func `a level is reached when its phases are complete`() {
        let everything: [Phase: Int] = Dictionary(uniqueKeysWithValues: Phase.allCases.map { ($0, 95) })
        let cases: [([Phase: Int], Set<Phase>, ProcessingLevel)] = [
            ([:], [], .none),
            ([.language: 100], [], .none),
            ([.language: 100, .entities: 95], [], .basic),
            ([.language: 100, .entities: 94], [], .none),
            ([.language: 100], [.entities], .basic),
            ([.sentiment: 95], [], .sentimentComplete),
            ([.language: 100, .entities: 100, .sentiment: 100], [], .sentimentComplete),
            ([.language: 100, .entities: 100, .sentiment: 100], [.ner, .resolve, .topics, .stories], .full),
            ([.language: 100, .entities: 100], [.sentiment], .basic),
            (everything, [], .full),
            (everything.merging([.stories: 94]) { $1 }, [], .sentimentComplete),
        ]
        for (done, off, level) in cases {
            #expect(ProcessingLevel(coverage(done, off: off), complete: 0.95) == level, "\(done) without \(off)")
        }
        #expect(ProcessingLevel([], complete: 0.95) == .none)
    }

    /// Writes down that contents have been through a phase, as its run would.
    private func finish(_ phase: Phase, _ contents: [Int64], in store: Store) async throws {
        let method = try await store.phaseMethod(phase, method: "m", revision: "r")
        try await store.write { db in
            let status = PhaseStatusWriter(phase, method: method, in: db)
            for id in contents { try status.done(id, textVersion: 1) }
        }
    }

    private func language(_ language: String?, _ score: Double?, of content: Int64, in store: Store) async throws {
        let method = try await store.phaseMethod(.language, method: "m", revision: "r")
        var found = PhaseAnnotations()
        found.language = .success(LanguageFound(language: language, score: score))
        try await store.save(
            [AnnotatedContent(contentID: content, textVersion: 1, annotations: found)], methods: [.language: method])
    }

    @Test func `all together is the sum of the sources, and an edit lowers coverage`() async throws {
        try await withStore { store in
            let monday = Date(timeIntervalSince1970: 1_761_523_200)
            let x = try await store.ingest(
                (0..<4).map { ContentDraft(externalID: "\($0)", text: $0 < 3 ? "t\($0)" : nil, publishedAt: monday) },
                source: "x"
            ).contentIDs
            let y = try await store.ingest(
                [ContentDraft(externalID: "0", text: "t", publishedAt: monday.addingTimeInterval(-1))], source: "y"
            ).contentIDs
            try await language("en", 0.9, of: x[0], in: store)
            try await language("en", 0.4, of: x[1], in: store)
            try await language(nil, nil, of: x[2], in: store)
            try await language("en", 0.8, of: y[0], in: store)
            try await finish(.entities, Array(x.prefix(3)) + y, in: store)
            try await store.register([Records.finance, Records.general])
            let run = try await store.anyRun()
            for id in x.prefix(3) {
                try await store.save(
                    .prediction(.of(Records.finance, [0.1, 0.8, 0.1])), of: "finance", on: id, run: run)
            }
            try await store.save(.prediction(.of(Records.general, [0.9, 0.1])), of: "general", on: x[0], run: run)
            try await store.save(.failure(.init(code: "timeout", message: "slow")), of: "general", on: x[1], run: run)
            let scope = MetricsScope(enabledModels: [("finance", "1.0"), ("general", "1.0")])
            let models = try await store.analysedModels(nil)
            let now = Date()
            let metrics = try await store.collectionMetrics(scope, models: models, at: now)
            #expect(metrics.sources.map(\.source) == [nil, "x", "y"])
            let all = try #require(metrics.all)
            #expect(all.contents == 5 && all.withText == 4 && all.processingLevel == .basic)
            #expect(all.languages.map { "\($0.language ?? "-") \($0.contents) \($0.guesses)" } == ["en 3 1", "- 1 0"])
            #expect(
                all.weeks.map { "\($0.week ?? "-") \($0.contents) \($0.withText)" } == [
                    "2025-10-20 1 1", "2025-10-27 4 3",
                ])
            #expect(all.first == monday.addingTimeInterval(-1) && all.last == monday)
            #expect(all.topics == nil && all.stories == nil)
            let sentiment = metrics.sources.map { row in row.phases.first { $0.phase == .sentiment } }
            #expect(sentiment.map { $0?.done } == [1, 1, 0])
            #expect(sentiment.map { $0?.failed } == [1, 1, 0])
            #expect(sentiment.map { $0?.pending } == [2, 1, 1])
            #expect(all.models.map(\.verdicts) == [3, 1])
            // Topics are due of no one in a collection of four.
            let topics = try #require(all.phases.first { $0.phase == .topics })
            #expect(topics.due == 0 && topics.coverage == nil)
            #expect(topics.reason == "the collection has fewer than 1000 contents")
            #expect(try #require(all.lastUpdated) <= now.addingTimeInterval(1))

            try await store.ingest([ContentDraft(externalID: "0", text: "edited")], source: "y")
            let one = try await store.collectionMetrics(
                MetricsScope(source: "y", enabledModels: []), models: models, at: now)
            #expect(one.sources.map(\.source) == ["y"] && one.all == nil)
            #expect(one.sources[0].phases.first { $0.phase == .language }?.coverage == 0)
            #expect(one.sources[0].languages.isEmpty)
            #expect(one.sources[0].phases.first { $0.phase == .sentiment }?.reason == "no model is on")
            #expect(one.sources[0].processingLevel == .none)
            await #expect(throws: VolfefeError.self) {
                _ = try await store.collectionMetrics(
                    MetricsScope(source: "z", enabledModels: []), models: [], at: now)
            }
        }
    }

    @Test(arguments: Phase.recorded)
    func `the status of one phase is that of no other`(phase: Phase) async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b", "c"])
            try await finish(phase, Array(ids.prefix(2)), in: store)
            let method = try await store.phaseMethod(phase, method: "m", revision: "r")
            try await store.write { db in
                try PhaseStatusWriter(phase, method: method, in: db)
                    .failed(ids[2], textVersion: 1, code: "timeout", message: "slow")
            }
            let metrics = try await store.collectionMetrics(
                MetricsScope(enabledModels: [], minimumTopicContents: 2), models: [], at: Date())
            for coverage in try #require(metrics.all).phases {
                #expect(coverage.done == (coverage.phase == phase ? 2 : 0))
                #expect(coverage.failed == (coverage.phase == phase ? 1 : 0))
            }
        }
    }

    @Test func `what is off for a source is due of nobody there`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a"], source: "x")
            try await store.ingest(texts: ["a"], source: "y")
            let metrics = try await store.collectionMetrics(
                MetricsScope(
                    enabledModels: [("finance", "1.0")], off: [.ner],
                    offBySource: ["y": [.sentiment, .stories]]), models: [], at: Date())
            func due(_ phase: Phase) -> [Int] {
                metrics.sources.map { row in row.phases.first { $0.phase == phase }?.due ?? -1 }
            }
            #expect(due(.ner) == [1, 0, 1])
            #expect(due(.sentiment) == [1, 1, 0])
            #expect(due(.stories) == [1, 1, 0])
            #expect(due(.language) == [2, 1, 1])
            #expect(metrics.sources[2].phases.first { $0.phase == .sentiment }?.isOn == false)
        }
    }

    @Test func `entities are counted once per content, by what their names are linked to now`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["Nike and Nike", "Nike Inc", "Puma"])
            let method = try await store.phaseMethod(.entities, method: "m", revision: "r")
            func mention(_ name: String, _ start: Int, _ end: Int) -> MentionFound {
                MentionFound(
                    start: start, end: end, text: name, name: name, type: "company", method: "dictionary",
                    rule: "plain",
                    confidence: 0.97)
            }
            for (id, mentions) in zip(
                ids,
                [
                    [mention("Nike", 0, 4), mention("Nike", 9, 13)], [mention("Nike Inc", 0, 8)],
                    [mention("Puma", 0, 4)],
                ]
            ) {
                var found = PhaseAnnotations()
                found.entities = .success(mentions)
                try await store.save(
                    [AnnotatedContent(contentID: id, textVersion: 1, annotations: found)], methods: [.entities: method])
            }
            func named() async throws -> [String] {
                let metrics = try await store.collectionMetrics(
                    MetricsScope(enabledModels: []), models: [], at: Date())
                return try #require(metrics.all).entities.map { "\($0.name) \($0.contents)" }
            }
            #expect(try await named() == ["Nike 1", "Nike Inc 1", "Puma 1"])
            try await store.write { db in
                try db.execute(
                    sql: """
                        UPDATE entity_names SET entity_id = (SELECT id FROM entities WHERE name = 'Nike') WHERE name = 'Nike Inc';
                        UPDATE entities SET state = 'rejected' WHERE name = 'Puma';
                        """)
            }
            #expect(try await named() == ["Nike 2"])
        }
    }

    @Test func `figures are stored in the place of the older ones`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b"], source: "x")
            let scope = MetricsScope(enabledModels: [("finance", "1.0")])
            let analytics = AnalyticsRun(scope)
            func run() async throws -> PhaseReport {
                try await analytics.run(PhaseSelection(), in: store, stop: StopRequest(), onProgress: { _ in })
            }
            #expect(try await run().done == 2)
            try await store.ingest(texts: ["a"], source: "y")
            #expect(try await run().done == 3)
            let rows = try await store.texts(
                """
                SELECT source, processing_level, json_extract(metrics, '$.contents'), coverage ->> 'language'
                FROM collection_metrics
                ORDER BY source
                """)
            #expect(rows == [["-", "none", "3", "0"], ["x", "none", "2", "0"], ["y", "none", "1", "0"]])
            _ = try await analytics.run(
                PhaseSelection(source: "x"), in: store, stop: StopRequest(), onProgress: { _ in })
            #expect(try await store.number("SELECT count(*) FROM source_metrics") == 3)
            // Who deletes a source has its figures go too.
            try await store.write { db in
                try db.execute(
                    sql: """
                        DELETE FROM contents WHERE source_id = (SELECT id FROM sources WHERE name = 'y');
                        DELETE FROM content_counts WHERE source_id = (SELECT id FROM sources WHERE name = 'y');
                        DELETE FROM sources WHERE name = 'y';
                        """)
            }
            #expect(try await store.number("SELECT count(*) FROM source_metrics") == 2)
        }
    }

    @Test(arguments: 1...4)
    func `whatever happens to a store, its metrics are what counting would give`(seed: Int) async throws {
        try await withStore { store in
            let records = [Records.finance, Records.general]
            var life = StoreLife(store, records, seed: UInt64(seed))
            try await life.begin()
            for _ in 0..<60 { _ = try await life.live() }
            let metrics = try await store.collectionMetrics(
                MetricsScope(enabledModels: records.map { ($0.modelID, $0.version) }),
                models: try await store.analysedModels(nil), at: Date())
            for row in metrics.sources {
                let of = row.source.map { "s.name = '\($0)'" } ?? "1"
                let join = "FROM contents AS c JOIN sources AS s ON s.id = c.source_id WHERE \(of)"
                #expect(row.contents == (try await store.number("SELECT count(*) \(join)")))
                #expect(row.withText == (try await store.number("SELECT count(*) \(join) AND c.text IS NOT NULL")))
                let judged = try await store.number(
                    """
                    SELECT count(*) \(join) AND c.text IS NOT NULL AND 2 = (
                        SELECT count(*)
                        FROM classifications AS k
                        WHERE k.content_id = c.id AND k.text_version = c.text_version AND k.error_code IS NULL)
                    """)
                #expect(row.phases.first { $0.phase == .sentiment }?.done == judged)
                #expect(row.weeks.reduce(0) { $0 + $1.contents } == row.contents)
            }
        }
    }
}
