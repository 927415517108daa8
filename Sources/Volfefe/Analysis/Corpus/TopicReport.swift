import Foundation

/// What a collection is about, as the newest run has found it.
public struct TopicReport: Sendable, Hashable, Encodable {
    /// A word of a topic.
    public struct Word: Sendable, Hashable, Codable {
        /// The word in lower case.
        public var word: String
        /// Class TF-IDF.
        public var weight: Double
    }

    /// How many contents of a source belong to a topic.
    public struct SourceCount: Sendable, Hashable, Encodable {
        /// Its name.
        public var source: String
        /// Contents.
        public var contents: Int
    }

    /// What a model says of the contents of a topic.
    public struct Mood: Sendable, Hashable, Encodable {
        /// Model id.
        public var modelID: String
        /// Version label.
        public var modelVersion: String
        /// Verdicts on texts as they are now.
        public var verdicts: Int
        /// Those that are positive, neutral and negative.
        public var positive, neutral, negative: Int
        /// Mean of 1, 0 and −1 over the verdicts; nil without any.
        public var meanSentiment: Double? {
            verdicts > 0 ? Double(positive - negative) / Double(verdicts) : nil
        }

        enum CodingKeys: String, CodingKey {
            case verdicts, positive, neutral, negative
            case modelID = "model_id"
            case modelVersion = "model_version"
            case meanSentiment = "mean_sentiment"
        }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(modelID, forKey: .modelID)
            try container.encode(modelVersion, forKey: .modelVersion)
            try container.encode(verdicts, forKey: .verdicts)
            try container.encode(positive, forKey: .positive)
            try container.encode(neutral, forKey: .neutral)
            try container.encode(negative, forKey: .negative)
            try container.encode(meanSentiment, forKey: .meanSentiment)
        }
    }

    /// A content of a topic.
    public struct Example: Sendable, Hashable, Encodable {
        /// Its id.
        public var contentID: Int64
        /// Name of its source.
        public var source: String
        /// Cosine to the topic, 0…1.
        public var likeness: Double
        /// Whether its text was edited since.
        public var isStale: Bool
        /// The beginning of its text; nil where texts are not asked for.
        public var text: String?

        enum CodingKeys: String, CodingKey {
            case source, likeness, text
            case contentID = "content_id"
            case isStale = "stale"
        }
    }

    /// A topic.
    public struct Topic: Sendable, Hashable, Encodable {
        /// Its number: by size, another one in the next run.
        public var topic: Int
        /// Contents that belong to it.
        public var size: Int
        /// Of the contents that were looked at, 0…1.
        public var share: Double
        /// (1 + document NPMI) / 2 over pairs of its words, 0…1; nil where it has one word only.
        public var coherence: Double?
        /// Its words, the heaviest first.
        public var words: [Word]
        /// Where they come from, those of the most contents first.
        public var sources: [SourceCount]
        /// What each model says of them, in the order of the models.
        public var moods: [Mood]
        /// Contents that are most like it, first; empty in a list of topics.
        public var examples: [Example] = []

        enum CodingKeys: String, CodingKey {
            case topic, size, share, coherence, words, sources, examples
            case moods = "models"
        }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(topic, forKey: .topic)
            try container.encode(size, forKey: .size)
            try container.encode(share, forKey: .share)
            try container.encode(coherence, forKey: .coherence)
            try container.encode(words, forKey: .words)
            try container.encode(sources, forKey: .sources)
            try container.encode(moods, forKey: .moods)
            if !examples.isEmpty { try container.encode(examples, forKey: .examples) }
        }
    }

    /// The run that found them; nil: there has been none.
    public var run: CorpusSummary?
    /// By size.
    public var topics: [Topic]

    enum CodingKeys: String, CodingKey { case run, reason, topics }

    /// Why there are no topics; nil when there are.
    public var reason: String? { run == nil ? "the phase topics has not run yet" : run?.reason }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run, forKey: .run)
        try container.encode(reason, forKey: .reason)
        try container.encode(topics, forKey: .topics)
    }
}
