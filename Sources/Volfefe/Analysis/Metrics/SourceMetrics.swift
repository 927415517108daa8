import Foundation

/// Figures of one source, or of all together.
public struct SourceMetrics: Sendable, Hashable, Encodable {
    /// Contents in a language.
    public struct Language: Sendable, Hashable, Encodable {
        /// ISO 639; nil: too few letters to tell.
        public var language: String?
        /// Contents.
        public var contents: Int
        /// Those whose score is below .5: a guess.
        public var guesses: Int

        enum CodingKeys: String, CodingKey { case language, contents, guesses }

        /// Writes what is not known as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(language, forKey: .language)
            try container.encode(contents, forKey: .contents)
            try container.encode(guesses, forKey: .guesses)
        }
    }

    /// An entity and how many contents name it.
    public struct Entity: Sendable, Hashable, Encodable {
        /// `entities.id`.
        public var entityID: Int64
        /// Its name.
        public var name: String
        /// company, organisation, person, place or asset.
        public var type: String
        /// Contents that name it.
        public var contents: Int

        enum CodingKeys: String, CodingKey {
            case name, type, contents
            case entityID = "entity_id"
        }
    }

    /// A topic of the collection and how many contents belong to it.
    public struct Topic: Sendable, Hashable, Encodable {
        /// Its number.
        public var topic: Int
        /// Its first words.
        public var words: String
        /// Contents.
        public var contents: Int
    }

    /// What topics there are of the collection.
    public struct Topics: Sendable, Hashable, Encodable {
        /// Mean coherence, 0…1, of the whole collection; nil without topics.
        public var coherence: Double?
        /// Contents of no topic.
        public var outliers: Int
        /// By number.
        public var topics: [Topic]

        enum CodingKeys: String, CodingKey { case coherence, outliers, topics }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(coherence, forKey: .coherence)
            try container.encode(outliers, forKey: .outliers)
            try container.encode(topics, forKey: .topics)
        }
    }

    /// Stories of the collection.
    public struct Stories: Sendable, Hashable, Encodable {
        /// Stories with a content here; those of them that are in several sources; contents here that are in one.
        public var stories, acrossSources, contents: Int

        enum CodingKeys: String, CodingKey {
            case stories, contents
            case acrossSources = "across_sources"
        }
    }

    /// Contents of a week.
    public struct Week: Sendable, Hashable, Encodable {
        /// Its Monday, UTC; nil: without a date.
        public var week: String?
        /// Contents that were published in it, and those of them that have a text.
        public var contents, withText: Int

        enum CodingKeys: String, CodingKey {
            case week, contents
            case withText = "with_text"
        }

        /// Writes what is not known as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(week, forKey: .week)
            try container.encode(contents, forKey: .contents)
            try container.encode(withText, forKey: .withText)
        }
    }

    /// Name of the source; nil: all together.
    public var source: String?
    /// How far it has come.
    public var processingLevel = ProcessingLevel.none
    /// The newest of what the figures were computed from: a content, a verdict, the end of a phase; nil without contents.
    public var lastUpdated: Date?
    /// Contents, and those with a text.
    public var contents = 0, withText = 0
    /// Publication of the first and the last; nil without a date.
    public var first, last: Date?
    /// Every phase that has a status for each content, in their order.
    public var phases: [PhaseCoverage] = []
    /// The most contents first.
    public var languages: [Language] = []
    /// What each model says, the newest version of each.
    public var models: [ModelStatistics] = []
    /// The most contents first; not more than are shown.
    public var entities: [Entity] = []
    /// nil: the phase has not run on the whole collection.
    public var topics: Topics?
    /// nil: the phase has not run on the whole collection.
    public var stories: Stories?
    /// Ascending; without a date first.
    public var weeks: [Week] = []

    /// Figures of nothing yet.
    public init(source: String?) {
        self.source = source
    }

    /// Phase → coverage, 0…1; nil where nothing is due.
    public var coverage: [String: Double?] {
        Dictionary(uniqueKeysWithValues: phases.map { ($0.phase.rawValue, $0.coverage) })
    }

    enum CodingKeys: String, CodingKey {
        case source, contents, first, last, phases, coverage, languages, models, entities, topics, stories, weeks
        case processingLevel = "processing_level"
        case lastUpdated = "last_updated"
        case withText = "with_text"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(source, forKey: .source)
        try container.encode(processingLevel, forKey: .processingLevel)
        try container.encode(lastUpdated, forKey: .lastUpdated)
        try container.encode(contents, forKey: .contents)
        try container.encode(withText, forKey: .withText)
        try container.encode(first, forKey: .first)
        try container.encode(last, forKey: .last)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(phases, forKey: .phases)
        try container.encode(languages, forKey: .languages)
        try container.encode(models, forKey: .models)
        try container.encode(entities, forKey: .entities)
        try container.encode(topics, forKey: .topics)
        try container.encode(stories, forKey: .stories)
        try container.encode(weeks, forKey: .weeks)
    }
}

/// Figures of a collection: all together first, then source by source.
public struct CollectionMetrics: Sendable, Hashable, Encodable {
    /// When they were computed, from one snapshot.
    public var computedAt: Date
    /// All together, where every source was asked for; then each source by name.
    public var sources: [SourceMetrics]

    /// All together; nil when one source was asked for.
    public var all: SourceMetrics? { sources.first { $0.source == nil } }

    enum CodingKeys: String, CodingKey {
        case sources
        case computedAt = "computed_at"
    }
}
