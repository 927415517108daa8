import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// xorshift: the same predictions in every run.
private struct Seeded: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
}

/// A row of the documented view.
private struct ViewRow: Sendable {
    let id: Int64
    let model, sentiment, meta, insertedAt: String
    let confidence: Double
    let isStale: Bool

    init(_ row: Row) {
        id = row["id"]
        model = row["model_id"]
        sentiment = row["sentiment"]
        meta = row["meta"]
        insertedAt = row["inserted_at"]
        confidence = row["confidence"]
        isStale = row["stale"]
    }
}

@Suite struct StorePredictionTests {
    private func randomRecord(_ number: Int, _ random: inout Seeded) -> ModelVersionRecord {
        let count = Int.random(in: 2...5, using: &random)
        let sentiments = (0..<count).map { _ in Sentiment.allCases[Int.random(in: 0..<3, using: &random)] }
        return Records.record("m\(number)", sentiments.enumerated().map { ("L\($0) \"ü\u{2028}", $1) })
    }

    private func randomPrediction(_ record: ModelVersionRecord, _ random: inout Seeded) -> Prediction {
        let exact = Bool.random(using: &random)
        var raw = record.labels.map { _ in Double.random(in: 0...1, using: &random) }
        let sum = raw.reduce(0, +)
        raw = raw.map { exact ? $0 / sum : ($0 / sum * 1e6).rounded() / 1e6 }
        let pool = QualityFlags.names + ["brand_new"]
        let flags = pool.filter { _ in Int.random(in: 0..<3, using: &random) == 0 }
        var prediction = Prediction.of(
            record, raw, latency: Double.random(in: 0...5000, using: &random),
            flags: Bool.random(using: &random) ? flags : flags.shuffled(using: &random))
        prediction.meta.quality.entropy = Double.random(in: 0...2.4, using: &random)
        prediction.meta.processing.tokens = Bool.random(using: &random) ? nil : Int.random(in: 0...9999, using: &random)
        prediction.meta.processing.truncated = Bool.random(using: &random)
        prediction.meta.processing.firstCall = Bool.random(using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: prediction.meta.rawModelOutput.append(.init(label: "compound", score: -0.6369))
        case 1: prediction.meta.rawModelOutput = []
        default: break
        }
        return prediction
    }

