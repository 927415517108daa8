/// What the phases have found in one text; nil for those that were not asked.
public struct PhaseAnnotations: Sendable, Hashable {
    /// The phases that look at each text by itself.
    public static let phases = ["language", "entities", "ner"]

    /// The language of the text.
    public var language: Result<LanguageFound, PhaseFailure>?
    /// Names that are nearly sure.
    public var entities: Result<[MentionFound], PhaseFailure>?
    /// Further names.
    public var ner: Result<[MentionFound], PhaseFailure>?

    /// Creates annotations of nothing.
    public init() {}

    /// Why a phase found nothing; nil when it was not asked or has done its work.
    public func failure(of phase: String) -> PhaseFailure? {
        func reason<Found>(_ result: Result<Found, PhaseFailure>?) -> PhaseFailure? {
            if case .failure(let failure) = result { failure } else { nil }
        }
        return switch phase {
        case "language": reason(language)
        case "entities": reason(entities)
        case "ner": reason(ner)
        default: nil
        }
    }

    /// The same failure for all of `phases`.
    init(_ failure: PhaseFailure, phases: [String]) {
        if phases.contains("language") { language = .failure(failure) }
        if phases.contains("entities") { entities = .failure(failure) }
        if phases.contains("ner") { ner = .failure(failure) }
    }
}

/// Why a phase could not look at a text.
public struct PhaseFailure: Error, Codable, Sendable, Hashable {
    /// Stable code: `bad_text`, `phase_error`, `bad_reply`, `timeout`, `worker_died`.
    public var code: String
    /// A sentence without words of the text.
    public var message: String

    /// Creates a failure.
    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }
}

/// The language of a text.
public struct LanguageFound: Codable, Sendable, Hashable {
    /// ISO 639-1, else 639-3; nil where there are too few letters to say.
    public var language: String?
    /// 0…1; below .5 it is a guess. Nil without a language.
    public var score: Double?

    /// Creates a finding.
    public init(language: String?, score: Double?) {
        self.language = language
        self.score = score
    }
}

/// A name that stands in a text.
public struct MentionFound: Codable, Sendable, Hashable {
    /// First code point of it in the text, and the one after its last.
    public var start, end: Int
    /// The characters between them.
    public var text: String
    /// The canonical name, or the one in the text as `ner` cleans it.
    public var name: String
    /// company, organisation, person, place or asset.
    public var type: String
    /// Ticker of a listed company; nil where there is none.
    public var ticker: String?
    /// What found it: cashtag, dictionary, ner.
    public var method: String
    /// Which kind of evidence it rests on.
    public var rule: String
    /// How often such evidence is right, 0…1.
    public var confidence: Double

    /// Creates a mention.
    public init(
        start: Int, end: Int, text: String, name: String, type: String, ticker: String? = nil, method: String,
        rule: String, confidence: Double
    ) {
        self.start = start
        self.end = end
        self.text = text
        self.name = name
        self.type = type
        self.ticker = ticker
        self.method = method
        self.rule = rule
        self.confidence = confidence
    }
}
