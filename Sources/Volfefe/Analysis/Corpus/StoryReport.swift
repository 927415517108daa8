import Foundation

/// Which contents tell the same, as the newest run has found it.
public struct StoryReport: Sendable, Hashable, Encodable {
    /// A content of a story.
    public struct Content: Sendable, Hashable, Encodable {
        /// Its id.
        public var contentID: Int64
        /// Name of its source.
        public var source: String
        /// When it was published; nil when unknown.
        public var publishedAt: Date?
        /// Cosine to the likest other content of the story, 0…1.
        public var likeness: Double
        /// Whether its text was edited since.
        public var isStale: Bool
        /// The beginning of its text; nil where texts are not asked for.
        public var text: String?

        enum CodingKeys: String, CodingKey {
            case source, likeness, text
            case contentID = "content_id"
            case publishedAt = "published_at"
            case isStale = "stale"
        }

        /// Writes what is not known as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(contentID, forKey: .contentID)
            try container.encode(source, forKey: .source)
            try container.encode(publishedAt, forKey: .publishedAt)
            try container.encode(likeness, forKey: .likeness)
            try container.encode(isStale, forKey: .isStale)
            if let text { try container.encode(text, forKey: .text) }
        }
    }

    /// A story.
    public struct Story: Sendable, Hashable, Encodable {
        /// Its number: by size, another one in the next run.
        public var story: Int
        /// Contents that are in it now.
        public var contents: Int
        /// Their sources, by name.
        public var sources: [String]
        /// Publication of the first and the last; nil without a date.
        public var first, last: Date?
        /// Contents whose text was edited since.
        public var stale: Int
        /// The beginning of its first content's text; nil where texts are not asked for.
        public var text: String?
        /// Its contents, first published first; empty in a list of stories.
        public var members: [Content] = []

        enum CodingKeys: String, CodingKey { case story, contents, sources, first, last, stale, text, members }

        /// Writes what is not known as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(story, forKey: .story)
            try container.encode(contents, forKey: .contents)
            try container.encode(sources, forKey: .sources)
            try container.encode(first, forKey: .first)
            try container.encode(last, forKey: .last)
            try container.encode(stale, forKey: .stale)
            if let text { try container.encode(text, forKey: .text) }
            if !members.isEmpty { try container.encode(members, forKey: .members) }
        }
    }

    /// The run that found them; nil: there has been none.
    public var run: CorpusSummary?
    /// How many there are, and how many contents are in them.
    public var total, inStories: Int
    /// By size; not more than were asked for.
    public var stories: [Story]

    /// Why there are none; nil when the phase has run.
    public var reason: String? { run == nil ? "the phase stories has not run yet" : nil }

    enum CodingKeys: String, CodingKey {
        case run, reason, total, stories
        case inStories = "in_stories"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(run, forKey: .run)
        try container.encode(reason, forKey: .reason)
        try container.encode(total, forKey: .total)
        try container.encode(inStories, forKey: .inStories)
        try container.encode(stories, forKey: .stories)
    }
}

/// Which stories to list.
public struct StoryFilter: Sendable, Hashable {
    /// Of this source by itself; nil: of the whole collection.
    public var source: String?
    /// Only those of several sources.
    public var acrossSources: Bool
    /// Only this one, with its contents.
    public var only: Int?
    /// At most so many.
    public var limit: Int
    /// With the beginnings of texts.
    public var withTexts: Bool

    /// Creates a filter.
    public init(
        source: String? = nil, acrossSources: Bool = false, only: Int? = nil, limit: Int = 50, withTexts: Bool = false
    ) {
        self.source = source
        self.acrossSources = acrossSources
        self.only = only
        self.limit = limit
        self.withTexts = withTexts
    }
}
