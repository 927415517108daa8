import GRDB
import Inference

/// What a model version has said: counts, coverage, and how sure it was; of all contents or of a group of them.
public struct ModelStatistics: Sendable, Hashable, Encodable {
    /// How contents are grouped.
    public enum Grouping: String, Sendable, Hashable, CaseIterable {
        /// By the day (UTC) on which they were published.
        case day
        /// By the Monday of the week in which they were published.
        case week
        /// By their source.
        case source
        /// Not at all: one row per model version.
        case model
    }

    /// Day, Monday or source; nil: all, or without a date.
    public var group: String?
    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// Contents of the group that have a text.
    public var contents: Int
    /// Verdicts on current texts.
    public var verdicts: Int
    /// Verdicts by sentiment; nil for one that the model cannot express.
    public var positive, neutral, negative: Int?
    /// Failures on current texts.
    public var failed: Int
    /// Verdicts and failures on texts that have been edited since; they count nowhere else.
    public var stale: Int
    /// Verdicts on texts that were longer than the model reads.
    public var truncated: Int
    /// Verdicts taken over from equal texts.
    public var reused: Int
    /// Verdicts whose score is exactly 1 (`perfect_score`).
    public var perfect: Int
    /// Mean confidence, 0…1; nil without verdicts.
    public var meanConfidence: Double?

    /// Share of the contents that have a verdict; nil without contents.
    public var coverage: Double? { contents > 0 ? Double(verdicts) / Double(contents) : nil }
    /// Share of the verdicts whose score is exactly 1; nil without verdicts.
    public var perfectShare: Double? { verdicts > 0 ? Double(perfect) / Double(verdicts) : nil }

    enum CodingKeys: String, CodingKey {
        case group, contents, verdicts, positive, neutral, negative, failed, stale, truncated, reused, perfect, coverage
        case modelID = "model_id"
        case modelVersion = "model_version"
        case meanConfidence = "mean_confidence"
        case perfectShare = "perfect_share"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(group, forKey: .group)
        try container.encode(modelID, forKey: .modelID)
        try container.encode(modelVersion, forKey: .modelVersion)
        try container.encode(contents, forKey: .contents)
        try container.encode(verdicts, forKey: .verdicts)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(positive, forKey: .positive)
        try container.encode(neutral, forKey: .neutral)
        try container.encode(negative, forKey: .negative)
        try container.encode(meanConfidence, forKey: .meanConfidence)
        try container.encode(perfect, forKey: .perfect)
        try container.encode(perfectShare, forKey: .perfectShare)
        try container.encode(truncated, forKey: .truncated)
        try container.encode(reused, forKey: .reused)
        try container.encode(failed, forKey: .failed)
        try container.encode(stale, forKey: .stale)
    }
}

extension Store {
    /// Statistics of these model versions by group, groups ascending (without a date first), models in their order.
    public func statistics(
        of models: [AnalysedModel], by grouping: ModelStatistics.Grouping
    ) async throws -> [ModelStatistics] {
        try await read { db in
            let arguments: StatementArguments = [
                "versions": jsonArray(models.map(\.id)), "grouping": grouping.rawValue,
                "perfect": QualityFlags.mask(["perfect_score"]).mask,
            ]
            let rows = try Row.fetchAll(
                db, sql: grouping == .model ? Self.ungroupedStatistics : Self.groupedStatistics, arguments: arguments)
            let sizes = try Row.fetchAll(
                db,
                sql: grouping == .model ? Self.contentsWithText : Self.contentsByGroup,
                arguments: grouping == .model ? [] : ["grouping": grouping.rawValue])
            let contents = Dictionary(
                sizes.map { ($0["group_name"] as String?, $0["contents"] as Int) }, uniquingKeysWith: +)
            let places = Dictionary(uniqueKeysWithValues: models.enumerated().map { ($0.element.id, $0.offset) })
            return rows.compactMap { row -> (Int, ModelStatistics)? in
                guard let place = places[row["model_version_id"]] else { return nil }
                return (place, Self.statistics(row, of: models[place], contents: contents))
            }
            .sorted { ($0.1.group ?? "", $0.0) < ($1.1.group ?? "", $1.0) }
            .map(\.1)
        }
    }

