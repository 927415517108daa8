import GRDB
import Inference

/// How many gold labels there are.
public struct GoldTotals: Sendable, Hashable, Encodable {
    /// Contents with a gold label: what most of their annotators say.
    public var contents: Int
    /// Those of each sentiment.
    public var positive, neutral, negative: Int
    /// Contents on which no sentiment has most annotators; they have no gold label.
    public var ties: Int
    /// Labels of texts as they are now, of all annotators.
    public var labels: Int
    /// Labels of texts that were edited since; they count nowhere else.
    public var stale: Int
    /// Labels that were replaced; `gold_history` has them.
    public var replaced: Int
}

/// Gold labels by annotator and source, and how far annotators agree.
public struct GoldStatistics: Sendable, Hashable, Encodable {
    /// The labels of one annotator.
    public struct Annotator: Sendable, Hashable, Encodable {
        /// Who; nil: nobody was named.
        public var annotator: String?
        /// Labels of texts as they are now, and of each sentiment.
        public var labels, positive, neutral, negative: Int
        /// Share that is the gold label of its content, where several have labelled it and it is no tie.
        public var withMajority: Estimate

        enum CodingKeys: String, CodingKey {
            case annotator, labels, positive, neutral, negative
            case withMajority = "with_majority"
        }

        /// Writes a missing name as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(annotator, forKey: .annotator)
            try container.encode(labels, forKey: .labels)
            try container.encode(positive, forKey: .positive)
            try container.encode(neutral, forKey: .neutral)
            try container.encode(negative, forKey: .negative)
            try container.encode(withMajority, forKey: .withMajority)
        }
    }

    /// The labelled contents of one source.
    public struct Source: Sendable, Hashable, Encodable {
        /// Its name.
        public var source: String
        /// Its contents with a text, those with a gold label, and of each sentiment.
        public var contents, gold, positive, neutral, negative: Int
    }

    /// Two annotators who have labelled the same contents.
    public struct Pair: Sendable, Hashable, Encodable {
        /// Who; empty: nobody was named.
        public var first, second: String
        /// Contents that both have labelled.
        public var contents: Int
        /// Share on which both say the same.
        public var agreement: Estimate
        /// Cohen's κ.
        public var kappa: Estimate
    }

    /// All.
    public var totals: GoldTotals
    /// By name.
    public var annotators: [Annotator]
    /// By name.
    public var sources: [Source]
    /// Contents that at least two annotators have labelled.
    public var labelledTwice: Int
    /// Share of these on which all annotators say the same.
    public var allAgree: Estimate
    /// Krippendorff's α of the annotators.
    public var krippendorffAlpha: Estimate
    /// Annotators two by two.
    public var pairs: [Pair]

    enum CodingKeys: String, CodingKey {
        case totals, annotators, sources, pairs
        case labelledTwice = "labelled_twice"
        case allAgree = "all_agree"
        case krippendorffAlpha = "krippendorff_alpha"
    }
}

extension Store {
    /// How many gold labels there are.
    public func goldTotals() async throws -> GoldTotals { try await read { try Self.goldTotals(in: $0) } }

    /// Gold labels by annotator and source, and how far annotators agree.
    public func goldStatistics() async throws -> GoldStatistics {
        try await read { db in
            let groups = try Row.fetchAll(
                db,
                sql: """
                    SELECT positive, neutral, negative, count(*) AS contents
                    FROM gold
                    WHERE annotators > 1
                    GROUP BY positive, neutral, negative
                    ORDER BY positive, neutral, negative
                    """
            ).map { RatingGroup(ratings: [$0[0], $0[1], $0[2]], count: $0[3]) }
            let several = groups.reduce(0) { $0 + $1.count }
            let agreeing = groups.filter { $0.ratings.count { $0 > 0 } == 1 }.reduce(0) { $0 + $1.count }
            let none = Estimate.undefined("no content was labelled by two annotators")
            return GoldStatistics(
                totals: try Self.goldTotals(in: db), annotators: try Self.annotators(in: db),
                sources: try Self.goldSources(in: db), labelledTwice: several,
                allAgree: several > 0 ? .share(agreeing, of: several) : none,
                krippendorffAlpha: several > 0 ? groups.krippendorffAlpha : none, pairs: try Self.annotatorPairs(in: db)
            )
        }
    }

