import Foundation
import Inference

/// What the models say of one content taken together.
public struct ConsensusDecision: Sendable, Hashable {
    /// What came out.
    public enum Outcome: Sendable, Hashable {
        /// A sentiment.
        case sentiment(Sentiment)
        /// No sentiment: these have the same score.
        case tie(SentimentSet)
        /// No sentiment: fewer models than asked for have judged the content.
        case tooFew
    }

    /// What came out.
    public var outcome: Outcome
    /// Score of each sentiment, 0…1; what it is depends on the method.
    var scores: BySentiment<Double>
    /// Sentiments that have a score: those that a model said, for Dawid–Skene all that it knows.
    public var scored: SentimentSet
    /// Models that have judged the content.
    public var models: Int
    /// Models that say the outcome ÷ models that can say it; nil without a sentiment.
    public var agreement: Double?

    /// The sentiment; nil for a tie or too few models.
    public var sentiment: Sentiment? {
        if case .sentiment(let sentiment) = outcome { sentiment } else { nil }
    }
    /// The sentiments that tie; empty where there is no tie.
    public var tied: SentimentSet {
        if case .tie(let tied) = outcome { tied } else { [] }
    }
    /// Score of the outcome; nil without a sentiment.
    public var confidence: Double? { sentiment.flatMap { score($0) } }

    /// Score of a sentiment; nil where it has none.
    public func score(_ sentiment: Sentiment) -> Double? { scored.contains(sentiment) ? scores[sentiment] : nil }

    /// Scores that are this close are the same, as sums of equal parts in another order differ by less.
    static let tolerance = 1e-9

    /// Takes the highest score. `saying` and `able` count the models that say a sentiment and those that can.
    init(
        scores: BySentiment<Double>, scored: SentimentSet, saying: BySentiment<Int>, able: BySentiment<Int>,
        minimumModels: Int
    ) {
        self.scores = scores
        self.scored = scored
        models = Sentiment.allCases.reduce(0) { $0 + saying[$1] }
        guard models >= minimumModels else {
            outcome = .tooFew
            return
        }
        let best = scored.sentiments.reduce(0) { max($0, scores[$1]) }
        let highest = scored.sentiments.filter { scores[$0] >= best - Self.tolerance }
        guard highest.count == 1, let winner = highest.first else {
            outcome = .tie(SentimentSet(highest))
            return
        }
        outcome = .sentiment(winner)
        // A probable sentiment need not be one that a model can say.
        agreement = able[winner] > 0 ? Double(saying[winner]) / Double(able[winner]) : 0
    }
}

extension Double {
    /// Rounded to `digits` after the point the way Python's `round` does it: the nearest decimal to the exact binary value.
    func roundedDecimal(_ digits: Int) -> Double {
        let scale = digits == 2 ? 100.0 : 10_000.0
        let scaled = self * scale
        let fraction = scaled - scaled.rounded(.down)
        // Far from a half the product's own rounding cannot matter.
        guard abs(fraction - 0.5) < 1e-6 else { return scaled.rounded() / scale }
        return Double(String(format: "%.\(digits)f", self)) ?? self
    }
}
