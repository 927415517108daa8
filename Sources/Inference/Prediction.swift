/// What one model says about one text.
public struct Prediction: Codable, Sendable, Hashable {
    /// The sentiment with the highest score.
    public var sentiment: Sentiment
    /// Its score, 0…1.
    public var confidence: Double
    /// Version label of the model that said it.
    public var modelVersion: String
    /// Everything else the model reported.
    public var meta: Meta

    /// Details of a prediction, kept in full.
    public struct Meta: Codable, Sendable, Hashable {
        /// Score by sentiment, 0…1, summing to 1; a sentiment that the model cannot express is absent.
        public var rawScores: [String: Double]
        /// The model's own labels and scores, highest first.
        public var rawModelOutput: [RawScore]
        /// How the text was processed.
        public var processing: Processing
        /// How sure the model was.
        public var quality: Quality

        /// Creates the details.
        public init(
            rawScores: [String: Double], rawModelOutput: [RawScore], processing: Processing, quality: Quality
        ) {
            self.rawScores = rawScores
            self.rawModelOutput = rawModelOutput
            self.processing = processing
            self.quality = quality
        }

        enum CodingKeys: String, CodingKey {
            case rawScores = "raw_scores"
            case rawModelOutput = "raw_model_output"
            case processing, quality
        }
    }

    /// One raw label with its score.
    public struct RawScore: Codable, Sendable, Hashable {
        /// The model's own name of the class.
        public var label: String
        /// Its score as the engine gave it.
        public var score: Double

        /// Creates a raw score.
        public init(label: String, score: Double) {
            self.label = label
            self.score = score
        }
    }

    /// How the text was processed.
    public struct Processing: Codable, Sendable, Hashable {
        /// Milliseconds per text: wall time of the batch divided by the texts in it.
        public var latencyMs: Double
        /// Texts in the batch.
        public var batchSize: Int
        /// Length of the whole text in the model's own tokens.
        public var tokens: Int?
        /// Whether the model read only the first `max_tokens` of them.
        public var truncated: Bool
        /// Whether this was the first call of the model in its process.
        public var firstCall: Bool

        /// Creates the facts of one call.
        public init(latencyMs: Double, batchSize: Int, tokens: Int?, truncated: Bool, firstCall: Bool) {
            self.latencyMs = latencyMs
            self.batchSize = batchSize
            self.tokens = tokens
            self.truncated = truncated
            self.firstCall = firstCall
        }

        enum CodingKeys: String, CodingKey {
            case latencyMs = "latency_ms"
            case batchSize = "batch_size"
            case tokens, truncated
            case firstCall = "first_call"
        }
    }

    /// How sure the model was, from its scores alone.
    public struct Quality: Codable, Sendable, Hashable {
        /// Highest score minus the second highest, 0…1.
        public var scoreMargin: Double
        /// Shannon entropy of the scores in bits.
        public var entropy: Double
        /// Names such as `high_confidence`; `docs/protocol.md` has their thresholds.
        public var flags: [String]

        /// Creates a quality block.
        public init(scoreMargin: Double, entropy: Double, flags: [String]) {
            self.scoreMargin = scoreMargin
            self.entropy = entropy
            self.flags = flags
        }

        enum CodingKeys: String, CodingKey {
            case scoreMargin = "score_margin"
            case entropy, flags
        }
    }

    /// Creates a prediction.
    public init(sentiment: Sentiment, confidence: Double, modelVersion: String, meta: Meta) {
        self.sentiment = sentiment
        self.confidence = confidence
        self.modelVersion = modelVersion
        self.meta = meta
    }

    enum CodingKeys: String, CodingKey {
        case sentiment, confidence, meta
        case modelVersion = "model_version"
    }
}
