import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// Gold labels from files into a real database, and what is asked of them.
@Suite struct GoldTests {
    private static let model = Records.record("m", [("n", .negative), ("0", .neutral), ("p", .positive)])
    private static let binary = Records.record("binary", [("N", .negative), ("P", .positive)])

    /// Imports a file of this name and content.
    private func load(
        _ text: String, as name: String = "labels.jsonl", into store: Store, source: String? = nil,
        labels: LabelNames = LabelNames(), annotator: String? = nil
    ) async throws -> GoldImportReport {
        let file = URL(filePath: store.path).deletingLastPathComponent().appending(path: name).path
        try write(text, to: file)
        return try await GoldImport(labels: labels, source: source, annotator: annotator).run(file, into: store)
    }

    private func gold(_ store: Store) async throws -> [String?] {
        try await store.labelledTexts(matching: GoldFilter(limit: 100)).map { $0.gold?.rawValue }
    }

    @Test func `a content is found by its id, by its id in a source, and by its text`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"], source: "posts")
            let report = try await load(
                """
                {"content_id": 1, "label": "positive"}
                {"external_id": "2", "source": "posts", "label": "Neg"}
                {"text": "three", "label": ["NEUTRAL"]}
                """, into: store)
            #expect((report.read, report.new, report.problems) == (3, 3, 0))
            #expect(try await gold(store) == ["positive", "negative", "neutral"])
            let csv = try await load("id,label\n1,pos\n2,neg\n3,neu\n", as: "l.csv", into: store, source: "posts")
            #expect((csv.unchanged, csv.new, csv.changed, csv.problems) == (3, 0, 0, 0))
        }
    }

    @Test func `a file read twice changes nothing, and a label that differs is replaced and kept`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two"])
            let first = "id,label,annotator\n1,positive,kim\n2,neutral,kim\n"
            #expect(try await load(first, as: "a.csv", into: store).new == 2)
            let again = try await load(first, as: "a.csv", into: store)
            #expect((again.new, again.changed, again.unchanged) == (0, 0, 2))
            #expect(try await load("id,label,annotator\n1,negative,kim\n", as: "b.csv", into: store).changed == 1)
            #expect(try await gold(store) == ["negative", "neutral"])
            let history = try await store.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT content_id, annotator, sentiment, replaced_at >= inserted_at FROM gold_history"
                )
                .map { $0.databaseValues.map(\.description).joined(separator: " ") }
            }
            #expect(history == [#"1 "kim" 1 1"#])
            #expect(try await store.goldTotals().replaced == 1)
        }
    }

    @Test func `bad lines are named and cost only themselves`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", nil])
            let report = try await load(
                """
                id,label,text
                1,positive,
                2,glad,
                9,neutral,
                3,neutral,
                2,neutral,another text
                x,neutral,
                1,negative,
                2,,
                """, as: "l.csv", into: store)
            #expect((report.new, report.problems, report.unlabelled) == (1, 6, 1))
            let expected = [
                "l.csv:3: the label \"glad\"", "l.csv:7: the id is one in a source", "l.csv:4: there is no content 9",
                "l.csv:5: content 3 has no text", "l.csv:6: no stored content has this text",
                "l.csv:8: this content has another label on line 2",
            ]
            for sentence in expected {
                #expect(report.firstProblems.contains { $0.contains(sentence) }, "\(sentence): \(report.firstProblems)")
            }
            #expect(report.firstProblems.allSatisfy { !$0.contains("another text than") && !$0.contains("one,") })
        }
    }

    @Test func `an id with a text must fit it, and a text alone labels all that are equal`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["same", "same", "other"])
            let report = try await load(#"{"text": "same", "label": "positive"}"#, into: store)
            #expect((report.read, report.new) == (1, 2))
            let one = try await load(
                #"{"id": 2, "text": "same", "label": "negative"}"# + "\n"
                    + #"{"content_id": 3, "text": "same", "label": "neutral"}"#,
                into: store, annotator: "kim")
            #expect(one.new == 3 && one.problems == 0)
            let wrong = try await load(
                #"{"id": "3", "source": "test", "text": "same", "label": "positive"}"#, into: store)
            #expect(wrong.firstProblems.first?.contains("content 3 has another text") == true)
        }
    }

    @Test func `numbers are never guessed, and names may be given`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"])
            let file = "id,label\n1,0\n2,2\n3,mixed\n"
            #expect(try await load(file, as: "l.csv", into: store).problems == 3)
            let names = try LabelNames("0=negative,1=neutral,2=positive,mixed=skip")
            let report = try await load(file, as: "l.csv", into: store, labels: names)
            #expect((report.new, report.unlabelled, report.problems) == (2, 1, 0))
            #expect(try await gold(store) == ["negative", "positive"])
            for wrong in ["", "0", "0=glad", "=positive"] {
                #expect(throws: VolfefeError.self) { try LabelNames(wrong) }
            }
        }
    }

    @Test func `what a model said is no label`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one"])
            let report = try await load("id,model,sentiment\n1,vader,positive\n", as: "l.csv", into: store)
            #expect(report.problems == 1 && report.firstProblems[0].contains("what a model said"))
            #expect(try await load("id,sentiment\n1,positive\n", as: "l.csv", into: store).new == 1)
        }
    }

    @Test func `a table without a label column says which columns it has`() async throws {
        try await withStore { store in
            let error = await #expect(throws: VolfefeError.self) {
                _ = try await load("id,note\n1,x\n", as: "l.csv", into: store)
            }
            #expect(error?.exitCode == 65 && "\(error.map(String.init(describing:)) ?? "")".contains("id, note"))
        }
    }

    @Test func `an edited text makes its labels stale until the new text is labelled`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one"])
            let file = "id,label\n1,positive\n"
            #expect(try await load(file, as: "l.csv", into: store).new == 1)
            try await store.ingest(texts: ["edited"])
            #expect(try await gold(store) == [nil])
            let totals = try await store.goldTotals()
            #expect((totals.contents, totals.stale) == (0, 1))
            // The old file says nothing about the new text.
            let again = try await load(file, as: "l.csv", into: store)
            #expect((again.stale, again.changed) == (1, 0))
            let new = try await load("id,label,text\n1,positive,edited\n", as: "n.csv", into: store)
            #expect(new.changed == 1)
            #expect(try await gold(store) == ["positive"])
        }
    }

    @Test func `most annotators decide, ties are shown and left out, and annotators' agreement is told`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"])
            let report = try await load(
                """
                id,label,annotator
                1,positive,kim
                1,positive,lee
                1,negative,ana
                2,positive,kim
                2,negative,lee
                3,neutral,kim
                3,neutral,lee
                """, as: "l.csv", into: store)
            #expect(report.new == 7)
            #expect(try await gold(store) == ["positive", nil, "neutral"])
            var filter = GoldFilter(limit: 9)
            filter.tiesOnly = true
            #expect(try await store.labelledTexts(matching: filter).map(\.contentID) == [2])
            let statistics = try await store.goldStatistics()
            #expect((statistics.totals.contents, statistics.totals.ties, statistics.labelledTwice) == (2, 1, 3))
            #expect(statistics.allAgree.value == 1.0 / 3)
            // krippendorff.alpha(level_of_measurement="nominal") of the same table.
            #expect(isClose(statistics.krippendorffAlpha.value, 0.25))
            #expect(statistics.annotators.map(\.annotator) == ["ana", "kim", "lee"])
            #expect(statistics.annotators.map(\.withMajority.value) == [0, 1, 1])
            #expect(statistics.pairs.map(\.contents) == [1, 1, 3] && statistics.pairs[2].agreement.value == 2.0 / 3)
            #expect(statistics.sources.map(\.gold) == [2])
        }
    }

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
        #expect(try await load(labels, as: "gold.csv", into: store).new == 6)
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
            _ = try await load(labels, as: "gold.csv", into: store)
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
            _ = try await load("id,label\n6,positive\n", as: "gold.csv", into: store)
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
