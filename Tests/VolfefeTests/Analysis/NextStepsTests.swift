import Foundation
import Inference
import Testing

@testable import Volfefe

/// What the rules recommend, from figures alone.
@Suite struct NextStepsTests {
    private static func model(_ id: Int64, _ name: String, hasNeutral: Bool = true) -> AnalysedModel {
        AnalysedModel(
            id: id, modelID: name, modelVersion: "1",
            sentiments: hasNeutral ? Sentiment.allCases : [.positive, .negative])
    }

    private let models = [model(1, "a"), model(2, "b"), model(3, "c", hasNeutral: false)]

    private typealias Row = (said: [Sentiment?], count: Int)

    /// A report on these combinations of verdicts, with nothing else the matter.
    private func report(_ rows: [Row], models: [AnalysedModel]? = nil) -> InsightReport {
        let models = models ?? self.models
        let patterns = VerdictPatterns(
            models: models, patterns: rows.map { .init(sentiments: $0.said, isLinksOnly: false, count: $0.count) })
        let contents = rows.reduce(0) { $0 + $1.count }
        var all = ContentFigures()
        all.contents = contents
        all.duplicates = 0
        let figures = models.indices.map { place in
            var figures = ModelFigures(models[place], contents: contents, tallies: [])
            figures.verdicts = rows.filter { $0.said[place] != nil }.reduce(0) { $0 + $1.count }
            return figures
        }
        return InsightReport(
            generatedAt: Date(timeIntervalSince1970: 0), scope: .all, contents: all, models: figures,
            agreement: AgreementReport(patterns), disagreement: DisagreementFigures(patterns), contradicting: 0,
            examples: [], toLabel: [], sources: [],
            latency: models.map { LatencyFigures($0, steady: [1, 2, 3], first: []) }.withShares(), volume: nil)
    }

    private func steps(_ report: InsightReport) -> [NextStep] { NextSteps(report: report).steps }

    @Test func `nothing is recommended when all is well`() {
        // Every pair agrees well beyond chance, and none so well that one of the two could go.
        let rows: [Row] = [
            ([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100),
            ([.positive, .negative, .negative], 20), ([.positive, .positive, .negative], 20),
            ([.positive, .negative, .positive], 20),
        ]
        #expect(steps(report(rows)).isEmpty)
    }

    @Test func `texts that nobody has judged come first, and a single model needs a second`() {
        var none = report([], models: [])
        #expect(steps(none).isEmpty)
        none.contents.contents = 7
        #expect(steps(none) == [.classify(contents: 7)])
        #expect(steps(report([([.positive], 5)], models: [models[0]])) == [.addModels(only: "a@1")])
    }

    @Test func `what is missing, failed and stale is told apart`() {
        var report = report([([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100)])
        report.models[1].verdicts = 280
        report.models[1].failed = 5
        report.models[1].stale = 3
        let found = steps(report)
        #expect(
            Array(found.prefix(3)) == [
                .complete(model: "b@1", missing: 12, of: 300), .retry(failed: 5, models: ["b@1"]), .refresh(stale: 3),
            ])
    }

    @Test func `with few texts the range of agreement is said before anything else about it`() throws {
        let found = steps(report([([.positive, .positive, .positive], 30), ([.negative, .positive, .negative], 10)]))
        guard case .collectMore(let contents, let low, let high) = try #require(found.first) else {
            Issue.record("\(found)")
            return
        }
        let share = Estimate.share(30, of: 40)
        #expect(contents == 40)
        #expect(try abs(low - #require(share.low)) < 1e-12 && abs(high - #require(share.high)) < 1e-12)
    }

    @Test func `a model without neutral is named with its part in the disagreements`() {
        let found = steps(
            report([
                ([.positive, .positive, .positive], 200), ([.neutral, .neutral, .positive], 58),
                ([.positive, .negative, .negative], 42),
            ]))
        #expect(found.contains(.readSharedLabels(models: ["c@1"], inexpressible: 58, differing: 100)))
    }

