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
