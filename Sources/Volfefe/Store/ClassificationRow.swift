import Foundation
import GRDB
import Inference

/// A prediction as the columns of `classifications`, and back again, with nothing lost.
struct ClassificationRow {
    /// Why a prediction cannot be stored; becomes a failure `bad_reply`.
    struct Unstorable: Error {
        let reason: String
    }

    var sentiment: Int
    var confidence: Double
    var positive, neutral, negative: Double?
    var margin, entropy: Double
    var flags: Int
    var processing: Prediction.Processing
    /// `[[label, score], …]` where it does not follow from the scores.
    var rawOutput: String?
    /// `[name, …]` where they do not follow from `flags`.
    var allFlags: String?

    /// Takes a prediction apart; throws `Unstorable` when a number in it cannot be true.
    init(_ prediction: Prediction, labels: LabelMap) throws {
        let meta = prediction.meta
        try Self.check(prediction)
        sentiment = prediction.sentiment.code
        confidence = prediction.confidence
        positive = meta.rawScores[Sentiment.positive.rawValue]
        neutral = meta.rawScores[Sentiment.neutral.rawValue]
        negative = meta.rawScores[Sentiment.negative.rawValue]
        margin = meta.quality.scoreMargin
        entropy = meta.quality.entropy
        processing = meta.processing
        let (mask, isComplete) = QualityFlags.mask(meta.quality.flags)
        flags = mask
        if !isComplete { allFlags = try Self.json(meta.quality.flags) }
        if labels.impliedOutput(meta.rawScores) != meta.rawModelOutput {
            rawOutput = try Self.json(meta.rawModelOutput.map(Pair.init))
        }
    }

    /// Reads a row of `classifications`.
    init(_ row: Row) throws {
        sentiment = row["sentiment"]
        confidence = row["confidence"]
        positive = row["score_positive"]
        neutral = row["score_neutral"]
        negative = row["score_negative"]
        margin = row["score_margin"]
        entropy = row["entropy"]
        flags = row["flags"]
        processing = .init(
            latencyMs: row["latency_ms"], batchSize: row["batch_size"], tokens: row["tokens"],
            truncated: row["truncated"], firstCall: row["first_call"])
        rawOutput = row["raw_output"]
        allFlags = row["all_flags"]
    }

    /// Puts the prediction together again.
    func prediction(version: String, labels: LabelMap) throws -> Prediction {
        var scores: [String: Double] = [:]
        scores[Sentiment.positive.rawValue] = positive
        scores[Sentiment.neutral.rawValue] = neutral
        scores[Sentiment.negative.rawValue] = negative
        let output = try rawOutput.map { try Self.parse([Pair].self, $0).map(\.score) }
        return Prediction(
            sentiment: Sentiment(code: sentiment), confidence: confidence, modelVersion: version,
            meta: .init(
                rawScores: scores,
                rawModelOutput: output ?? labels.impliedOutput(scores) ?? [],
                processing: processing,
                quality: .init(
                    scoreMargin: margin, entropy: entropy,
                    flags: try allFlags.map { try Self.parse([String].self, $0) } ?? QualityFlags.flags(flags))))
    }

    private static func check(_ prediction: Prediction) throws {
        let meta = prediction.meta
        let processing = meta.processing
        func isFromZero(_ number: Double) -> Bool { number >= 0 && number.isFinite }
        func require(_ isTrue: Bool, _ reason: String) throws {
            guard isTrue else { throw Unstorable(reason: reason) }
        }
        try require((0...1).contains(prediction.confidence), "its confidence is not between 0 and 1")
        try require(!meta.rawScores.isEmpty, "it has no scores")
        try require(meta.rawScores.values.allSatisfy((0...1).contains), "a score is not between 0 and 1")
        let sentiments = meta.rawScores.keys.map(Sentiment.init(rawValue:))
        try require(!sentiments.contains(nil), "a score has no known sentiment")
        try require(meta.rawModelOutput.allSatisfy(\.score.isFinite), "a raw score is not finite")
        try require((0...1).contains(meta.quality.scoreMargin), "its margin is not between 0 and 1")
        try require(isFromZero(meta.quality.entropy), "its entropy is no number from 0")
        try require(isFromZero(processing.latencyMs), "its latency is no number from 0")
        try require(processing.batchSize >= 1, "its batch is empty")
        try require(processing.tokens ?? 0 >= 0, "its token count is negative")
    }

    private static func json(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func parse<Value: Decodable>(_ type: Value.Type, _ json: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(json.utf8))
    }
}

/// A raw score as `[label, score]`: half the bytes of an object.
private struct Pair: Codable {
    let score: Prediction.RawScore

    init(_ score: Prediction.RawScore) { self.score = score }

    init(from decoder: any Decoder) throws {
        var container = try decoder.unkeyedContainer()
        score = .init(label: try container.decode(String.self), score: try container.decode(Double.self))
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.unkeyedContainer()
        try container.encode(score.label)
        try container.encode(score.score)
    }
}