    @Test func `contents to label are those that the report ranks first`() {
        var report = report([([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100)])
        report.toLabel = [39, 32]
        report.contradicting = 7
        #expect(steps(report).contains(.label(contents: [39, 32], contradicting: 7)))
        #expect(
            NextStep.label(contents: [39, 32], contradicting: 7).command == ["gold", "next", "--top", "2", "--csv"])
    }

    @Test func `of two models that say the same the slower is in question`() throws {
        var report = report([
            ([.positive, .positive, .negative], 150), ([.negative, .negative, .positive], 150),
            ([.neutral, .positive, .positive], 5),
        ])
        report.latency = zip(models, [1.0, 9, 2]).map { LatencyFigures($0, steady: [$1], first: []) }.withShares()
        let twins = steps(report).compactMap { step -> (String, String)? in
            guard case .compareTwins(let slow, let fast, _, _, let share) = step else { return nil }
            #expect(share == 0.75)
            return (slow, fast)
        }
        #expect(twins.count == 1 && twins[0] == ("b@1", "a@1"))
        // 75 % of the time: the one to make faster, too.
        #expect(steps(report).contains(.speedUp(model: "b@1", timeShare: 0.75, p50Ms: 9, p95Ms: 9)))
    }

    @Test func `a model that is alone twice as often as the next one stands out`() {
        let found = steps(
            report([
                ([.positive, .positive, .positive], 200), ([.positive, .positive, .negative], 20),
                ([.neutral, .positive, .positive], 4),
            ]))
        #expect(found.contains(.lookAtOutsider(model: "c@1", alone: 20, of: 224, next: 4)))
    }

    @Test func `confidences that are often exactly 1 are not to be trusted`() {
        var report = report([([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100)])
        report.models[0].perfect = 29
        #expect(!steps(report).contains { $0.name == "calibrate" })
        report.models[0].perfect = 30
        #expect(steps(report).contains(.calibrate(model: "a@1", perfect: 30, of: 300)))
    }

    @Test func `a source is named only when its interval lies below that of the others`() {
        var report = report([([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100)])
        func source(_ name: String, _ share: Estimate, _ elsewhere: Estimate) -> InsightReport.Source {
            .init(
                source: name, contents: .init(), judgedByAll: 100, allAgree: share, elsewhere: elsewhere, models: [])
        }
        let low = Estimate.share(40, of: 100)
        let high = Estimate.share(70, of: 100)
        report.sources = [source("x", low, high), source("y", high, low)]
        #expect(steps(report).contains(.lookAtSource(source: "x", agreement: 0.4, elsewhere: 0.7)))
        report.sources = [source("x", .share(4, of: 10), .share(7, of: 10))]
        #expect(!steps(report).contains { $0.name == "look_at_source" })
    }

    @Test func `from five in a hundred, faults of the data are worth a remark`() {
        var report = report([([.positive, .positive, .positive], 200), ([.negative, .negative, .negative], 100)])
        report.contents.linksOnly = 14
        report.contents.undated = 14
        report.contents.duplicates = 14
        report.models[0].truncated = 14
        let names = ["separate_links", "add_dates", "drop_duplicates", "read_whole"]
        #expect(!steps(report).contains { names.contains($0.name) })
        report.contents.linksOnly = 15
        report.contents.undated = 15
        report.contents.duplicates = 15
        report.models[0].truncated = 15
        #expect(Set(steps(report).map(\.name)).isSuperset(of: names))
    }

    @Test func `a step in JSON has its figures and its command`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let step = NextStep.separateLinks(links: 8, of: 44)
        #expect(
            String(decoding: try encoder.encode(step), as: UTF8.self)
                == #"{"command":["sql","SELECT content_id FROM text_facts WHERE url_only"],"links":8,"of":44,"step":"separate_links"}"#
        )
    }
}
