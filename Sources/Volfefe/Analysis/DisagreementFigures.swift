import Inference

/// On how many contents models differ, and about what. Texts of links only are left out.
public struct DisagreementFigures: Sendable, Hashable, Encodable {
    /// Contents that at least two models have judged.
    public var judged = 0
    /// Those of them on which not all say the same.
    public var differing = 0
    /// Of those that differ: one model says positive and another negative.
    public var opposite = 0
    /// Of those that differ: the models differ only where one of two cannot say what the other said.
    public var inexpressible = 0
    /// Of those that differ: the rest, where one that could says neutral and another takes a side.
    public var neutral = 0
    /// Contents that all models have judged.
    public var judgedByAll = 0
    /// Of those, for each model: it says one thing and all the others, at least two, another.
    public var alone: [Int]
    /// The combinations of verdicts that differ, the most frequent first, ten at most.
    public var combinations: [Combination]

    /// What the models said, and on how many contents.
    public struct Combination: Sendable, Hashable, Encodable {
        /// In the order of the models; nil: no verdict.
        public var sentiments: [Sentiment?]
        /// Contents.
        public var contents: Int
    }

    /// Share of the judged contents on which the models differ.
    public var share: Estimate { .share(differing, of: judged) }

    /// Counts from the combinations of verdicts.
    init(_ patterns: VerdictPatterns) {
        alone = Array(repeating: 0, count: patterns.models.count)
        combinations = []
        for pattern in patterns.patterns where !pattern.isLinksOnly {
            let said = pattern.sentiments.compactMap(\.self)
            guard said.count > 1 else { continue }
            judged += pattern.count
            if said.count == patterns.models.count { judgedByAll += pattern.count }
            let different = Set(said)
            guard different.count > 1 else { continue }
            differing += pattern.count
            combinations.append(.init(sentiments: pattern.sentiments, contents: pattern.count))
            if different.isSuperset(of: [.positive, .negative]) {
                opposite += pattern.count
            } else if patterns.models.canSettle(pattern.sentiments) {
                neutral += pattern.count
            } else {
                inexpressible += pattern.count
            }
            if let odd = pattern.oddOneOut { alone[odd] += pattern.count }
        }
        combinations = Array(
            combinations.sorted { ($1.contents, $0.order) < ($0.contents, $1.order) }.prefix(10))
    }

    enum CodingKeys: String, CodingKey {
        case judged, differing, share, opposite, inexpressible, neutral, alone, combinations
        case judgedByAll = "judged_by_all"
    }

    /// Writes the share too.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(judged, forKey: .judged)
        try container.encode(differing, forKey: .differing)
        try container.encode(share, forKey: .share)
        try container.encode(opposite, forKey: .opposite)
        try container.encode(inexpressible, forKey: .inexpressible)
        try container.encode(neutral, forKey: .neutral)
        try container.encode(judgedByAll, forKey: .judgedByAll)
        try container.encode(alone, forKey: .alone)
        try container.encode(combinations, forKey: .combinations)
    }
}

extension DisagreementFigures.Combination {
    /// A fixed order among combinations of equally many contents.
    fileprivate var order: String { sentiments.map { $0?.rawValue ?? "~" }.joined(separator: ",") }
}

extension [AnalysedModel] {
    /// Whether two models that differ could each have said what the other said.
    fileprivate func canSettle(_ sentiments: [Sentiment?]) -> Bool {
        indices.contains { first in
            indices.contains { second in
                guard let one = sentiments[first], let other = sentiments[second], one != other else { return false }
                return self[first].sentiments.contains(other) && self[second].sentiments.contains(one)
            }
        }
    }
}

extension VerdictPatterns.Pattern {
    /// The place of the one model that differs from all others, of which there are at least two and which agree.
    fileprivate var oddOneOut: Int? {
        guard sentiments.count > 2, !sentiments.contains(nil) else { return nil }
        let odd = sentiments.indices.filter { place in
            Set(sentiments.indices.filter { $0 != place }.map { sentiments[$0] }).count == 1
        }
        return odd.count == 1 ? odd[0] : nil
    }
}
