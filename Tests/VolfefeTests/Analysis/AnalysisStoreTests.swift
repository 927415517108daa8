import Foundation
import GRDB
import Inference
import Synchronization
import Testing

@testable import Volfefe

/// What the questions answer about a real database.
@Suite struct AnalysisStoreTests {
    /// Stores one content per line; each model's verdict is a sign (`+ 0 -`), `!` for a failure, or a space for none.
    private func fill(
        _ store: Store, _ models: [ModelVersionRecord], _ lines: [String], confidence: Double = 0.75,
        links: Set<Int> = []
    ) async throws {
        try await store.judge(models, lines, links: links) { _, _ in confidence }
    }

    private static let a = Records.record("a", [("n", .negative), ("0", .neutral), ("p", .positive)])
    private static let b = Records.record("b", [("n", .negative), ("0", .neutral), ("p", .positive)])
    private static let binary = Records.record("binary", [("N", .negative), ("P", .positive)])

    private func agreement(_ store: Store) async throws -> AgreementReport {
        AgreementReport(try await store.verdictPatterns(try await store.analysedModels(nil)))
    }

    /// What distilbert (without neutral), finbert and twitter_roberta said of 44 real posts; some are nothing but links.
    private static let posts = """
        +00 -00 -00 -00 -0- -00 +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +++ +0+ +++ -00 -00 -0- -00 -00
        ++0 +00 -0- +++ +++ -0- +++ +++ -00 +0- +++ +++ +00 +++ +++
        """.split(whereSeparator: \.isWhitespace).map(String.init)

    /// Cohen's κ as `sklearn.metrics.cohen_kappa_score` gives it for these posts.
    @Test func `44 real posts: the models differ about neutral alone`() async throws {
        try await withStore { store in
            let models = [
                Records.record("distilbert", [("N", .negative), ("P", .positive)]),
                Records.record("finbert", [("n", .negative), ("0", .neutral), ("p", .positive)]),
                Records.record("twitter_roberta", [("n", .negative), ("0", .neutral), ("p", .positive)]),
            ]
            try await fill(store, models, Self.posts, links: [1, 2, 3, 5, 24, 25, 27, 28])
            let sections = try await agreement(store).sections
            #expect(sections.map(\.contents) == [25, 36, 0, 8] && sections.map(\.inexpressible) == [11, 0, 8, 0])
            #expect(sections.map(\.allAgree.value) == [1, 25.0 / 36, nil, 0])
            let kappas = sections[1].pairs.map(\.kappa.value)
            #expect(isClose(kappas[0], 0.26530612244897955) && isClose(kappas[1], 0.5354838709677419))
            #expect(isClose(kappas[2], 0.5578947368421052))
            #expect(sections[0].pairs[0].kappa.value == nil)
            #expect(isClose(sections[0].pairs[1].kappa.value, 0.8702928870292888))
            let compared = try await store.compare(
                try await store.analysedModels(nil)[1], try await store.analysedModels(nil)[2], top: 50)
            #expect(compared.confusion.counts == [[25, 1, 0], [1, 12, 5], [0, 0, 0]] && compared.flips.count == 7)
            #expect(isClose(compared.kappa.value, 0.6998050682261209))
        }
    }

    @Test func `an empty database has no models, no agreement and no statistics`() async throws {
        try await withStore { store in
            #expect(try await store.analysedModels(nil).isEmpty)
            let report = try await agreement(store)
            #expect(report.sections.allSatisfy { $0.contents == 0 && $0.allAgree.value == nil })
            #expect(try await store.statistics(of: [], by: .day).isEmpty)
            #expect(try await store.disagreements(among: [], top: 5).total == 0)
        }
    }

