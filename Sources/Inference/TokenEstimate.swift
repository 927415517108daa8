/// How many tokens a text of so many bytes will be, before any tokenizer has seen it.
///
/// Tokens = `special` + ratio × bytes. The ratio begins at a constant and follows what the models report: the tokens of the
/// last few hundred texts over their bytes, older texts counting less and less. Sums and not a mean of ratios, so that many
/// short texts do not outweigh the long ones, for which it matters.
public struct TokenEstimate: Sendable, Equatable {
    /// Tokens per UTF-8 byte before anything was measured: the median of 85 real posts (0.213) with a BERT tokenizer.
    public static let initialRatio = 0.21
    /// Tokens that a tokenizer adds to every text: one at each end.
    public static let special = 2
    /// Bytes that the initial ratio weighs as much as: a few texts overrule it.
    private static let initialWeight = 2000.0
    /// How much of the past stays with every text: half of it is gone after 138.
    private static let memory = 0.995

    private var tokens = Self.initialRatio * Self.initialWeight
    private var bytes = Self.initialWeight

    /// Begins with the constant.
    public init() {}

    /// Tokens per byte, as far as is known; more than 0, and 1 at most.
    public var ratio: Double { tokens / bytes }

    /// Tokens of a text of `bytes` UTF-8 bytes, at least those that every text has.
    public func tokens(bytes: Int) -> Int {
        Self.special + Int((ratio * Double(max(bytes, 0))).rounded(.up))
    }

    /// A text of `bytes` UTF-8 bytes had `tokens` tokens. What no tokenizer makes (more tokens than bytes) is not believed.
    public mutating func observe(bytes: Int, tokens: Int) {
        guard bytes > 0, tokens > Self.special, tokens - Self.special <= bytes else { return }
        self.tokens = self.tokens * Self.memory + Double(tokens - Self.special)
        self.bytes = self.bytes * Self.memory + Double(bytes)
    }

    /// What the models said about a text of `bytes` bytes. The model that reads the most tokens counts, as the others share
    /// its request.
    public mutating func observe(bytes: Int, _ results: ModelResults) {
        let lengths = results.models.values.compactMap { outcome -> Int? in
            guard case .prediction(let prediction) = outcome else { return nil }
            return prediction.meta.processing.tokens
        }
        if let longest = lengths.max() { observe(bytes: bytes, tokens: longest) }
    }
}
