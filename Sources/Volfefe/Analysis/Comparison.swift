import Foundation
import GRDB
import Inference

/// Two models, or two versions of one, side by side.
public struct Comparison: Sendable, Hashable, Encodable {
    /// A content on which the two differ.
    public struct Flip: Sendable, Hashable, Encodable {
        /// The content.
        public var contentID: Int64
        /// What the first model said, and its confidence.
        public var first: Sentiment
        /// Confidence of the first, 0…1.
        public var firstConfidence: Double
        /// What the second model said.
        public var second: Sentiment
        /// Confidence of the second, 0…1.
        public var secondConfidence: Double
        /// The beginning of the text, at most 200 characters.
        public var text: String

        enum CodingKeys: String, CodingKey {
            case first, second, text
            case contentID = "content_id"
            case firstConfidence = "first_confidence"
            case secondConfidence = "second_confidence"
        }
    }

    /// The two models.
    public var first, second: AnalysedModel
    /// What the first said (rows) and the second (columns), on all contents that both have judged.
    public var confusion: ConfusionTable
    /// Share on which both say the same, on all labels and on the shared ones.
    public var agreement, sharedAgreement: Estimate
    /// Cohen's κ on all labels and on the shared ones.
    public var kappa, sharedKappa: Estimate
    /// Contents on which one said what the other cannot say.
    public var inexpressible: Int
    /// Contents that only one of them has judged.
    public var onlyFirst, onlySecond: Int
    /// Bowker's test, then McNemar's for each sentiment, on the shared labels.
    public var tests: [MarginalTest]
    /// Contents on which they differ, the surest first.
    public var flips: [Flip]

    init(_ patterns: VerdictPatterns, flips: [Flip]) {
        first = patterns.models[0]
        second = patterns.models[1]
        let pair = PairCounts(patterns.patterns, patterns.models, 0, 1)
        confusion = pair.all
        agreement = pair.all.agreement
        sharedAgreement = pair.shared.agreement
        kappa = pair.all.cohenKappa
        sharedKappa = pair.shared.cohenKappa
        inexpressible = pair.all.total - pair.shared.total
        func alone(_ index: Int) -> Int {
            patterns.patterns.filter { $0.sentiments[index] != nil && $0.sentiments[1 - index] == nil }
                .reduce(0) { $0 + $1.count }
        }
        onlyFirst = alone(0)
        onlySecond = alone(1)
        tests = [pair.shared.symmetryTest] + pair.shared.marginalTests
        self.flips = flips
    }

    enum CodingKeys: String, CodingKey {
        case first, second, confusion, agreement, kappa, inexpressible, tests, flips
        case sharedAgreement = "shared_agreement"
        case sharedKappa = "shared_kappa"
        case onlyFirst = "only_first"
        case onlySecond = "only_second"
    }
}

extension Store {
    /// Compares two model versions and lists at most `top` contents on which they differ.
    ///
    /// The surest come first: by how sure the less sure one is, opposites counting twice as much as neutral against one.
    public func compare(_ first: AnalysedModel, _ second: AnalysedModel, top: Int) async throws -> Comparison {
        let patterns = try await verdictPatterns([first, second])
        let flips = try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    WITH ranked AS (
                        SELECT
                            a.content_id, a.sentiment AS first, a.confidence AS first_confidence,
                            b.sentiment AS second, b.confidence AS second_confidence,
                            min(a.confidence, b.confidence) * abs(a.sentiment - b.sentiment) AS weight
                        FROM classifications AS a
                        JOIN classifications AS b ON b.content_id = a.content_id
                        JOIN contents AS c ON c.id = a.content_id
                            AND c.text_version = a.text_version AND c.text_version = b.text_version
                        WHERE a.model_version_id = :first AND b.model_version_id = :second
                            AND a.sentiment <> b.sentiment
                            AND c.text_hash IS NOT NULL
                        ORDER BY weight DESC, a.content_id
                        LIMIT :top)
                    SELECT r.*, CAST(substr(c.text, 1, 200) AS BLOB) AS text
                    FROM ranked AS r JOIN contents AS c ON c.id = r.content_id
                    ORDER BY r.weight DESC, r.content_id
                    """,
                arguments: ["first": first.id, "second": second.id, "top": top]
            ).map { row in
                Comparison.Flip(
                    contentID: row["content_id"], first: Sentiment(code: row["first"]),
                    firstConfidence: row["first_confidence"], second: Sentiment(code: row["second"]),
                    secondConfidence: row["second_confidence"], text: Self.text(row["text"]))
            }
        }
        return Comparison(patterns, flips: flips)
    }

    /// A text that was read as bytes, as it may hold a NUL.
    static func text(_ bytes: Data?) -> String { bytes.map { String(decoding: $0, as: UTF8.self) } ?? "" }
}
