import Inference

/// How much several models leave open about one text, in bits.
///
/// A model that cannot say a sentiment does not contradict those that do: in its place stands what the others, on average,
/// give to that sentiment, and its own probabilities share the rest.
struct Committee {
    /// Entropy of the mean distribution: what nobody knows yet about the label.
    let entropy: Double
    /// Mean of the models' own entropies: what each of them leaves open itself.
    let meanEntropy: Double
    /// Entropy of the votes (Dagan and Engelson, ICML 1995).
    let voteEntropy: Double

    /// Entropy of the mean less the mean entropy, at least 0: how much the label would tell about which model is right. For
    /// models it is the Jensen–Shannon divergence, for draws of one model's parameters BALD (Houlsby, Huszár, Ghahramani and
    /// Lengyel, 2011).
    var disagreement: Double { max(entropy - meanEntropy, 0) }

    /// What a model says: its probabilities, and the sentiments that it has.
    struct Member {
        var said: Sentiment
        var probabilities: Probabilities
        var sentiments: [Sentiment]
    }

    init(_ members: [Member]) {
        let distributions = Self.completed(members) { $0.probabilities.values }
        let votes = Self.completed(members) { Probabilities(certain: $0.said).values }
        entropy = Probabilities(Self.mean(distributions)).entropy
        meanEntropy = distributions.reduce(0) { $0 + Probabilities($1).entropy } / Double(max(members.count, 1))
        voteEntropy = Probabilities(Self.mean(votes)).entropy
    }

    private static func mean(_ values: [SIMD3<Double>]) -> SIMD3<Double> {
        values.reduce(.zero, +) / Double(max(values.count, 1))
    }

    private static func completed(_ members: [Member], _ values: (Member) -> SIMD3<Double>) -> [SIMD3<Double>] {
        guard members.contains(where: { $0.sentiments.count < 3 }) else { return members.map(values) }
        var others = SIMD3<Double>.zero
        for sentiment in Sentiment.allCases {
            let able = members.filter { $0.sentiments.contains(sentiment) }.map { values($0)[sentiment.position] }
            others[sentiment.position] = able.isEmpty ? 0 : able.reduce(0, +) / Double(able.count)
        }
        return members.map { member in
            var missing = SIMD3<Double>.zero
            for sentiment in Sentiment.allCases where !member.sentiments.contains(sentiment) {
                missing[sentiment.position] = others[sentiment.position]
            }
            return values(member) * (1 - missing.sum()) + missing
        }
    }
}
