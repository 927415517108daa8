import Inference

/// What a results file says that one model said about one text.
struct ResultBlock: Hashable {
    /// Model id.
    var modelID: String
    /// Version label; nil where the file does not tell.
    var version: String?
    var sentiment: Sentiment?
    var confidence: Double?
    /// Score by sentiment; nil where only the raw output is told.
    var scores: [Sentiment: Double]?
    /// Raw labels and scores, in the order of the file; nil where they are not told.
    var output: [Prediction.RawScore]?
    var processing: Prediction.Processing
    /// The quality that the file tells; nil where it does not.
    var told: Told?

    /// Quality figures of a file; each may be missing.
    struct Told: Hashable {
        var margin, entropy: Double?
        var flags: [String]?

        /// Whether they are those of `quality`, as far as they are told.
        func agrees(with quality: Prediction.Quality) -> Bool {
            func isSame(_ told: Double?, _ computed: Double) -> Bool {
                told.map { abs($0 - computed) < 5.1e-5 } ?? true
            }
            return isSame(margin, quality.scoreMargin) && isSame(entropy, quality.entropy)
                && (flags.map { Set($0) == Set(quality.flags) } ?? true)
        }
    }

    /// Reads the entry of a model: `meta` as on the wire, or its fields beside `sentiment`. Throws `ResultFault`.
    init(modelID: String, _ value: JSONValue, at path: String) throws {
        guard case .object(let own) = value else { throw ResultFault.field(path, "an object") }
        let meta = own["meta"]?.members ?? own
        self.modelID = modelID
        version = try own["model_version"].map {
            guard let text = $0.string, !text.isEmpty else {
                throw ResultFault.field(path + ".model_version", "a text")
            }
            return text.withoutNUL
        }
        sentiment = try own["sentiment"].map {
            guard let sentiment = $0.string.flatMap({ Sentiment(rawValue: $0.lowercased()) }) else {
                throw ResultFault.field(path + ".sentiment", "positive, neutral or negative")
            }
            return sentiment
        }
        confidence = try own["confidence"].map { try Self.share($0, path + ".confidence") }
        scores = try meta["raw_scores"].map { try Self.scores($0, path + ".raw_scores") }
        output = try meta["raw_model_output"].map { try Self.output($0, path + ".raw_model_output") }
        processing = try Self.processing(meta["processing"] ?? .object(meta), path)
        told = (meta["quality"] ?? own["quality"]).map {
            Told(
                margin: $0["score_margin"]?.double, entropy: $0["entropy"]?.double,
                flags: $0["flags"]?.elements?.compactMap(\.string))
        }
    }

    private static func share(_ value: JSONValue, _ path: String) throws -> Double {
        guard let number = value.double, (0...1).contains(number) else {
            throw ResultFault.field(path, "a number from 0 to 1")
        }
        return number
    }

    private static func scores(_ value: JSONValue, _ path: String) throws -> [Sentiment: Double] {
        guard let members = value.members, !members.isEmpty else {
            throw ResultFault.field(path, "an object such as {\"positive\": 0.9, \"negative\": 0.1}")
        }
        var scores: [Sentiment: Double] = [:]
        for member in members {
            guard let sentiment = Sentiment(rawValue: member.key.lowercased()) else {
                throw ResultFault(
                    "`\(path)` has \"\(member.key)\": scores there are by sentiment (positive, neutral, negative). The "
                        + "model's own labels belong into raw_model_output, and what they mean into --models.")
            }
            scores[sentiment] = try share(member.value, "\(path).\(member.key)")
        }
        guard abs(scores.values.sorted().reduce(0, +) - 1) <= 0.01 else {
            throw ResultFault.field(path, "probabilities that sum to 1")
        }
        return scores
    }

    private static func output(_ value: JSONValue, _ path: String) throws -> [Prediction.RawScore] {
        guard let elements = value.elements else {
            throw ResultFault.field(path, "a list such as [{\"label\": \"POSITIVE\", \"score\": 0.9}]")
        }
        return try elements.map { element in
            guard let label = element["label"]?.string, let score = element["score"]?.double else {
                throw ResultFault.field(path, "a list of {\"label\": text, \"score\": number}")
            }
            return .init(label: label, score: score)
        }
    }

    /// What is not told is 0 milliseconds (unknown), a batch of one, not truncated, no first call.
    private static func processing(_ value: JSONValue, _ path: String) throws -> Prediction.Processing {
        func check(_ key: String, _ expectation: String, _ isGood: (JSONValue) -> Bool) throws -> JSONValue? {
            guard let found = value[key] else { return nil }
            guard isGood(found) else { throw ResultFault.field("\(path).\(key)", expectation) }
            return found
        }
        let latency = try check("latency_ms", "a number of milliseconds from 0") { ($0.double ?? -1) >= 0 }
        let batch = try check("batch_size", "a whole number from 1") { ($0.whole ?? 0) >= 1 }
        let tokens = try check("tokens", "a whole number from 0") { ($0.whole ?? -1) >= 0 }
        let truncated = try check("truncated", "true or false") { $0.bool != nil }
        let first = try check("first_call", "true or false") { $0.bool != nil }
        return .init(
            latencyMs: latency?.double ?? 0, batchSize: batch?.whole ?? 1, tokens: tokens?.whole,
            truncated: truncated?.bool ?? false, firstCall: first?.bool ?? false)
    }
}
