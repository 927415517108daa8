import Crypto
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

extension ContentDraft {
    /// The identity of a content that came without one: `sha256:` and the first half of the text's hash, so that the same
    /// text is the same content however often it comes.
    public static func derivedID(_ text: String) -> String {
        let digest = SHA256.hash(data: Array(text.utf8)).prefix(16)
        return "sha256:" + digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
