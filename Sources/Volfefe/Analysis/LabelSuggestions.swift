import GRDB
import Inference

/// What to label next.
public struct LabelSuggestions: Sendable, Hashable, Encodable {
    /// How contents are ranked.
    public enum Strategy: String, Sendable, Hashable, CaseIterable, Encodable {
        /// By how far sure models contradict each other.
        case disagreement
        /// By the entropy of what they say, however sure they are.
        case voteEntropy = "vote-entropy"
        /// By the entropy of their mean.
        case entropy
        /// By chance, the same one every time: the only one whose labels stand for all contents.
        case random
    }

    /// A content without a label.
    public struct Suggestion: Sendable, Hashable, Encodable {
        /// Its id.
        public var contentID: Int64
        /// What it ranks by: bits, or for `random` a number in 0 ..< 1.
        public var score: Double
        /// Entropy of the models' mean less their mean entropy, in bits.
        public var disagreement: Double
        /// Entropy of what the models say, in bits.
        public var voteEntropy: Double
        /// Entropy of the models' mean, in bits.
        public var entropy: Double
        /// What each model said.
        public var verdicts: [Disagreements.Verdict] = []
        /// The text.
        public var text = ""

        enum CodingKeys: String, CodingKey {
            case score, disagreement, entropy, verdicts, text
            case contentID = "content_id"
            case voteEntropy = "vote_entropy"
        }
    }

    /// How they are ranked.
    public var strategy: Strategy
    /// Calibration of the probabilities; nil: none.
    public var calibration: String?
    /// The models.
    public var models: [AnalysedModel]
    /// Contents with verdicts and words, but without a label.
    public var unlabelled: Int
    /// The first of them, one of each text.
    public var contents: [Suggestion]
}

/// The best of many, in the memory of a few.
struct Best {
    private let limit: Int
    private(set) var count = 0
    private var kept: [LabelSuggestions.Suggestion] = []

    init(limit: Int) { self.limit = limit }

    mutating func add(_ suggestion: LabelSuggestions.Suggestion) {
        count += 1
        kept.append(suggestion)
        if kept.count >= 4 * limit + 64 { kept = sorted }
    }

    /// The first `limit`, highest score first, then by content id.
    var sorted: [LabelSuggestions.Suggestion] {
        Array(kept.sorted { ($1.score, $0.contentID) < ($0.score, $1.contentID) }.prefix(limit))
    }
}

extension Store {
    /// The `top` contents without a label that would tell most, one of each text; texts of links only are left out.
    ///
    /// Throws `VolfefeError.notFound` for a source that does not exist.
    public func labelSuggestions(
        by strategy: LabelSuggestions.Strategy, models: [AnalysedModel], calibration: Calibration? = nil,
        source: String? = nil, top: Int
    ) async throws -> LabelSuggestions {
        let scalings = models.map { calibration?.scaling(of: $0) }
        return try await read { [path] db in
            if let source { _ = try Self.sourceID(of: source, in: db, path: path) }
            // Some more, as equal texts are left out afterwards.
            var best = Best(limit: 2 * top + 50)
            var members: [Committee.Member] = []
            var current: Int64?
            func finish() {
                if let current, !members.isEmpty { best.add(.init(current, Committee(members), strategy)) }
                members.removeAll(keepingCapacity: true)
            }
            let rows = try Row.fetchCursor(
                db, sql: Self.unlabelledVerdicts,
                arguments: ["versions": jsonArray(models.map(\.id)), "source": source])
            while let row = try rows.next() {
                let content: Int64 = row[0]
                if content != current { finish() }
                current = content
                let place: Int = row[1]
                guard let scores = Probabilities(positive: row[3], neutral: row[4], negative: row[5]) else { continue }
                members.append(
                    .init(
                        said: Sentiment(code: row[2]),
                        probabilities: scalings[place]?.apply(to: scores, fold: nil) ?? scores,
                        sentiments: models[place].sentiments))
            }
            finish()
            return LabelSuggestions(
                strategy: strategy, calibration: calibration?.name, models: models, unlabelled: best.count,
                contents: try Self.completed(best.sorted, models: models, top: top, in: db))
        }
    }

    /// With texts and verdicts, one of each text.
    private static func completed(
        _ ranked: [LabelSuggestions.Suggestion], models: [AnalysedModel], top: Int, in db: Database
    ) throws -> [LabelSuggestions.Suggestion] {
        var seen: Set<String> = []
        var chosen: [LabelSuggestions.Suggestion] = []
        for suggestion in ranked where chosen.count < top {
            let row = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT CAST(text AS BLOB) FROM contents WHERE id = ?"),
                arguments: [suggestion.contentID])
            let text = Self.text(row?[0])
            guard seen.insert(text).inserted else { continue }
            chosen.append(suggestion)
            chosen[chosen.count - 1].text = text
        }
        let verdicts = try verdicts(of: chosen.map(\.contentID), models: models, in: db)
        return chosen.map { suggestion in
            var suggestion = suggestion
            suggestion.verdicts = verdicts[suggestion.contentID] ?? []
            return suggestion
        }
    }

    /// A content's verdicts come one after another, as the loops keep their order.
    private static let unlabelledVerdicts = """
        WITH wanted AS MATERIALIZED (SELECT key AS place, value AS version FROM json_each(:versions))
        SELECT c.id, w.place, k.sentiment, k.score_positive, k.score_neutral, k.score_negative
        FROM contents AS c INDEXED BY contents_with_text
        CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
        CROSS JOIN wanted AS w ON w.version = k.model_version_id
        WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL
            AND (:source IS NULL OR c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source))
            AND NOT EXISTS (
                SELECT 1 FROM gold_labels AS l WHERE l.content_id = c.id AND l.text_version = c.text_version)
            AND NOT EXISTS (
                SELECT 1 FROM text_facts AS t
                WHERE t.content_id = c.id AND t.text_version = c.text_version AND t.url_only)
        """
}

extension LabelSuggestions.Suggestion {
    fileprivate init(_ contentID: Int64, _ committee: Committee, _ strategy: LabelSuggestions.Strategy) {
        let score =
            switch strategy {
            case .disagreement: committee.disagreement
            case .voteEntropy: committee.voteEntropy
            case .entropy: committee.entropy
            case .random: Self.chance(contentID)
            }
        self.init(
            contentID: contentID, score: score, disagreement: committee.disagreement,
            voteEntropy: committee.voteEntropy, entropy: committee.entropy)
    }

    /// A number in 0 ..< 1 that has nothing to do with the content but its id (SplitMix64: Steele, Lea and Flood, 2014).
    private static func chance(_ id: Int64) -> Double {
        var bits = UInt64(bitPattern: id) &* 0x9E37_79B9_7F4A_7C15
        bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
        return Double((bits ^ bits >> 31) >> 11) / Double(1 << 53)
    }
}
