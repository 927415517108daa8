import Inference

/// How the votes on a content become a decision.
protocol ConsensusRule: Sendable {
    /// Decides. `confidences` has one for each model, whatever for those without a verdict.
    func decision(_ pattern: VotePattern, confidences: [Double]) -> ConsensusDecision
}

/// Majority and weighted votes.
///
/// score(s) = Σ votes of the models that say s ÷ Σ weights of the models present that count for s, where a vote is 1 in a
/// majority and confidence × weight otherwise. A model counts for the sentiments that it can say (`own`), or for all. When
/// every model can say everything, or counts for everything, that is the plain sum over the models present.
struct VoteCount: ConsensusRule {
    private let method: ConsensusMethod
    private let minimumModels: Int
    private let weights: [Double]
    /// For which sentiments each model counts.
    private let abilities: [SentimentSet]

    /// The rule of a version that is not Dawid and Skene's.
    init(_ version: ConsensusVersion) {
        method = version.method
        minimumModels = version.minimumModels
        weights = version.voters.map(\.weight)
        abilities = version.abilities
    }

    func decision(_ pattern: VotePattern, confidences: [Double]) -> ConsensusDecision {
        var sums = BySentiment(0.0)
        var present = BySentiment(0.0)
        var saying = BySentiment(0)
        var able = BySentiment(0)
        var total = 0.0
        for voter in weights.indices {
            guard let said = pattern[voter] else { continue }
            let weight = weights[voter]
            total += weight
            saying[said] += 1
            sums[said] += method == .majority ? 1 : confidences[voter] * weight
            for sentiment in Sentiment.allCases where sentiment == said || abilities[voter].contains(sentiment) {
                present[sentiment] += weight
                able[sentiment] += 1
            }
        }
        var scores = BySentiment(0.0)
        var scored: SentimentSet = []
        for sentiment in Sentiment.allCases where saying[sentiment] > 0 {
            scored.insert(SentimentSet(sentiment))
            // At most 1, but for rounding.
            scores[sentiment] = min(1, sums[sentiment] / (method == .v1 ? max(total, 1) : present[sentiment]))
        }
        var decision = ConsensusDecision(
            scores: scores, scored: scored, saying: saying, able: able, minimumModels: minimumModels)
        if method == .v1 { decision.roundAsBefore() }
        return decision
    }
}

extension ConsensusVersion {
    /// For which sentiments each model counts.
    var abilities: [SentimentSet] {
        voters.map { labels == .all ? .all : SentimentSet($0.model.sentiments) }
    }
}

extension ConsensusDecision {
    /// Scores with four digits, agreement with two.
    fileprivate mutating func roundAsBefore() {
        for sentiment in Sentiment.allCases { scores[sentiment] = scores[sentiment].roundedDecimal(4) }
        agreement = agreement?.roundedDecimal(2)
    }
}
