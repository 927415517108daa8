import Foundation

/// A job that is to be put into the queue.
public struct JobDraft: Sendable, Hashable {
    /// The kind of work.
    public var kind: String
    /// The content that it is about, if any.
    public var contentID: Int64?
    /// What no other job of its kind may share as long as it is not done with; nil: any number of them.
    public var uniqueKey: String?
    /// What its kind needs to know, as JSON.
    public var arguments: String?

    /// Creates a draft.
    public init(kind: String, contentID: Int64? = nil, uniqueKey: String? = nil, arguments: String? = nil) {
        self.kind = kind
        self.contentID = contentID
        self.uniqueKey = uniqueKey
        self.arguments = arguments
    }
}

/// Where and when jobs are put in.
public struct JobPlacement: Sendable, Hashable {
    /// The queue; it is made when it is not there.
    public var queue: String
    /// 0 goes first, 9 last.
    public var priority: Int
    /// Not to begin before; nil: at once.
    public var at: Date?
    /// Attempts that each may take.
    public var maxAttempts: Int

    /// Creates a placement.
    public init(queue: String = "default", priority: Int = 0, at: Date? = nil, maxAttempts: Int = 3) {
        self.queue = queue
        self.priority = min(max(priority, 0), 9)
        self.at = at
        self.maxAttempts = max(maxAttempts, 1)
    }
}
