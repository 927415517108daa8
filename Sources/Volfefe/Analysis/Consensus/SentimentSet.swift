import Inference

/// Some of the sentiments; the raw values are those of `consensus.tied` in the database.
public struct SentimentSet: OptionSet, Sendable, Hashable {
    /// Sum of 1 positive, 2 neutral, 4 negative.
    public let rawValue: Int

    /// From a sum of bits.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// Exactly these.
    init(_ sentiments: some Sequence<Sentiment>) {
        self.init(rawValue: sentiments.reduce(0) { $0 | Self($1).rawValue })
    }

    /// One of them.
    init(_ sentiment: Sentiment) {
        switch sentiment {
        case .positive: self.init(rawValue: 1)
        case .neutral: self.init(rawValue: 2)
        case .negative: self.init(rawValue: 4)
        }
    }

    /// Every sentiment.
    static let all = SentimentSet(Sentiment.allCases)

    /// Whether it has this one.
    func contains(_ sentiment: Sentiment) -> Bool { contains(Self(sentiment)) }

    /// Its sentiments, in the order of `Sentiment.allCases`.
    public var sentiments: [Sentiment] { Sentiment.allCases.filter { contains($0) } }
}
