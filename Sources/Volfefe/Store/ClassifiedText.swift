import Inference

/// What the models said about one content.
public struct ClassifiedText: Sendable, Hashable {
    /// The content.
    public var contentID: Int64
    /// Version of the text that was classified.
    public var textVersion: Int
    /// What the models said.
    public var results: ModelResults
    /// Model id → the content with an equal text for which its prediction was computed; empty when they were computed for this one.
    public var reusedFrom: [String: Int64]

    /// Creates a classified text.
    public init(contentID: Int64, textVersion: Int, results: ModelResults, reusedFrom: [String: Int64] = [:]) {
        self.contentID = contentID
        self.textVersion = textVersion
        self.results = results
        self.reusedFrom = reusedFrom
    }
}
