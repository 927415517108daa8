/// An entity that found names are compared with.
public struct KnownEntity: Codable, Sendable, Hashable {
    /// What the caller calls it; shares its keys with found names, which become known by theirs.
    public var key: PhaseKey
    /// company, organisation, person, place or asset.
    public var type: String
    /// Its name.
    public var name: String
    /// Further names.
    public var aliases: [String]

    /// Creates an entity.
    public init(key: PhaseKey, type: String, name: String, aliases: [String] = []) {
        self.key = key
        self.type = type
        self.name = name
        self.aliases = aliases
    }
}

/// A name that a phase has found, to be decided on.
public struct FoundName: Codable, Sendable, Hashable {
    /// What the caller calls it.
    public var key: PhaseKey
    /// company, organisation, person, place or asset.
    public var type: String
    /// The name.
    public var name: String
    /// How sure the finder was, 0…1.
    public var confidence: Double

    /// Creates a name.
    public init(key: PhaseKey, type: String, name: String, confidence: Double = 1) {
        self.key = key
        self.type = type
        self.name = name
        self.confidence = confidence
    }
}

/// What becomes of a found name.
public struct Resolution: Codable, Sendable, Hashable {
    /// What a decision can be.
    public enum Verdict: String, Codable, Sendable {
        /// It is a name of a known entity, and an alias of it from now on.
        case merge
        /// It is an entity of its own, known from now on.
        case new
        /// A person has to decide.
        case review
    }

    /// The found name.
    public var key: PhaseKey
    /// The decision.
    public var verdict: Verdict
    /// The reason, in words.
    public var why: String
    /// The entity that it is merged into; nil otherwise.
    public var into: PhaseKey?
    /// Likeness of the two, 0…1; nil where nothing is like it.
    public var score: Double?
    /// For a person to choose from, best first, at most five.
    public var candidates: [Candidate]

    /// A known entity that is like the name.
    public struct Candidate: Codable, Sendable, Hashable {
        /// The entity.
        public var key: PhaseKey
        /// Its name.
        public var name: String
        /// Likeness, 0…1.
        public var score: Double
        /// The rule that gave it.
        public var why: String
    }
}

/// How often `resolve` decides as people did, on the shipped pairs on which its bands were not set.
public struct ResolutionCheck: Codable, Sendable, Hashable {
    /// With the dictionary, as it runs.
    public var asItRuns: Accuracy
    /// By letters alone.
    public var byLetters: Accuracy

    /// Counts, and the share of the decided pairs that is right with its 95 % Wilson interval.
    public struct Accuracy: Codable, Sendable, Hashable {
        /// Pairs in all, those that are decided, and those of them that are right.
        public var pairs, decided, right: Int
        /// Different ones that were merged, and equal ones that were kept apart.
        public var mergedWrongly, splitWrongly: Int
        /// Pairs left to a person.
        public var review: Int
        /// right ÷ decided with the ends of its interval, 0…1; nil when nothing is decided.
        public var accuracy, low, high: Double?
        /// The pairs that were decided wrongly; nil where they are not listed.
        public var wrong: [Pair]?

        enum CodingKeys: String, CodingKey {
            case pairs, decided, right, review, accuracy, low, high, wrong
            case mergedWrongly = "merged_wrongly"
            case splitWrongly = "split_wrongly"
        }
    }

    /// Two names, and whether a person called them the same.
    public struct Pair: Codable, Sendable, Hashable {
        /// The names.
        public var left, right: String
        /// company, organisation, person or place.
        public var type: String
        /// Their likeness, 0…1.
        public var score: Double
        /// What the person said.
        public var same: Bool
    }

    /// Reads the flat form of the wire.
    public init(from decoder: any Decoder) throws {
        asItRuns = try Accuracy(from: decoder)
        byLetters = try decoder.container(keyedBy: CodingKeys.self).decode(Accuracy.self, forKey: .byLetters)
    }

    /// Writes the flat form of the wire.
    public func encode(to encoder: any Encoder) throws {
        try asItRuns.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(byLetters, forKey: .byLetters)
    }

    enum CodingKeys: String, CodingKey {
        case byLetters = "by_letters"
    }
}
