import Foundation
import Inference

/// What a model's figures on gold labels are computed from: counts and sums, one content after the other.
struct Scorecard: Sendable, Hashable {
    /// Smallest probability that log loss counts with, as scikit-learn's: a score that was rounded to 0 is no certainty.
    static let smallest = Double.ulpOfOne

    /// What the model is able to say.
    let expressible: [Sentiment]
    private(set) var confusion: ConfusionTable
    private(set) var reliability = Reliability()
    private(set) var brier = Moments()
    private(set) var logLoss = Moments()
    /// Contents whose gold label had the score 0, although the model can say it.
    private(set) var impossible = 0
    /// Contents whose gold label the model cannot say.
    private(set) var inexpressible = 0

    /// Counts over `labels` of a model that can say `expressible`.
    init(labels: [Sentiment], expressible: [Sentiment]) {
        self.expressible = expressible
        confusion = ConfusionTable(labels: labels)
    }

    /// Counts a content; without probabilities (a vote) only what was said.
    mutating func add(gold: Sentiment, said: Sentiment, _ probabilities: Probabilities?) {
        confusion.add(gold, said)
        guard let probabilities else { return }
        reliability.add(confidence: probabilities[said], isRight: gold == said)
        var difference = probabilities.values
        difference[gold.position] -= 1
        brier.add((difference * difference).sum())
        guard expressible.contains(gold) else {
            inexpressible += 1
            return
        }
        if probabilities[gold] < Self.smallest { impossible += 1 }
        logLoss.add(-log(min(max(probabilities[gold], Self.smallest), 1 - Self.smallest)))
    }
}
