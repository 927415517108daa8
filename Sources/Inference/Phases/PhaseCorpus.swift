/// A content for the phases that look at all of them together.
public struct HeldText: Codable, Sendable, Hashable {
    /// What the caller calls it.
    public var key: PhaseKey
    /// Its text.
    public var text: String
    /// Where it is from.
    public var source: String?

    /// Creates a content; `key` is its id.
    public init(key: Int64, text: String, source: String? = nil) {
        self.key = .number(key)
        self.text = text
        self.source = source
    }
}

/// One line of what `find` finds: contents with their topics, or stories.
public struct FoundPart: Codable, Sendable, Hashable {
    /// Contents with their topics; empty for other phases.
    public var assigned: [TopicAssignment]
    /// Stories, largest first; empty for other phases.
    public var stories: [FoundStory]

    /// Reads a line.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        assigned = try container.decodeIfPresent([TopicAssignment].self, forKey: .assigned) ?? []
        stories = try container.decodeIfPresent([FoundStory].self, forKey: .stories) ?? []
    }

    enum CodingKeys: String, CodingKey {
        case assigned, stories
    }
}

/// The topic of a content.
public struct TopicAssignment: Codable, Sendable, Hashable {
    /// The content.
    public var key: PhaseKey
    /// Number of the topic; nil for an outlier.
    public var topic: Int?
    /// Cosine to the topic that it is most like, 0…1.
    public var likeness: Double
}

/// Contents that tell the same in nearly the same words.
public struct FoundStory: Codable, Sendable, Hashable {
    /// How many sources it is in.
    public var sources: Int
    /// Its contents.
    public var contents: [Member]

    /// A content of a story.
    public struct Member: Codable, Sendable, Hashable {
        /// The content.
        public var key: PhaseKey
        /// Cosine to the likest other of the story, 0…1.
        public var likeness: Double
    }
}

/// What `find` says in the end.
public struct FoundSummary: Codable, Sendable, Hashable {
    /// Contents that were held.
    public var contents: Int
    /// Of those: contents without a word that counts. Topics only.
    public var withoutWords: Int?
    /// Why there are no topics; nil when there are.
    public var reason: String?
    /// Mean coherence of the topics, 0…1; nil without topics.
    public var coherence: Double?
    /// Contents that belong to no topic.
    public var outliers: Int?
    /// The topics by size; nil for other phases.
    public var topics: [FoundTopic]?
    /// Number of stories, and of contents in them; nil for other phases.
    public var stories, inStories: Int?

    enum CodingKeys: String, CodingKey {
        case contents, reason, coherence, outliers, topics, stories
        case withoutWords = "without_words"
        case inStories = "in_stories"
    }
}

/// What several contents are about.
public struct FoundTopic: Codable, Sendable, Hashable {
    /// Its number in this run; 0 is the largest.
    public var topic: Int
    /// Contents that belong to it.
    public var size: Int
    /// (1 + document NPMI) / 2 over its words, 0…1; nil where it has only one.
    public var coherence: Double?
    /// Its words, the heaviest first.
    public var words: [Word]
    /// Contents that are most like it.
    public var typical: [PhaseKey]

    /// A word of a topic.
    public struct Word: Codable, Sendable, Hashable {
        /// The word in lower case.
        public var word: String
        /// Class TF-IDF.
        public var weight: Double
    }
}
