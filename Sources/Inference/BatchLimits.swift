/// How large a batch may be, and how long a text may be held back for a better one.
public struct BatchLimits: Sendable, Equatable {
    /// Texts in a batch at most.
    public var texts: Int
    /// Bytes of text in a batch at most, so that it fits a line of the protocol.
    public var bytes: Int
    /// Padded tokens in a batch at most: texts × tokens of the longest. A worker runs a request in parts of about 256, so
    /// this is how much of its time one request takes, whether its texts are short or long.
    public var tokens: Int
    /// Texts among which neighbours in length are looked for.
    public var window: Int
    /// How long a text is held back at most while all workers are busy.
    public var maxDelay: Duration

    /// Creates limits.
    public init(
        texts: Int = 32, bytes: Int = 1 << 20, tokens: Int = 2048, window: Int = 128,
        maxDelay: Duration = .milliseconds(50)
    ) {
        self.texts = max(texts, 1)
        self.bytes = max(bytes, 1)
        self.tokens = max(tokens, 1)
        self.window = max(window, 1)
        self.maxDelay = maxDelay
    }
}
