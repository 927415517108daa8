import Foundation
import Inference
import Testing

@testable import Volfefe

/// The report as counted from a real database.
@Suite struct InsightReportTests {
    private static let now = Date(timeIntervalSince1970: 1_760_000_000)

    /// Two sources, three models, and one of everything that goes wrong.
    private func withVerdicts(_ body: (Store) async throws -> Void) async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general, Records.stars])
            let run = try await store.anyRun()
            let day = { (number: Double) in Date(timeIntervalSince1970: 1_760_000_000 + number * 86_400) }
            let posts = try await store.ingest(
                [
                    .init(externalID: "1", text: "good", publishedAt: day(0)),
                    .init(externalID: "2", text: "bad", publishedAt: day(0)),
                    .init(externalID: "3", text: "good", publishedAt: day(2)), .init(externalID: "4", text: nil),
                ], source: "posts"
            ).contentIDs
            let news = try await store.ingest(
                [.init(externalID: "1", text: "flat", publishedAt: day(3))], source: "news"
            )
            .contentIDs
            let said: [(Int64, [Double], [Double], [Double])] = [
                (posts[0], [0.02, 0.96, 0.02], [0.1, 0.9], [0, 0, 0.1, 0.2, 0.7]),
                (posts[1], [0.96, 0.02, 0.02], [0.9, 0.1], [0, 0, 0.1, 0.2, 0.7]),
                (news[0], [0.02, 0.02, 0.96], [0.8, 0.2], [0, 0, 0.9, 0.05, 0.05]),
            ]
            for (id, finance, general, stars) in said {
                try await store.save(.prediction(.of(Records.finance, finance)), of: "finance", on: id, run: run)
                try await store.save(
                    .prediction(.of(Records.general, general, latency: 100, flags: ["perfect_score"])), of: "general",
                    on: id, run: run)
                try await store.save(.prediction(.of(Records.stars, stars)), of: "stars", on: id, run: run)
            }
            try await store.save(
                .failure(.init(code: "timeout", message: "too slow")), of: "finance", on: posts[2], run: run)
            try await body(store)
        }
    }

    private func report(_ store: Store, in scope: ContentScope = .all, examples: Int = 5) async throws -> InsightReport
    {
        try await store.insightReport(
            on: store.analysedModels(nil), in: scope, examples: examples, at: Self.now)
    }

    @Test func `contents are counted with what is the matter with them`() async throws {
        try await withVerdicts { store in
            let contents = try await report(store).contents
            #expect(contents.contents == 5 && contents.withText == 4 && contents.withoutText == 1)
            #expect(contents.duplicates == 1 && contents.undated == 1 && contents.linksOnly == 0)
        }
    }

    @Test func `models are counted as stats and agreement count them`() async throws {
        try await withVerdicts { store in
            let report = try await report(store)
            let models = try await store.analysedModels(nil)
            let stats = try await store.statistics(of: models, by: .model)
            for (figures, row) in zip(report.models, stats) {
                #expect(figures.model.modelID == row.modelID && figures.verdicts == row.verdicts)
                #expect(figures.count(.positive) == row.positive && figures.count(.neutral) == row.neutral)
                #expect(figures.failed == row.failed && figures.perfect == row.perfect)
                #expect(abs((figures.meanConfidence ?? 0) - (row.meanConfidence ?? 0)) < 1e-12)
                #expect(figures.confidenceBins.reduce(0, +) == row.verdicts)
            }
            #expect(report.agreement == AgreementReport(try await store.verdictPatterns(models)))
            let latencies = try await store.latencies(of: models)
            #expect(report.latency.map(\.steady) == latencies.map(\.steady))
        }
    }

    @Test func `disagreements are told apart by what they are about`() async throws {
        try await withVerdicts { store in
            let figures = try await report(store).disagreement
            #expect(figures.judged == 3 && figures.judgedByAll == 3 && figures.differing == 2)
            // "bad": stars says positive; "flat": general, which has no neutral, says negative.
            #expect(figures.opposite == 1 && figures.inexpressible == 1 && figures.neutral == 0)
            #expect(figures.alone == [0, 1, 1] && figures.combinations.count == 2)
        }
    }

    @Test func `what people have labelled is not proposed for labelling again`() async throws {
        try await withVerdicts { store in
            let proposed = try await report(store).toLabel
            let first = try #require(proposed.first)
            try await store.write { db in
                try db.execute(sql: "INSERT INTO gold_labels VALUES (?, '', 1, 1, 1)", arguments: [first])
            }
            #expect(try await report(store).toLabel == Array(proposed.dropFirst()))
        }
    }

    @Test func `a source is set beside all others, and can be looked at alone`() async throws {
        try await withVerdicts { store in
            let sources = try await report(store).sources
            #expect(sources.map(\.source) == ["news", "posts"])
            #expect(sources[1].judgedByAll == 2 && sources[1].allAgree.value == 0.5)
            #expect(sources[1].elsewhere.value == 0)
            let alone = try await report(store, in: .init(source: "news"))
            #expect(alone.sources.map(\.source) == ["news"] && alone.contents.contents == 1)
            #expect(alone.models.allSatisfy { $0.verdicts == 1 } && alone.volume?.rows.count == 1)
            await #expect(throws: VolfefeError.self) { try await report(store, in: .init(source: "nowhere")) }
        }
    }

    @Test func `volume has every day from the first to the last, also those without anything`() async throws {
        try await withVerdicts { store in
            let volume = try #require(try await report(store).volume)
            #expect(volume.unit == .day && volume.starts.count == 4)
            #expect(volume.rows.map(\.source) == ["posts", "news"])
            #expect(volume.rows.map(\.counts) == [[2, 0, 1, 0], [0, 0, 0, 1]])
        }
    }

    @Test func `only texts of the time asked for count`() async throws {
        try await withVerdicts { store in
            let scope = ContentScope(
                since: Date(timeIntervalSince1970: 1_760_000_000 + 86_400), until: nil)
            let report = try await report(store, in: scope)
            #expect(report.contents.contents == 2 && report.contents.undated == 0)
            #expect(report.models.first?.verdicts == 1 && report.disagreement.judged == 1)
        }
    }

    @Test func `a report on nothing is a report`() async throws {
        try await withStore { store in
            let report = try await store.insightReport(on: [], in: .all, examples: 5, at: Self.now)
            #expect(report.contents.contents == 0 && report.volume == nil && report.nextSteps.isEmpty)
            #expect(try !JSONEncoder().encode(report).isEmpty)
        }
    }

    @Test func `latencies are counted in bins of equal ratio, and shares sum to one`() {
        let bins = LatencyFigures.bins([0, 1, 1.1, 9.9, 10])
        #expect(bins.map(\.count).reduce(0, +) == 5)
        #expect(bins.first?.count == 1 && bins.last?.count == 1)
        #expect(zip(bins, bins.dropFirst()).allSatisfy { $0.toMs == $1.fromMs })
        #expect(bins.allSatisfy { abs($0.toMs / $0.fromMs - 1.333521432163324) < 1e-9 })
        #expect(LatencyFigures.bins([]).isEmpty)
    }

    @Test func `time is divided into as many parts as a chart can show`() {
        let first = Date(timeIntervalSince1970: 0)
        let spans: [(Double, PublicationVolume.Unit)] = [
            (0, .day), (118, .day), (119, .week), (830, .week), (900, .month), (5000, .year),
        ]
        for (days, unit) in spans {
            #expect(PublicationVolume.Unit(from: first, to: first + days * 86_400) == unit)
        }
        let months = PublicationVolume(unit: .month, counts: ["a": ["2025-11-01": 1, "2026-02-01": 2]])
        #expect(months.starts == ["2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01"])
        #expect(months.rows[0].counts == [1, 0, 0, 2])
    }
}