    @Test func anyPredictionComesBackEqual() async throws {
        try await withStore { store in
            var random = Seeded(state: 0x5EED)
            let records = (0..<12).map { randomRecord($0, &random) }
            try await store.register(records)
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: (0..<60).map { "text \($0)" })
            var saved: [Int64: [String: ModelOutcome]] = [:]
            for id in ids {
                for record in records {
                    saved[id, default: [:]][record.modelID] = .prediction(randomPrediction(record, &random))
                }
            }
            for id in ids {
                let results = ModelResults(models: saved[id] ?? [:], textInfo: nil)
                try await store.save([.init(contentID: id, textVersion: 1, results: results)], run: run)
            }
            for id in ids {
                let read = try await store.classifications(id)
                #expect(Dictionary(uniqueKeysWithValues: read.map { ($0.modelID, $0.outcome) }) == saved[id])
            }
        }
    }

    @Test func theViewRebuildsTheWholeMetaInTheFormOfTheWire() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general, Records.stars])
            let run = try await store.anyRun()
            let text = "Record highs! — ñ"
            let id = try await store.ingest(texts: [text])[0]
            let flags = ["high_confidence", "clear_winner"]
            var first = Prediction.of(Records.general, [0.000468, 0.999532], flags: flags)
            first.meta.processing.truncated = true
            first.meta.processing.tokens = nil
            var odd = Prediction.of(Records.finance, [0.1, 0.1, 0.8], flags: ["unheard_of", "ambiguous"])
            odd.meta.rawModelOutput.append(.init(label: "compound", score: -0.5))
            let outcomes: [String: Prediction] = [
                "general": first, "finance": odd, "stars": .of(Records.stars, [0.125, 0.25, 0.25, 0.0625, 0.3125]),
            ]
            try await store.save(
                [
                    .init(
                        contentID: id, textVersion: 1,
                        results: .init(models: outcomes.mapValues(ModelOutcome.prediction), textInfo: .of(text)))
                ], run: run)
            let rows = try await store.read { db in
                try Row.fetchAll(db, sql: "SELECT * FROM model_classifications").map(ViewRow.init)
            }
            #expect(rows.count == 3 && Set(rows.map(\.id)).count == 3)
            for row in rows {
                let expected = try #require(outcomes[row.model])
                let meta = Data(row.meta.utf8)
                #expect(try JSONDecoder().decode(Prediction.Meta.self, from: meta) == expected.meta)
                struct WithFacts: Decodable { let text_info: TextInfo }
                #expect(try JSONDecoder().decode(WithFacts.self, from: meta).text_info == .of(text))
                #expect(row.sentiment == expected.sentiment.rawValue && row.confidence == expected.confidence)
                #expect(row.insertedAt.wholeMatch(of: /20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
                #expect(!row.isStale)
            }
            #expect(try await store.textInfo(id) == .of(text))
        }
    }

    private static let spoilers: [@Sendable (inout Prediction) -> Void] = [
        { (prediction: inout Prediction) in prediction.confidence = .nan },
        { $0.confidence = 1.5 },
        { $0.meta.rawScores["positive"] = .infinity },
        { $0.meta.rawScores["angry"] = 0.1 },
        { $0.meta.rawScores = [:] },
        { $0.meta.rawModelOutput[0].score = .nan },
        { $0.meta.quality.entropy = .nan },
        { $0.meta.quality.scoreMargin = -1 },
        { $0.meta.processing.latencyMs = -.infinity },
        { $0.meta.processing.batchSize = 0 },
    ]

    @Test(arguments: spoilers.indices)
    func anImpossibleNumberBecomesAFailureAndItsSiblingsStand(spoiler: Int) async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            var bad = Prediction.of(Records.finance, [0.1, 0.2, 0.7])
            Self.spoilers[spoiler](&bad)
            let good = Prediction.of(Records.general, [0.1, 0.9])
            let models: [String: ModelOutcome] = ["finance": .prediction(bad), "general": .prediction(good)]
            try await store.save(
                [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
            let stored = try await store.classifications(id)
            guard case .failure(let failure) = stored[0].outcome else {
                Issue.record("stored as a prediction")
                return
            }
            #expect(failure.code == "bad_reply")
            #expect(stored[1].outcome == .prediction(good))
            let totals = try #require(try await store.run(run))
            #expect(totals.contents == 1 && totals.succeeded == 1 && totals.failed == 1)
        }
    }

    /// Three models with one-to-one labels and one whose raw output has to be kept, as in the shipped set.
    @Test func aVerdictTakesNoMoreThan140BytesWithItsIndex() async throws {
        try await withStore { store in
            let three: [(String, Sentiment)] = [("neg", .negative), ("neu", .neutral), ("pos", .positive)]
            let records = ["finance", "general", "social", "vader"].map { Records.record($0, three) }
            try await store.register(records)
            let run = try await store.anyRun()
            var random = Seeded(state: 7)
            let ids = try await store.ingest(texts: (0..<5000).map { "text \($0)" })
            let items = ids.map { id in
                var models: [String: ModelOutcome] = [:]
                for record in records {
                    var raw = record.labels.map { _ in Double.random(in: 0.01...1, using: &random) }
                    let sum = raw.reduce(0, +)
                    raw = raw.map { ($0 / sum * 1e6).rounded() / 1e6 }
                    var prediction = Prediction.of(record, raw, latency: 12.345)
                    if record.modelID == "vader" {
                        prediction.meta.rawModelOutput.append(.init(label: "compound", score: 0.6369))
                    }
                    models[record.modelID] = .prediction(prediction)
                }
                let results = ModelResults(models: models, textInfo: .of("text"))
                return ClassifiedText(contentID: id, textVersion: 1, results: results)
            }
            for start in stride(from: 0, to: items.count, by: 500) {
                try await store.save(Array(items[start..<start + 500]), run: run)
            }
            try await store.checkpoint()
            let bytes = try #require(try await store.integrityReport().bytesPerClassification)
            #expect(bytes <= 140)
            let some = try await store.classifications(of: [ids[0], ids[4999]])
            let saved = items[0].results.models.values.map { $0 } + items[4999].results.models.values
            #expect(Set(some.map(\.outcome)) == Set(saved))
        }
    }
}
