import Foundation
import GRDB
import Inference

/// A content as it is stored.
public struct StoredContent: Sendable, Hashable {
    /// Its id.
    public var id: Int64
    /// Name of its source.
    public var source: String
    /// Its identity within the source.
    public var externalID: String
    /// Its text; nil where it has none.
    public var text: String?
    /// Version of the text, from 1; each edit adds one.
    public var textVersion: Int
    /// Who wrote it, when and where it was published.
    public var author: String?
    /// When it was published.
    public var publishedAt: Date?
    /// Where it was published.
    public var url: String?
    /// Every other field of the input, as a JSON object.
    public var meta: String?
    /// When it was stored first.
    public var insertedAt: Date
    /// When it was changed last.
    public var updatedAt: Date

    init(_ row: Row) {
        id = row["id"]
        source = row["source"]
        externalID = row["external_id"]
        text = (row["text"] as Data?).map { String(decoding: $0, as: UTF8.self) }
        textVersion = row["text_version"]
        author = row["author"]
        publishedAt = (row["published_at"] as Int64?).map(Date.init(milliseconds:))
        url = row["url"]
        meta = row["meta"]
        insertedAt = Date(milliseconds: row["inserted_at"])
        updatedAt = Date(milliseconds: row["updated_at"])
    }
}

/// A stored outcome: what one version of a model said about one content.
public struct Classification: Sendable, Hashable {
    /// The content.
    public var contentID: Int64
    /// Model id.
    public var modelID: String
    /// Version label of the model.
    public var modelVersion: String
    /// The prediction, equal to the one that was saved, or the failure.
    public var outcome: ModelOutcome
    /// Version of the text that was classified.
    public var textVersion: Int
    /// Whether the text has been edited since.
    public var isStale: Bool
    /// Attempts that it took, or that have failed so far.
    public var attempt: Int
    /// Number of the run.
    public var run: Int64
    /// When it was stored.
    public var insertedAt: Date
    /// The content with an equal text for which it was computed; nil when that is this one.
    public var reusedFrom: Int64?
    /// What computed it, for example `onnxruntime` and `fp32`; nil where its run never said.
    public var engine, precision: String?
}
