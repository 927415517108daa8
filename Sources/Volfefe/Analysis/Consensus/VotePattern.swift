import Inference

/// What up to 31 models said of one content, two bits for each: 0 nothing, else the sentiment's code plus 2.
struct VotePattern: Sendable, Hashable, Comparable {
    private(set) var bits: Int64 = 0

    /// Nobody has said anything.
    init() {}

    /// What each model said; nil where it has no verdict.
    init(_ sentiments: [Sentiment?]) {
        for (voter, sentiment) in sentiments.enumerated() { self[voter] = sentiment }
    }

    /// What a model said.
    subscript(_ voter: Int) -> Sentiment? {
        get {
            switch bits >> (2 * Int64(voter)) & 3 {
            case 1: .negative
            case 2: .neutral
            case 3: .positive
            default: nil
            }
        }
        set {
            let shift = 2 * Int64(voter)
            let value = newValue.map { Int64($0.code + 2) } ?? 0
            bits = bits & ~(3 << shift) | value << shift
        }
    }

    /// The same without one of the models.
    func without(_ voter: Int) -> VotePattern {
        var rest = self
        rest[voter] = nil
        return rest
    }

    /// Whether any model said anything.
    var isEmpty: Bool { bits == 0 }

    static func < (first: VotePattern, second: VotePattern) -> Bool { first.bits < second.bits }
}
