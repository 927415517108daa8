import Foundation
import Inference

/// The result map of a text, as printed and as exchanged: `{"models": …, "text_info": …, "timestamp": …}`.
public struct ResultMap: Codable, Sendable {
    /// Line of the input, from 1, where there are several texts.
    public var line: Int?
    /// The caller's own id, where one was given.
    public var id: String?
    /// Content id, where the text is stored.
    public var contentID: Int64?
    /// Model id → outcome.
    public var models: [String: ModelOutcome]
    /// Facts of the text.
    public var textInfo: TextInfo?
    /// Seconds since 1970.
    public var timestamp: Double
    /// Why there are no models: the line could not be read, or held no text.
    public var error: ModelFailure?

    /// Creates a result map.
    public init(
        line: Int? = nil, id: String? = nil, contentID: Int64? = nil, results: ModelResults,
        timestamp: Double = Date().timeIntervalSince1970, error: ModelFailure? = nil
    ) {
        self.line = line
        self.id = id
        self.contentID = contentID
        self.models = results.models
        self.textInfo = results.textInfo
        self.timestamp = timestamp
        self.error = error
    }

    /// Whether every model answered.
    public var isComplete: Bool {
        guard error == nil else { return false }
        for case .failure in models.values { return false }
        return true
    }

    enum CodingKeys: String, CodingKey {
        case line, id, models, timestamp, error
        case contentID = "content_id"
        case textInfo = "text_info"
    }
}
