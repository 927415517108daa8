import Inference

/// What a model version has said, and how surely.
public struct ModelFigures: Sendable, Hashable, Encodable {
    /// The model version.
    public var model: AnalysedModel
    /// Contents with a text, which it could have judged.
    public var contents: Int
    /// Verdicts on current texts.
    public var verdicts = 0
    /// Verdicts by sentiment; a sentiment that it cannot express has none.
    public var labels: [Sentiment: Int] = [:]
    /// Failures on current texts.
    public var failed = 0
    /// Verdicts and failures on texts that have been edited since.
    public var stale = 0
    /// Verdicts on texts that were longer than the model reads.
    public var truncated = 0
    /// Verdicts whose score is exactly 1.
    public var perfect = 0
    /// Verdicts taken over from equal texts.
    public var reused = 0
    /// Mean confidence, 0…1; nil without verdicts.
    public var meanConfidence: Double?
    /// Verdicts by confidence, in bins of 0.05 from 0 to 1.
    public var confidenceBins = [Int](repeating: 0, count: ConfidenceTally.bins)

    /// Share of the contents that have a verdict; nil without contents.
    public var coverage: Double? { contents > 0 ? Double(verdicts) / Double(contents) : nil }
    /// Contents without a verdict on their current text.
    public var missing: Int { max(contents - verdicts, 0) }

    /// Sums up the tallies of one model.
    init(_ model: AnalysedModel, contents: Int, tallies: [ConfidenceTally]) {
        self.model = model
        self.contents = contents
        var sum = 0.0
        for tally in tallies {
            if tally.isStale {
                stale += tally.count
                continue
            }
            guard let sentiment = tally.sentiment else {
                failed += tally.count
                continue
            }
            verdicts += tally.count
            labels[sentiment, default: 0] += tally.count
            truncated += tally.truncated
            perfect += tally.perfect
            reused += tally.reused
            sum += tally.confidence
            confidenceBins[tally.bin] += tally.count
        }
        if verdicts > 0 { meanConfidence = sum / Double(verdicts) }
    }

    /// Verdicts of a sentiment; nil when the model cannot express it.
    public func count(_ sentiment: Sentiment) -> Int? {
        model.sentiments.contains(sentiment) ? labels[sentiment] ?? 0 : nil
    }

    enum CodingKeys: String, CodingKey {
        case contents, verdicts, positive, neutral, negative, failed, stale, truncated, perfect, reused, coverage
        case modelID = "model_id"
        case modelVersion = "model_version"
        case meanConfidence = "mean_confidence"
        case confidenceBins = "confidence_bins"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model.modelID, forKey: .modelID)
        try container.encode(model.modelVersion, forKey: .modelVersion)
        try container.encode(contents, forKey: .contents)
        try container.encode(verdicts, forKey: .verdicts)
        try container.encode(coverage, forKey: .coverage)
        try container.encode(count(.positive), forKey: .positive)
        try container.encode(count(.neutral), forKey: .neutral)
        try container.encode(count(.negative), forKey: .negative)
        try container.encode(failed, forKey: .failed)
        try container.encode(stale, forKey: .stale)
        try container.encode(truncated, forKey: .truncated)
        try container.encode(perfect, forKey: .perfect)
        try container.encode(reused, forKey: .reused)
        try container.encode(meanConfidence, forKey: .meanConfidence)
        try container.encode(confidenceBins, forKey: .confidenceBins)
    }
}
