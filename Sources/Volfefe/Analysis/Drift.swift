import Foundation
import GRDB
import Inference

/// Whether models say other things of the texts of one period than of those of another.
public struct Drift: Sendable, Hashable, Encodable {
    /// A period, and what there is of it.
    public struct Side: Sendable, Hashable, Encodable {
        /// When.
        public var period: Period
        /// Contents with a text that were published in it.
        public var contents: Int
    }

    /// What a model said in one period.
    public struct Distribution: Sendable, Hashable, Encodable {
        /// Verdicts, and those of each sentiment; nil for one that the model cannot express.
        public var verdicts: Int
        /// Verdicts of each sentiment.
        public var positive, neutral, negative: Int?
        /// Mean confidence; nil without verdicts.
        public var meanConfidence: Double?

        enum CodingKeys: String, CodingKey {
            case verdicts, positive, neutral, negative
            case meanConfidence = "mean_confidence"
        }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(verdicts, forKey: .verdicts)
            try container.encode(positive, forKey: .positive)
            try container.encode(neutral, forKey: .neutral)
            try container.encode(negative, forKey: .negative)
            try container.encode(meanConfidence, forKey: .meanConfidence)
        }
    }

    /// How much something has shifted.
    public struct Shift: Sendable, Hashable, Encodable {
        /// Population stability index.
        public var psi: Stability
        /// Whether it may be chance.
        public var test: DriftTest
    }

    /// One model.
    public struct Model: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// What it said then and now.
        public var reference, current: Distribution
        /// Of its sentiments.
        public var labels: Shift
        /// Of its confidences.
        public var confidence: Shift
    }

    /// The two periods.
    public var reference, current: Side
    /// Contents with a text of which nobody knows when they were published; they cannot count.
    public var withoutDate: Int
    /// The models.
    public var models: [Model]

    enum CodingKeys: String, CodingKey {
        case reference, current, models
        case withoutDate = "without_date"
    }
}

/// The verdicts of one model in one period.
struct VerdictSample: Sendable {
    private(set) var counts = [0, 0, 0]
    private(set) var confidences: [Double] = []

    mutating func add(_ sentiment: Sentiment, confidence: Double) {
        counts[sentiment.position] += 1
        confidences.append(confidence)
    }

    mutating func sort() { confidences.sort() }

    fileprivate func distribution(of model: AnalysedModel) -> Drift.Distribution {
        func count(_ sentiment: Sentiment) -> Int? {
            model.sentiments.contains(sentiment) ? counts[sentiment.position] : nil
        }
        return .init(
            verdicts: confidences.count, positive: count(.positive), neutral: count(.neutral),
            negative: count(.negative),
            meanConfidence: confidences.isEmpty ? nil : confidences.reduce(0, +) / Double(confidences.count))
    }
}

extension Drift {
    init(
        _ models: [AnalysedModel], reference: Side, current: Side, withoutDate: Int, before: [VerdictSample],
        after: [VerdictSample]
    ) {
        self.reference = reference
        self.current = current
        self.withoutDate = withoutDate
        self.models = models.indices.map { index in
            let (then, now) = (before[index], after[index])
            return Model(
                model: models[index].name, reference: then.distribution(of: models[index]),
                current: now.distribution(of: models[index]),
                labels: Shift(
                    psi: Stability(reference: then.counts, current: now.counts),
                    test: .homogeneity(then.counts, now.counts)),
                confidence: Shift(
                    psi: Stability(reference: then.confidences, current: now.confidences),
                    test: KolmogorovSmirnov.test(then.confidences, now.confidences)))
        }
        let corrected = DriftTest.holm(self.models.flatMap { [$0.labels.test.pValue, $0.confidence.test.pValue] })
        for index in models.indices {
            self.models[index].labels.test.holm = corrected[2 * index]
            self.models[index].confidence.test.holm = corrected[2 * index + 1]
        }
    }
}

extension Store {
    /// Compares what models said of the texts that were published in two periods.
    ///
    /// Throws `VolfefeError.usage` when the periods overlap, as the tests need two samples.
    public func drift(of models: [AnalysedModel], from reference: Period, to current: Period) async throws -> Drift {
        guard !reference.overlaps(current) else {
            throw VolfefeError.usage("the periods \(reference) and \(current) overlap; take two that do not.")
        }
        return try await read { db in
            let before = try Self.samples(of: models, in: reference, db)
            let after = try Self.samples(of: models, in: current, db)
            let withoutDate = try Int.fetchOne(
                db, sql: "SELECT count(*) FROM contents WHERE text_hash IS NOT NULL AND published_at IS NULL")
            return Drift(
                models, reference: .init(period: reference, contents: before.contents),
                current: .init(period: current, contents: after.contents), withoutDate: withoutDate ?? 0,
                before: before.samples, after: after.samples)
        }
    }

    private static func samples(
        of models: [AnalysedModel], in period: Period, _ db: Database
    ) throws -> (contents: Int, samples: [VerdictSample]) {
        let arguments: StatementArguments = [
            "start": period.start.milliseconds, "end": period.end.milliseconds,
        ]
        let contents = try Int.fetchOne(
            db,
            sql: """
                SELECT count(*) FROM contents
                WHERE text_hash IS NOT NULL AND published_at >= :start AND published_at < :end
                """,
            arguments: arguments)
        var samples = models.map { _ in VerdictSample() }
        let rows = try Row.fetchCursor(
            db,
            sql: """
                WITH wanted AS MATERIALIZED (SELECT key AS place, value AS version FROM json_each(:versions))
                SELECT w.place, k.sentiment, k.confidence
                FROM contents AS c
                CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                CROSS JOIN wanted AS w ON w.version = k.model_version_id
                WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL
                    AND c.published_at >= :start AND c.published_at < :end
                """,
            arguments: arguments &+ ["versions": jsonArray(models.map(\.id))])
        while let row = try rows.next() { samples[row[0]].add(Sentiment(code: row[1]), confidence: row[2]) }
        for index in samples.indices { samples[index].sort() }
        return (contents ?? 0, samples)
    }
}
