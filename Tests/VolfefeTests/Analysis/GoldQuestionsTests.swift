import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// What is asked of a real database with gold labels.
@Suite struct GoldQuestionsTests {
    private static let model = Records.record("m", [("n", .negative), ("0", .neutral), ("p", .positive)])
    private static let binary = Records.record("binary", [("N", .negative), ("P", .positive)])

    /// Verdicts of both models on texts with gold labels; the second cannot say neutral.
    private func fill(_ store: Store) async throws -> [AnalysedModel] {
        try await store.register([Self.model, Self.binary])
        let run = try await store.anyRun()
        let ids = try await store.ingest(texts: (0..<6).map { "text \($0)" })
        let scores: [[Double]] = [
            [0.1, 0.1, 0.8], [0.2, 0.5, 0.3], [0.7, 0.2, 0.1], [0.1, 0.6, 0.3], [0.05, 0.05, 0.9], [0.3, 0.3, 0.4],
        ]
        for (index, id) in ids.enumerated() {
            var models: [String: ModelOutcome] = ["m": .prediction(.of(Self.model, scores[index]))]
            if index < 5 {
                models["binary"] = .prediction(.of(Self.binary, index == 2 || index == 3 ? [0.9, 0.1] : [0.25, 0.75]))
            }
            try await store.save(
                [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
        }
        let labels = "id,label\n1,positive\n2,neutral\n3,negative\n4,positive\n5,positive\n6,positive\n"
        #expect(try await store.load(labels, as: "gold.csv").new == 6)
        return try await store.analysedModels([#require(ModelReference("m")), #require(ModelReference("binary"))])
    }

    @Test func `models are measured on all labels, and apart on those that they can say`() async throws {
        try await withStore { store in
            let evaluation = try await store.evaluation(of: try await fill(store))
            #expect(evaluation.rows.map(\.model) == ["m@1.0", "binary@1.0", "majority"])
            #expect(evaluation.rows.map(\.missing) == [0, 1, 3])
            #expect(evaluation.rows[0].sections.map(\.accuracy.value) == [5.0 / 6])
            #expect(evaluation.rows[1].sections.map(\.labels) == [.all, .expressible])
            #expect(evaluation.rows[1].sections.map(\.accuracy.value) == [0.6, 0.75])
            #expect(evaluation.rows[1].sections.map(\.contents) == [5, 4])
            #expect(
                evaluation.rows[1].sections[0].logLoss.value == nil
                    && evaluation.rows[1].sections[1].logLoss.value != nil)
            #expect(evaluation.rows[2].sections[0].brier.reason == "a majority of verdicts has no probabilities")
            let bySource = try await store.evaluation(of: evaluation.models, by: .source)
            #expect(bySource.rows.map(\.group) == ["test", "test", "test"])
            #expect(bySource.rows.map(\.sections) == evaluation.rows.map(\.sections))
            #expect(try await store.evaluation(of: evaluation.models, by: .month).rows.allSatisfy { $0.group == nil })
        }
    }

    @Test func `a calibration is stored beside the verdicts, twice the same is one, and evaluation uses it`()
        async throws
    {
        try await withStore { store in
            try await store.register([Self.model])
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: (0..<60).map { "text \($0)" })
            var labels = "id,label\n"
            for (index, id) in ids.enumerated() {
                try await store.save(.prediction(.of(Self.model, [0.01, 0.01, 0.98])), of: "m", on: id, run: run)
                labels += "\(id),\(index % 10 < 6 ? "positive" : "negative")\n"
            }
            _ = try await store.load(labels, as: "gold.csv")
            let models = try await store.analysedModels(nil)
            let before = try await store.classifications(ids[0])
            #expect(try await store.latestCalibration() == nil)
            let report = try await store.calibrate(models, folds: 5)
            let name = try #require(report.name)
            #expect(report.isNew && name.hasPrefix("temperature-") && report.models[0].contents == 60)
            #expect(try await store.calibrate(models, folds: 5).isNew == false)
            #expect(try await store.classifications(ids[0]) == before)
            let calibration = try await store.calibration("latest")
            #expect(calibration.name == name)
            #expect(try await store.calibration(name) == calibration)
            let raw = try await store.evaluation(of: models).rows[0].sections[0]
            let calibrated = try await store.evaluation(of: models, calibration: calibration)
            let section = calibrated.rows[0].sections[0]
            #expect(try #require(section.ece.value) < (try #require(raw.ece.value)))
            #expect(section.accuracy == raw.accuracy && section.ece == report.models[0].after?.ece)
            #expect(calibrated.rows[0].temperature == report.models[0].temperature)
            let error = await #expect(throws: VolfefeError.self) { try await store.calibration("nobody") }
            #expect(error?.exitCode == 66)
            _ = try await store.calibrate(models, folds: 3, name: "mine")
            let again = await #expect(throws: VolfefeError.self) {
                try await store.calibrate(models, folds: 4, name: "mine")
            }
            #expect(again?.exitCode == 65)
        }
    }

    @Test func `what to label next is what sure models contradict each other about, without what has a label`()
        async throws
    {
        try await withStore { store in
            let a = Records.record("a", [("n", .negative), ("0", .neutral), ("p", .positive)])
            let b = Records.record("b", [("n", .negative), ("0", .neutral), ("p", .positive)])
            try await store.register([a, b])
            let run = try await store.anyRun()
            let scores: [([Double], [Double])] = [
                ([0.9, 0.05, 0.05], [0.9, 0.05, 0.05]), ([0.95, 0.03, 0.02], [0.02, 0.03, 0.95]),
                ([0.3, 0.4, 0.3], [0.35, 0.3, 0.35]), ([0.95, 0.03, 0.02], [0.02, 0.03, 0.95]),
                ([0.8, 0.1, 0.1], [0.1, 0.1, 0.8]), ([0.99, 0.005, 0.005], [0.005, 0.005, 0.99]),
            ]
            let texts = ["one", "two", "three", "two", "five", "six"]
            for (id, (first, second)) in zip(try await store.ingest(texts: texts), scores) {
                let models: [String: ModelOutcome] = [
                    "a": .prediction(.of(a, first)), "b": .prediction(.of(b, second)),
                ]
                try await store.save(
                    [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
            }
            _ = try await store.load("id,label\n6,positive\n", as: "gold.csv")
            let models = try await store.analysedModels(nil)
            let next = try await store.labelSuggestions(by: .disagreement, models: models, top: 3)
            // Content 4 has the text of content 2, content 6 a label.
            #expect(next.contents.map(\.contentID) == [2, 5, 3] && next.unlabelled == 5)
            #expect(next.contents[0].text == "two" && next.contents[0].verdicts.map(\.model) == ["a@1.0", "b@1.0"])
            let entropy = try await store.labelSuggestions(by: .entropy, models: models, top: 1)
            #expect(entropy.contents.map(\.contentID) == [3])
            let random = try await store.labelSuggestions(by: .random, models: models, top: 9).contents
            #expect(random.count == 4)
            #expect(try await store.labelSuggestions(by: .random, models: models, top: 9).contents == random)
            await #expect(throws: VolfefeError.self) {
                try await store.labelSuggestions(by: .random, models: models, source: "nowhere", top: 1)
            }
        }
    }

    @Test func `a model that cannot say neutral does not contradict one that says it`() {
        let neutral = Committee.Member(
            said: .neutral, probabilities: Probabilities(SIMD3(0.05, 0.9, 0.05)), sentiments: Sentiment.allCases)
        let limited = Committee.Member(
            said: .positive, probabilities: Probabilities(SIMD3(0.5, 0, 0.5)), sentiments: [.positive, .negative])
        let both = Committee([neutral, limited])
        #expect(both.disagreement < 1e-12 && both.voteEntropy < 1e-12)
        let alone = Committee([limited, limited])
        #expect(isClose(alone.entropy, 1) && alone.disagreement == 0)
        let opposite = Committee.Member(
            said: .negative, probabilities: Probabilities(SIMD3(0, 0, 1)), sentiments: [.positive, .negative])
        let positive = Committee.Member(
            said: .positive, probabilities: Probabilities(SIMD3(1, 0, 0)), sentiments: Sentiment.allCases)
        #expect(isClose(Committee([positive, opposite]).disagreement, 1))
    }

    @Test func `drift compares the periods in which texts were published, and counts those without a date`()
        async throws
    {
        try await withStore { store in
            try await store.register([Self.model])
            let run = try await store.anyRun()
            var drafts: [ContentDraft] = []
            for index in 0..<60 {
                let day = index < 30 ? "2025-01-\(index % 28 + 1 < 10 ? "0" : "")\(index % 28 + 1)" : "2025-03-31"
                drafts.append(
                    ContentDraft(
                        externalID: "\(index)", text: "text \(index)",
                        publishedAt: try Date(day + "T23:59:59Z", strategy: .iso8601)))
            }
            drafts.append(ContentDraft(externalID: "none", text: "no date"))
            for (index, id) in try await store.ingest(drafts, source: "s").contentIDs.enumerated() {
                let sure = 0.5 + Double(index % 30) / 100
                let scores = index % 30 < 15 && index < 30 ? [sure, 0.1, 0.9 - sure] : [0.1, 0.9 - sure, sure]
                try await store.save(.prediction(.of(Self.model, scores)), of: "m", on: id, run: run)
            }
            let models = try await store.analysedModels(nil)
            let drift = try await store.drift(
                of: models, from: try Period("2025-01"), to: try Period("2025-02..2025-03"))
            #expect((drift.reference.contents, drift.current.contents, drift.withoutDate) == (30, 30, 1))
            let model = drift.models[0]
            #expect((model.reference.negative, model.current.negative, model.current.positive) == (15, 0, 30))
            // scipy.stats.chi2_contingency([[15, 15], [30, 0]])
            #expect(isClose(model.labels.test.pValue, 2.9930622223033853e-05))
            #expect(model.labels.psi.band == .major && model.confidence.test.pValue == 1)
            #expect(isClose(model.labels.test.holm, 2 * 2.9930622223033853e-05))
            await #expect(throws: VolfefeError.self) {
                try await store.drift(of: models, from: try Period("2025"), to: try Period("2025-03"))
            }
        }
    }
}