    private static func statistics(
        _ row: Row, of model: AnalysedModel, contents: [String?: Int]
    ) -> ModelStatistics {
        let group: String? = row["group_name"]
        func count(_ sentiment: Sentiment) -> Int? {
            model.sentiments.contains(sentiment) ? row[sentiment.rawValue] : nil
        }
        return ModelStatistics(
            group: group, modelID: model.modelID, modelVersion: model.modelVersion, contents: contents[group] ?? 0,
            verdicts: row["verdicts"], positive: count(.positive), neutral: count(.neutral), negative: count(.negative),
            failed: row["failed"], stale: row["stale"], truncated: row["truncated"], reused: row["reused"],
            perfect: row["perfect"], meanConfidence: row["mean_confidence"])
    }

    private static let contentsWithText = """
        SELECT NULL AS group_name, count(*) AS contents FROM contents WHERE text_hash IS NOT NULL
        """

    private static let contentsByGroup = """
        SELECT
            CASE :grouping
                WHEN 'day' THEN date(c.published_at / 1000, 'unixepoch')
                WHEN 'week' THEN date(c.published_at / 1000, 'unixepoch', 'weekday 0', '-6 days')
                ELSE (SELECT s.name FROM sources AS s WHERE s.id = c.source_id)
            END AS group_name,
            count(*) AS contents
        FROM contents AS c
        WHERE c.text_hash IS NOT NULL
        GROUP BY group_name
        """

    /// What is counted of the verdicts in `judged`, grouped or not.
    private static let figures = """
        sum(NOT is_stale AND error_code IS NULL) AS verdicts,
        sum(NOT is_stale AND sentiment IS 1) AS positive,
        sum(NOT is_stale AND sentiment IS 0) AS neutral,
        sum(NOT is_stale AND sentiment IS -1) AS negative,
        avg(CASE WHEN NOT is_stale THEN confidence END) AS mean_confidence,
        sum(NOT is_stale AND coalesce(flags, 0) & :perfect <> 0) AS perfect,
        sum(NOT is_stale AND truncated IS 1) AS truncated,
        sum(NOT is_stale AND error_code IS NULL AND is_reused) AS reused,
        sum(NOT is_stale AND error_code IS NOT NULL) AS failed,
        sum(is_stale) AS stale
        """

    /// Without the columns of contents that no index covers.
    private static let ungroupedStatistics = """
        WITH judged AS (
            SELECT
                NULL AS group_name, k.*,
                c.text_version IS NULL AS is_stale,
                u.content_id IS NOT NULL AS is_reused
            FROM classifications AS k
            LEFT JOIN contents AS c
                ON c.id = k.content_id AND c.text_version = k.text_version AND c.text_hash IS NOT NULL
            LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
            WHERE +k.model_version_id IN (SELECT value FROM json_each(:versions)))
        SELECT
            group_name, model_version_id,
            \(figures)
        FROM judged
        WHERE :grouping IS NOT NULL
        GROUP BY model_version_id
        """

    private static let groupedStatistics = """
        WITH judged AS (
            SELECT
                CASE :grouping
                    WHEN 'day' THEN date(c.published_at / 1000, 'unixepoch')
                    WHEN 'week' THEN date(c.published_at / 1000, 'unixepoch', 'weekday 0', '-6 days')
                    ELSE (SELECT s.name FROM sources AS s WHERE s.id = c.source_id)
                END AS group_name,
                k.*,
                c.text_version > k.text_version AS is_stale,
                u.content_id IS NOT NULL AS is_reused
            FROM classifications AS k
            JOIN contents AS c ON c.id = k.content_id
            LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
            WHERE +k.model_version_id IN (SELECT value FROM json_each(:versions)))
        SELECT
            group_name, model_version_id,
            \(figures)
        FROM judged
        GROUP BY group_name, model_version_id
        """
}
