import Inference

/// What the phases have found in the contents that an ingestion has brought; nothing in those that were known with it.
public struct IngestFindings: Codable, Sendable, Hashable {
    /// Contents that the phases have looked at.
    public var annotated: Int
    /// Failures: phase and code → contents.
    public var failed: [Failure]
    /// Languages by number of contents; a nil language stands for too few letters to tell.
    public var languages: [Language]
    /// Entities that most contents mention, ten at most.
    public var entities: [Entity]
    /// Different entities.
    public var distinctEntities: Int

    /// How often a phase failed in one way.
    public struct Failure: Codable, Sendable, Hashable {
        /// The phase.
        public var phase: Phase
        /// Code of the failure.
        public var code: String
        /// Contents.
        public var contents: Int
    }

    /// How many contents are in a language.
    public struct Language: Codable, Sendable, Hashable {
        /// ISO 639-1, else 639-3.
        public var language: String?
        /// Contents.
        public var contents: Int

        /// Writes both, the language as null where there is none.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(language, forKey: .language)
            try container.encode(contents, forKey: .contents)
        }

        enum CodingKeys: CodingKey {
            case language, contents
        }
    }

    /// How many contents mention an entity.
    public struct Entity: Codable, Sendable, Hashable {
        /// Canonical name.
        public var name: String
        /// company, organisation, person, place or asset.
        public var type: String
        /// Contents.
        public var contents: Int
    }

    enum CodingKeys: String, CodingKey {
        case annotated, failed, languages, entities
        case distinctEntities = "distinct_entities"
    }
}

/// Counts findings as they come. Pure.
struct FindingsTally {
    private struct Name: Hashable {
        let name, type: String
    }

    private struct Reason: Hashable {
        let phase: Phase
        let code: String
    }

    private static let listed = 10

    private var annotated = 0
    private var failed: [Reason: Int] = [:]
    private var languages: [String?: Int] = [:]
    private var entities: [Name: Int] = [:]

    /// Counts what was found in each content; nil: it was not looked at.
    mutating func add(_ found: [PhaseAnnotations?]) {
        for case .some(let found) in found {
            annotated += 1
            if case .success(let language) = found.language { languages[language.language, default: 0] += 1 }
            if case .success(let mentions) = found.entities {
                for name in Set(mentions.map { Name(name: $0.name, type: $0.type) }) { entities[name, default: 0] += 1 }
            }
            for phase in Phase.text {
                guard let failure = found.failure(of: phase.rawValue) else { continue }
                failed[Reason(phase: phase, code: failure.code), default: 0] += 1
            }
        }
    }

    /// The counts, the largest first.
    var report: IngestFindings {
        IngestFindings(
            annotated: annotated,
            failed: failed.map { .init(phase: $0.phase, code: $0.code, contents: $1) }
                .sorted { ($0.phase.rawValue, $0.code) < ($1.phase.rawValue, $1.code) },
            languages: languages.map { .init(language: $0, contents: $1) }
                .sorted { ($1.contents, $0.language ?? "") < ($0.contents, $1.language ?? "") },
            entities: Array(
                entities.map { .init(name: $0.name, type: $0.type, contents: $1) }
                    .sorted { ($1.contents, $0.name, $0.type) < ($0.contents, $1.name, $1.type) }
                    .prefix(Self.listed)),
            distinctEntities: entities.count)
    }
}
