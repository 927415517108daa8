/// Which contents a phase is to look at.
public struct PhaseSelection: Sendable, Hashable {
    /// Only contents of this source; nil: of all.
    public var source: String?
    /// No contents of these sources.
    public var besides: [String]
    /// How often a content is tried that fails; it counts as failed after that.
    public var maxAttempts: Int
    /// Done before by another method or revision counts as missing, where this is one; nil: done is done.
    public var method: Int64?
    /// Everything counts as missing; whoever walks through by ascending id meets each content once all the same.
    public var isForced: Bool

    /// Creates a selection.
    public init(
        source: String? = nil, besides: [String] = [], maxAttempts: Int = 3, method: Int64? = nil,
        isForced: Bool = false
    ) {
        self.source = source
        self.besides = besides
        self.maxAttempts = maxAttempts
        self.method = method
        self.isForced = isForced
    }
}

/// A content that misses a phase.
public struct PhaseItem: Sendable, Hashable {
    /// Its id.
    public var contentID: Int64
    /// Version of `text`.
    public var textVersion: Int
    /// Its text.
    public var text: String
    /// Name of its source.
    public var source: String
    /// Attempts at this text that have failed.
    public var attempts: Int
}
