/// Why a model has no prediction for a text.
public struct ModelFailure: Codable, Sendable, Hashable {
    /// Stable code: `model_error`, `bad_text`, `timeout`, `worker_died`, `bad_reply`, `poison`.
    public var code: String
    /// A sentence that never holds the text.
    public var message: String
    /// Last lines that the worker wrote to standard error before it died; nil where it did not die.
    public var detail: String?

    /// Creates a failure.
    public init(code: String, message: String, detail: String? = nil) {
        self.code = code
        self.message = message
        self.detail = detail
    }
}

/// A prediction or a failure: what became of one model on one text.
public enum ModelOutcome: Sendable, Hashable {
    case prediction(Prediction)
    case failure(ModelFailure)
}

extension ModelOutcome: Codable {
    private enum CodingKeys: String, CodingKey { case error }

    /// Reads `{"error": …}` as a failure and anything else as a prediction.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        if let failure = try container.decodeIfPresent(ModelFailure.self, forKey: .error) {
            self = .failure(failure)
        } else {
            self = .prediction(try Prediction(from: decoder))
        }
    }

    /// Writes the prediction, or `{"error": …}`.
    public func encode(to encoder: any Encoder) throws {
        switch self {
        case .prediction(let prediction):
            try prediction.encode(to: encoder)
        case .failure(let failure):
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(failure, forKey: .error)
        }
    }
}

/// Countable facts of a text, taken once per text.
public struct TextInfo: Codable, Sendable, Hashable {
    /// Characters, words and lines of the text.
    public var chars, words, lines: Int
    /// Links, hashtags and mentions in it.
    public var urls, hashtags, mentions: Int
    /// Upper-case letters among letters, 0…1.
    public var upperShare: Double
    /// `!` and `?` in it.
    public var exclamations, questions: Int
    /// Whether nothing but links is in it.
    public var urlOnly: Bool
    /// SHA-256 of the UTF-8 text, in hexadecimal.
    public var sha256: String

    /// Creates the facts of a text.
    public init(
        chars: Int, words: Int, lines: Int, urls: Int, hashtags: Int, mentions: Int, upperShare: Double,
        exclamations: Int, questions: Int, urlOnly: Bool, sha256: String
    ) {
        self.chars = chars
        self.words = words
        self.lines = lines
        self.urls = urls
        self.hashtags = hashtags
        self.mentions = mentions
        self.upperShare = upperShare
        self.exclamations = exclamations
        self.questions = questions
        self.urlOnly = urlOnly
        self.sha256 = sha256
    }

    enum CodingKeys: String, CodingKey {
        case chars, words, lines, urls, hashtags, mentions, exclamations, questions, sha256
        case upperShare = "upper_share"
        case urlOnly = "url_only"
    }
}

/// The outcomes of all models that were run on one text.
public struct ModelResults: Codable, Sendable, Hashable {
    /// Model id → outcome.
    public var models: [String: ModelOutcome]
    /// Facts of the text; nil when no worker lived to count them.
    public var textInfo: TextInfo?
    /// Milliseconds from the request's arrival to its worker; nil when no worker answered. Not on the wire.
    public var queueMs: Double?

    /// Creates the results of one text.
    public init(models: [String: ModelOutcome], textInfo: TextInfo?) {
        self.models = models
        self.textInfo = textInfo
    }

    enum CodingKeys: String, CodingKey {
        case models
        case textInfo = "text_info"
    }
}
