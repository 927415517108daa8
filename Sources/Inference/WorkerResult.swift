/// Results of one request, in the order of its texts.
struct WorkerResult: Sendable {
    /// The request that it answers.
    var id: String
    /// What came back for each text.
    var items: [Item]

    /// What came back for one text.
    struct Item: Sendable {
        var textInfo: TextInfo?
        /// Model id → outcome. One bad cell is one failure; it does not spoil the rest of the reply.
        var models: [String: ModelOutcome]
    }

    /// The type of a message, and the message itself where it is a sound result; nil when the line is no JSON object.
    static func read(_ line: UnsafeBufferPointer<UInt8>) -> (type: String, result: WorkerResult?)? {
        var reader = WireReader(line)
        var type: String?
        var id: String?
        var items: [Item]?
        do {
            try reader.object { key, reader in
                switch key {
                case "type": type = try reader.string()
                case "id": id = try reader.null() ? nil : reader.string()
                case "items": items = try reader.list { reader in try reader.item() }
                default: try reader.skip()
                }
            }
            try reader.end()
        } catch {
            return nil
        }
        guard let type else { return nil }
        guard type == "result" else { return (type, nil) }
        guard let id, let items else { return nil }
        return (type, WorkerResult(id: id, items: items))
    }
}

/// The parts of a result, in the order of `docs/protocol.md`.
extension WireReader {
    fileprivate mutating func list<Element>(_ element: (inout WireReader) throws -> Element) throws -> [Element] {
        var elements: [Element] = []
        try array { reader in elements.append(try element(&reader)) }
        return elements
    }

    fileprivate mutating func item() throws -> WorkerResult.Item {
        var textInfo: TextInfo?
        var models: [String: ModelOutcome]?
        try object { key, reader in
            switch key {
            case "text_info": textInfo = try reader.null() ? nil : reader.textInfo()
            case "models":
                var cells: [String: ModelOutcome] = [:]
                try reader.object { model, reader in cells[model] = try reader.cell() }
                models = cells
            default: try reader.skip()
            }
        }
        return .init(textInfo: textInfo, models: try need(models))
    }

    /// An outcome whose numbers can be true. What is JSON and no such outcome is a failure; what is no JSON is thrown.
    private mutating func cell() throws -> ModelOutcome {
        let place = try skip()
        defer { go(to: place.upperBound) }
        go(to: place.lowerBound)
        do {
            return try outcome().validated()
        } catch {
            return .failure(.init(code: "bad_reply", message: "the worker's answer for this model is malformed"))
        }
    }

    private mutating func outcome() throws -> ModelOutcome {
        var failure: ModelFailure?
        var sentiment: Sentiment?
        var confidence: Double?
        var version: String?
        var meta: Prediction.Meta?
        // After an error nothing else counts, so its neighbours may be anything.
        let start = position
        try object { key, reader in
            if key == "error", try !reader.null() { failure = try reader.failure() } else { try reader.skip() }
        }
        if let failure { return .failure(failure) }
        go(to: start)
        try object { key, reader in
            switch key {
            case "sentiment": sentiment = Sentiment(rawValue: try reader.string())
            case "confidence": confidence = try reader.double()
            case "model_version": version = try reader.string()
            case "meta": meta = try reader.meta()
            default: try reader.skip()
            }
        }
        return .prediction(
            Prediction(
                sentiment: try need(sentiment), confidence: try need(confidence), modelVersion: try need(version),
                meta: try need(meta)))
    }

    private mutating func failure() throws -> ModelFailure {
        var code: String?
        var message: String?
        var detail: String?
        try object { key, reader in
            switch key {
            case "code": code = try reader.string()
            case "message": message = try reader.string()
            case "detail": detail = try reader.null() ? nil : reader.string()
            default: try reader.skip()
            }
        }
        return ModelFailure(code: try need(code), message: try need(message), detail: detail)
    }

    private mutating func meta() throws -> Prediction.Meta {
        var scores: [String: Double]?
        var output: [Prediction.RawScore]?
        var processing: Prediction.Processing?
        var quality: Prediction.Quality?
        try object { key, reader in
            switch key {
            case "raw_scores":
                var pairs: [String: Double] = [:]
                try reader.object { name, reader in pairs[name] = try reader.double() }
                scores = pairs
            case "raw_model_output": output = try reader.list { reader in try reader.rawScore() }
            case "processing": processing = try reader.processing()
            case "quality": quality = try reader.quality()
            default: try reader.skip()
            }
        }
        return .init(
            rawScores: try need(scores), rawModelOutput: try need(output), processing: try need(processing),
            quality: try need(quality))
    }

    private mutating func rawScore() throws -> Prediction.RawScore {
        var label: String?
        var score: Double?
        try object { key, reader in
            switch key {
            case "label": label = try reader.string()
            case "score": score = try reader.double()
            default: try reader.skip()
            }
        }
        return .init(label: try need(label), score: try need(score))
    }

    private mutating func processing() throws -> Prediction.Processing {
        var latency: Double?
        var batch: Int?
        var tokens: Int?
        var truncated: Bool?
        var first: Bool?
        try object { key, reader in
            switch key {
            case "latency_ms": latency = try reader.double()
            case "batch_size": batch = try reader.int()
            case "tokens": tokens = try reader.null() ? nil : reader.int()
            case "truncated": truncated = try reader.bool()
            case "first_call": first = try reader.bool()
            default: try reader.skip()
            }
        }
        return .init(
            latencyMs: try need(latency), batchSize: try need(batch), tokens: tokens, truncated: try need(truncated),
            firstCall: try need(first))
    }

    private mutating func quality() throws -> Prediction.Quality {
        var margin: Double?
        var entropy: Double?
        var flags: [String]?
        try object { key, reader in
            switch key {
            case "score_margin": margin = try reader.double()
            case "entropy": entropy = try reader.double()
            case "flags": flags = try reader.list { reader in try reader.string() }
            default: try reader.skip()
            }
        }
        return .init(scoreMargin: try need(margin), entropy: try need(entropy), flags: try need(flags))
    }

    private mutating func textInfo() throws -> TextInfo {
        var counts: [String: Int] = [:]
        var share: Double?
        var urlOnly: Bool?
        var hash: String?
        try object { key, reader in
            switch key {
            case "upper_share": share = try reader.double()
            case "url_only": urlOnly = try reader.bool()
            case "sha256": hash = try reader.string()
            case "chars", "words", "lines", "urls", "hashtags", "mentions", "exclamations", "questions":
                counts[key] = try reader.int()
            default: try reader.skip()
            }
        }
        func count(_ key: String) throws -> Int { try need(counts[key]) }
        return TextInfo(
            chars: try count("chars"), words: try count("words"), lines: try count("lines"), urls: try count("urls"),
            hashtags: try count("hashtags"), mentions: try count("mentions"), upperShare: try need(share),
            exclamations: try count("exclamations"), questions: try count("questions"), urlOnly: try need(urlOnly),
            sha256: try need(hash))
    }

    /// A value that must be there.
    private func need<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Fault.unexpected }
        return value
    }
}
