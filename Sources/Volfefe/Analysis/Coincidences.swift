import Inference

/// What agreement among several raters is computed from: sums over contents that at least two have judged.
///
/// With n(c) ratings of sentiment c among the m of a content, `agreeing` is Σ over contents of Σ over c of
/// n(c)·(n(c) − 1) / (m − 1), and `totals` has Σ n(c): the coincidence matrix of Krippendorff, its diagonal summed.
struct Coincidences: Sendable, Hashable {
    private(set) var agreeing = 0.0
    private(set) var totals = [Double](repeating: 0, count: Sentiment.allCases.count)
    private(set) var contents = 0

    /// Counts `count` contents with these ratings by sentiment; fewer than two ratings say nothing about agreement.
    mutating func add(_ ratings: [Int], count: Int = 1) {
        let raters = ratings.reduce(0, +)
        guard raters > 1 else { return }
        contents += count
        let pairs = ratings.reduce(0) { $0 + $1 * ($1 - 1) }
        agreeing += Double(count * pairs) / Double(raters - 1)
        for (index, number) in ratings.enumerated() { totals[index] += Double(count * number) }
    }

    private var ratings: Double { totals.reduce(0, +) }
    private var hasOneSentiment: Bool { totals.count { $0 > 0 } < 2 }

    /// Fleiss' κ, Psychological Bulletin 76 (1971), of contents that all raters have judged: (P̄ − Pe) / (1 − Pe) with
    /// Pe = Σ p(c)². Nil where only one sentiment was ever said.
    var fleissKappa: Double? {
        guard !hasOneSentiment else { return nil }
        let n = ratings
        let observed = agreeing / n
        let expected = totals.reduce(0) { $0 + ($1 / n) * ($1 / n) }
        return (observed - expected) / (1 - expected)
    }

    /// Krippendorff's α for nominal data, 1 − Do / De (Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011);
    /// a content may miss ratings. Nil where only one sentiment was ever said.
    var krippendorffAlpha: Double? {
        guard !hasOneSentiment else { return nil }
        let n = ratings
        let chance = totals.reduce(0) { $0 + $1 * ($1 - 1) } / (n * (n - 1))
        return 1 - (1 - agreeing / n) / (1 - chance)
    }
}

/// Contents with the same ratings by sentiment, and how many there are.
struct RatingGroup: Sendable, Hashable {
    /// Ratings of each sentiment, in the order of `Sentiment.allCases`.
    var ratings: [Int]
    /// Contents.
    var count: Int
}

extension [RatingGroup] {
    /// Fleiss' κ with its interval; the groups must have one number of raters.
    var fleissKappa: Estimate { estimate(\.fleissKappa) }
    /// Krippendorff's α with its interval.
    var krippendorffAlpha: Estimate { estimate(\.krippendorffAlpha) }

    /// A coefficient ± 1.96 standard errors of the delete-one jackknife over contents, clipped to −1…1
    /// (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 11): no random numbers, and one pass over
    /// the groups, as contents with equal ratings leave the same sums behind.
    private func estimate(_ coefficient: (Coincidences) -> Double?) -> Estimate {
        let groups = filter { $0.ratings.reduce(0, +) > 1 && $0.count > 0 }
        var all = Coincidences()
        for group in groups { all.add(group.ratings, count: group.count) }
        guard all.contents > 0 else { return .undefined("no content was judged by two models") }
        guard let value = coefficient(all) else {
            return .undefined("only one sentiment was ever said")
        }
        return .coefficient(value, variance: Self.jackknife(groups, all, coefficient))
    }

    private static func jackknife(
        _ groups: [RatingGroup], _ all: Coincidences, _ coefficient: (Coincidences) -> Double?
    ) -> Double? {
        guard all.contents > 1 else { return nil }
        let n = Double(all.contents)
        var left: [(value: Double, count: Double)] = []
        for group in groups {
            var rest = all
            rest.add(group.ratings, count: -1)
            guard let value = coefficient(rest) else { return nil }
            left.append((value, Double(group.count)))
        }
        let mean = left.reduce(0) { $0 + $1.value * $1.count } / n
        return (n - 1) / n * left.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) * $1.count }
    }
}
