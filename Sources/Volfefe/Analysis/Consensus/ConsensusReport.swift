import Inference

/// The consensus on every content, and its summary.
public struct ConsensusReport: Sendable, Encodable {
    /// The consensus on one content.
    public struct Content: Sendable, Hashable {
        /// The content.
        public var contentID: Int64
        /// Version of the text that was judged.
        public var textVersion: Int
        /// What came out.
        public var decision: ConsensusDecision
    }

    /// What it was computed with.
    public var version: ConsensusVersion
    /// The same as a name.
    public var name: String
    /// Whether it is in the database now.
    public var isStored: Bool
    /// In figures.
    public var summary: ConsensusSummary
    /// What Dawid and Skene's method estimated; nil for others.
    public var errors: EstimatedErrors?
    /// Every content that one of the models has judged, by id.
    public var contents: [Content]

    enum CodingKeys: String, CodingKey {
        case name, method, labels, summary, contents
        case minimumModels = "min_models"
        case isStored = "stored"
        case errors = "dawid_skene"
    }

    /// Writes what does not apply as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(name, forKey: .name)
        try container.encode(version.method, forKey: .method)
        try container.encode(version.method.usesLabels ? version.labels : nil, forKey: .labels)
        try container.encode(version.minimumModels, forKey: .minimumModels)
        try container.encode(isStored, forKey: .isStored)
        try container.encode(summary, forKey: .summary)
        try container.encode(errors, forKey: .errors)
        try container.encode(contents, forKey: .contents)
    }
}

extension ConsensusReport.Content: Encodable {
    enum CodingKeys: String, CodingKey {
        case sentiment, confidence, agreement, models, reason, tied, scores
        case contentID = "content_id"
        case textVersion = "text_version"
    }

    /// Writes what there is not as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(contentID, forKey: .contentID)
        try container.encode(textVersion, forKey: .textVersion)
        try container.encode(decision.sentiment, forKey: .sentiment)
        try container.encode(decision.confidence, forKey: .confidence)
        try container.encode(decision.agreement, forKey: .agreement)
        try container.encode(decision.models, forKey: .models)
        try container.encode(decision.reason, forKey: .reason)
        try container.encode(decision.tied.sentiments, forKey: .tied)
        var scores = container.nestedContainer(keyedBy: SentimentKey.self, forKey: .scores)
        for sentiment in decision.scored.sentiments {
            try scores.encode(decision.score(sentiment), forKey: SentimentKey(sentiment: sentiment))
        }
    }

    private struct SentimentKey: CodingKey {
        var sentiment: Sentiment
        var stringValue: String { sentiment.rawValue }
        var intValue: Int? { nil }

        init(sentiment: Sentiment) { self.sentiment = sentiment }
        init?(stringValue: String) {
            guard let sentiment = Sentiment(rawValue: stringValue) else { return nil }
            self.sentiment = sentiment
        }
        init?(intValue: Int) { nil }
    }
}

extension ConsensusDecision {
    /// Why there is no sentiment: `tie` or `too_few`; nil where there is one.
    public var reason: String? {
        switch outcome {
        case .sentiment: nil
        case .tie: "tie"
        case .tooFew: "too_few"
        }
    }
}
