import Foundation

/// One content as read from an input, before it is stored.
public struct ContentDraft: Sendable, Hashable {
    /// Identity within its source.
    public var externalID: String
    /// Cleaned text; nil or empty where the content has none (a picture, a repost).
    public var text: String?
    /// Who wrote it.
    public var author: String?
    /// When it was published.
    public var publishedAt: Date?
    /// Where it was published.
    public var url: String?
    /// Every other field of the input, as a JSON object.
    public var meta: String?

    /// Creates a draft.
    public init(
        externalID: String, text: String?, author: String? = nil, publishedAt: Date? = nil, url: String? = nil,
        meta: String? = nil
    ) {
        self.externalID = externalID
        self.text = text
        self.author = author
        self.publishedAt = publishedAt
        self.url = url
        self.meta = meta
    }
}