    private static func goldTotals(in db: Database) throws -> GoldTotals {
        let row = try Row.fetchOne(
            db,
            sql: """
                SELECT
                    count(sentiment) AS contents,
                    coalesce(sum(sentiment = 'positive'), 0) AS positive,
                    coalesce(sum(sentiment = 'neutral'), 0) AS neutral,
                    coalesce(sum(sentiment = 'negative'), 0) AS negative,
                    coalesce(sum(tie), 0) AS ties,
                    coalesce(sum(annotators), 0) AS labels,
                    (SELECT count(*) FROM gold_labels) AS stored,
                    (SELECT count(*) FROM gold_history) AS replaced
                FROM gold
                """)
        guard let row else {
            return GoldTotals(
                contents: 0, positive: 0, neutral: 0, negative: 0, ties: 0, labels: 0, stale: 0, replaced: 0)
        }
        let labels: Int = row["labels"]
        let stored: Int = row["stored"]
        return GoldTotals(
            contents: row["contents"], positive: row["positive"], neutral: row["neutral"], negative: row["negative"],
            ties: row["ties"], labels: labels, stale: stored - labels, replaced: row["replaced"])
    }

    private static func annotators(in db: Database) throws -> [GoldStatistics.Annotator] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    a.annotator,
                    count(*) AS labels,
                    sum(a.sentiment = 'positive') AS positive,
                    sum(a.sentiment = 'neutral') AS neutral,
                    sum(a.sentiment = 'negative') AS negative,
                    sum(g.annotators > 1 AND NOT g.tie) AS shared,
                    coalesce(sum(g.annotators > 1 AND a.sentiment = g.sentiment), 0) AS with_majority
                FROM gold AS g
                CROSS JOIN gold_annotations AS a ON a.content_id = g.content_id
                WHERE NOT a.stale
                GROUP BY a.annotator
                ORDER BY a.annotator
                """
        ).map { row in
            let shared: Int = row["shared"]
            return .init(
                annotator: row["annotator"], labels: row["labels"], positive: row["positive"], neutral: row["neutral"],
                negative: row["negative"],
                withMajority: shared > 0
                    ? .share(row["with_majority"], of: shared) : .undefined("nobody else has labelled these contents"))
        }
    }

    private static func goldSources(in db: Database) throws -> [GoldStatistics.Source] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    s.name AS source,
                    count(*) AS contents,
                    count(g.sentiment) AS gold,
                    coalesce(sum(g.sentiment = 'positive'), 0) AS positive,
                    coalesce(sum(g.sentiment = 'neutral'), 0) AS neutral,
                    coalesce(sum(g.sentiment = 'negative'), 0) AS negative
                FROM sources AS s
                JOIN contents AS c ON c.source_id = s.id AND c.text_hash IS NOT NULL
                LEFT JOIN gold AS g ON g.content_id = c.id
                GROUP BY s.name
                ORDER BY s.name
                """
        ).map { row in
            .init(
                source: row["source"], contents: row["contents"], gold: row["gold"], positive: row["positive"],
                neutral: row["neutral"], negative: row["negative"])
        }
    }

    private static func annotatorPairs(in db: Database) throws -> [GoldStatistics.Pair] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT a.annotator AS first, b.annotator AS second, a.sentiment, b.sentiment, count(*) AS contents
                FROM gold_labels AS a
                CROSS JOIN gold_labels AS b ON b.content_id = a.content_id AND b.annotator > a.annotator
                CROSS JOIN contents AS c INDEXED BY contents_with_text
                    ON c.id = a.content_id AND c.text_version = a.text_version AND c.text_hash IS NOT NULL
                WHERE b.text_version = a.text_version
                GROUP BY a.annotator, b.annotator, a.sentiment, b.sentiment
                ORDER BY a.annotator, b.annotator, a.sentiment, b.sentiment
                """)
        var pairs: [(first: String, second: String, table: ConfusionTable)] = []
        for row in rows {
            let (first, second): (String, String) = (row[0], row[1])
            if pairs.last?.first != first || pairs.last?.second != second {
                pairs.append((first, second, ConfusionTable()))
            }
            pairs[pairs.count - 1].table.add(Sentiment(code: row[2]), Sentiment(code: row[3]), count: row[4])
        }
        return pairs.map {
            .init(
                first: $0.first, second: $0.second, contents: $0.table.total, agreement: $0.table.agreement,
                kappa: $0.table.cohenKappa)
        }
    }
}