    @Test func `one model has nobody to agree with, and says so`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a], ["+", "0"])
            let section = try await agreement(store).sections[0]
            #expect(section.pairs.isEmpty && section.allAgree.reason == "one model has none to agree with")
        }
    }

    @Test func `a model that cannot say neutral agrees fully on the shared labels, and the others are counted`()
        async throws
    {
        try await withStore { store in
            // They differ only where the first says neutral.
            try await fill(
                store, [Self.a, Self.binary], ["++", "--", "++", "0+", "0-", "--", "0-", "++"])
            let report = try await agreement(store)
            let shared = report.sections[0]
            let all = report.sections[1]
            #expect(shared.labels == .shared && shared.contents == 5 && shared.inexpressible == 3)
            #expect(shared.allAgree.value == 1 && isClose(shared.pairs[0].kappa.value, 1))
            #expect(shared.pairs[0].inexpressible == 3)
            #expect(all.contents == 8 && all.inexpressible == 0 && all.allAgree.value == 5.0 / 8)
            // And is no contradiction either.
            let models = try await store.analysedModels(nil)
            #expect(try await store.disagreements(among: models, top: 5).total == 0)
            let comparison = try await store.compare(models[0], models[1], top: 10)
            #expect(comparison.inexpressible == 3 && comparison.sharedAgreement.value == 1)
            #expect(comparison.flips.map(\.contentID) == [4, 5, 7])
        }
    }

    @Test func `failures, missing verdicts and edited texts do not count`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a, Self.b], ["++", "+!", "+ ", "+-", "--"])
            // The fourth text is edited: its verdicts say nothing about it any more.
            try await store.ingest([.init(externalID: "4", text: "another text")], source: "test")
            let report = try await agreement(store)
            #expect(report.sections[1].contents == 2 && report.sections[1].allAgree.value == 1)
            let models = try await store.analysedModels(nil)
            let comparison = try await store.compare(models[0], models[1], top: 10)
            #expect(comparison.flips.isEmpty && comparison.onlyFirst == 2 && comparison.onlySecond == 0)
            #expect(comparison.confusion.counts == [[1, 0, 0], [0, 0, 0], [0, 0, 1]])
            #expect(try await store.verdicts(of: models, matching: .init(limit: 99)).count == 6)
            let statistics = try await store.statistics(of: models, by: .model)
            #expect(statistics.map(\.verdicts) == [4, 2] && statistics.map(\.failed) == [0, 1])
            #expect(statistics.map(\.stale) == [1, 1] && statistics.map(\.contents) == [5, 5])
            #expect(
                statistics[0].coverage == 0.8 && statistics[0].positive == 3 && statistics[0].meanConfidence == 0.75)
            let latencies = try await store.latencies(of: models)
            #expect(latencies.map(\.steady?.count) == [4, 2] && latencies[1].steady?.maxMs == 5)
        }
    }

    @Test func `texts that are nothing but links are apart`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a, Self.b], ["++", "+-", "--", "0-"], links: [1, 3])
            let report = try await agreement(store)
            #expect(report.sections.map(\.texts) == [.words, .words, .links, .links])
            #expect(report.sections.map(\.allAgree.value) == [1, 1, 0, 0])
        }
    }

    @Test func `all the same label: the share is 1 and κ is not defined`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a, Self.b], ["++", "++"])
            let section = try await agreement(store).sections[0]
            #expect(section.allAgree.value == 1)
            #expect(section.fleissKappa.value == nil && section.pairs[0].kappa.reason != nil)
        }
    }

    @Test func `opposites rank before neutral, confident before hesitant, and a pattern finds its contents`()
        async throws
    {
        try await withStore { store in
            try await fill(store, [Self.a, Self.b], ["0+", "+-", "++", "0-"])
            let models = try await store.analysedModels(nil)
            let found = try await store.disagreements(among: models, top: 2)
            #expect(found.total == 3 && found.contents.map(\.contentID) == [2, 1])
            #expect(found.contents.map(\.contradiction) == [0.75, 0.375])
            #expect(found.contents[0].verdicts.map(\.sentiment) == [.positive, .negative])
            #expect(found.contents[0].text == "text 1")
            let pattern = try await store.disagreements(
                among: models,
                where: [.init(model: models[0], sentiment: .neutral), .init(model: models[1], sentiment: .negative)],
                top: 9)
            #expect(pattern.contents.map(\.contentID) == [4] && pattern.total == 1)
        }
    }

    @Test func `two versions are told apart, and the newest is the one meant`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a], ["+", "-"])
            let second = Records.record(
                "a", [("n", .negative), ("0", .neutral), ("p", .positive)], version: "2.0", revision: "sha256:bb")
            try await fill(store, [second], ["+", "+"])
            #expect(try await store.analysedModels(nil).map(\.name) == ["a@2.0"])
            let references = ["a@1.0", "a"].compactMap(ModelReference.init)
            let models = try await store.analysedModels(references)
            #expect(models.map(\.name) == ["a@1.0", "a@2.0"])
            let comparison = try await store.compare(models[0], models[1], top: 9)
            #expect(comparison.flips.map(\.contentID) == [2] && comparison.flips[0].first == .negative)
            await #expect(throws: VolfefeError.self) {
                try await store.analysedModels([try #require(ModelReference("nobody"))])
            }
        }
    }

    @Test func `statistics follow the dates and sources of the contents, weeks begin on Monday`() async throws {
        try await withStore { store in
            try await store.register([Self.a])
            let run = try await store.anyRun()
            let days = ["2025-10-26T23:00:00Z", "2025-10-27T01:00:00Z", "2025-11-02T22:00:00Z", nil]
            let drafts = try days.enumerated().map { index, day in
                ContentDraft(
                    externalID: "\(index)", text: "text \(index)",
                    publishedAt: try day.map { try Date($0, strategy: .iso8601) })
            }
            for id in try await store.ingest(drafts, source: "posts").contentIDs {
                try await store.save(.prediction(.of(Self.a, [0.25, 0.25, 0.5])), of: "a", on: id, run: run)
            }
            let expected: [(ModelStatistics.Grouping, [String])] = [
                (.day, ["- 1/1", "2025-10-26 1/1", "2025-10-27 1/1", "2025-11-02 1/1"]),
                (.week, ["- 1/1", "2025-10-20 1/1", "2025-10-27 2/2"]), (.source, ["posts 4/4"]), (.model, ["- 4/4"]),
            ]
            let models = try await store.analysedModels(nil)
            for (grouping, groups) in expected {
                let found = try await store.statistics(of: models, by: grouping)
                #expect(found.map { "\($0.group ?? "-") \($0.verdicts)/\($0.contents)" } == groups)
            }
        }
    }

    @Test func `percentiles are those of NumPy`() throws {
        // numpy.percentile([3.5, 1.25, 8, 2, 2, 13.75, 5, 0.5, 21, 34.125, 1], [50, 95, 99])
        let times = try #require(
            LatencyReport.Times(ascending: [3.5, 1.25, 8, 2, 2, 13.75, 5, 0.5, 21, 34.125, 1].sorted()))
        #expect(isClose(times.p50Ms, 3.5) && isClose(times.p95Ms, 27.5625) && isClose(times.p99Ms, 32.8125))
        #expect(isClose(times.meanMs, 8.375) && times.maxMs == 34.125)
        #expect(LatencyReport.Times(ascending: []) == nil)
    }

    @Test func `a list is what was asked for`() async throws {
        try await withStore { store in
            try await fill(store, [Self.a, Self.b], ["+-", "0+", "-+"])
            let models = try await store.analysedModels(nil)
            var filter = VerdictFilter(limit: 2)
            filter.sentiment = .positive
            let listed = try await store.verdicts(of: models, matching: filter)
            #expect(listed.map { "\($0.contentID)\($0.modelID)" } == ["1a", "2b"])
            filter.minimumConfidence = 0.9
            #expect(try await store.verdicts(of: models, matching: filter).isEmpty)
            filter.source = "nowhere"
            await #expect(throws: VolfefeError.self) { try await store.verdicts(of: models, matching: filter) }
        }
    }

    @Test(arguments: [
        "DELETE FROM contents", "WITH x AS (SELECT 1) DELETE FROM contents", "PRAGMA query_only = 0",
        "ATTACH 'x.db' AS x",
        "SELECT 1; DELETE FROM contents", "-- SELECT\n DROP TABLE contents", "VACUUM", "", "/* never closed",
    ])
    func `a query that does anything but read is refused`(sql: String) async throws {
        try await withStore { store in
            try await store.ingest(texts: ["stays"])
            let reading = try Store(path: store.path, mode: .readOnly)
            let error = await #expect(throws: VolfefeError.self) {
                try await reading.query(sql, columns: { _ in }, row: { _ in true })
            }
            #expect(error?.exitCode == 64)
            #expect(try await reading.content(1)?.text == "stays")
            try reading.close()
        }
    }

    @Test(arguments: [
        "select 1", "  -- why\n/* how */ SELECT 1;", "VALUES (1)", "WITH x AS (SELECT 1) SELECT * FROM x",
        "EXPLAIN QUERY PLAN SELECT * FROM contents",
    ])
    func `a query that reads is answered`(sql: String) async throws {
        try await withStore { store in
            let rows = Mutex(0)
            try await store.query(
                sql, columns: { _ in },
                row: { _ in
                    rows.withLock { $0 += 1 }
                    return true
                })
            #expect(rows.withLock { $0 } > 0)
        }
    }
}
