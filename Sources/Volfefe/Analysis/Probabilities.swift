import Foundation
import Inference

/// A probability for each sentiment, summing to 1; 0 for one that the model does not have.
public struct Probabilities: Sendable, Hashable {
    /// In the order of `Sentiment.allCases`.
    var values: SIMD3<Double>

    init(_ values: SIMD3<Double>) { self.values = values }

    /// A model's scores divided by their sum, which rounding leaves a little off 1; nil without any above 0.
    init?(positive: Double?, neutral: Double?, negative: Double?) {
        let scores = SIMD3(positive ?? 0, neutral ?? 0, negative ?? 0)
        let sum = scores.sum()
        guard sum > 0 else { return nil }
        values = scores / sum
    }

    /// All on one sentiment.
    init(certain sentiment: Sentiment) {
        values = .zero
        values[sentiment.position] = 1
    }

    /// The probability of a sentiment, 0…1.
    public subscript(sentiment: Sentiment) -> Double { values[sentiment.position] }

    /// Shannon entropy in bits.
    var entropy: Double {
        var sum = 0.0
        for position in 0..<3 where values[position] > 0 { sum -= values[position] * log2(values[position]) }
        return sum
    }
}

extension Sentiment {
    /// Place in `Sentiment.allCases`.
    var position: Int {
        switch self {
        case .positive: 0
        case .neutral: 1
        case .negative: 2
        }
    }
}
