import Foundation

/// What to export.
public struct ExportSelection: Sendable, Hashable {
    /// What a row is.
    public var layout: ExportLayout
    /// Which model versions.
    public var models: [AnalysedModel]
    /// Name of the source; nil: all.
    public var source: String?
    /// Published then or later; nil: contents without a date too.
    public var since: Date?
    /// Published before.
    public var until: Date?

    /// Everything of these models.
    public init(layout: ExportLayout, models: [AnalysedModel]) {
        self.layout = layout
        self.models = models
    }

    /// The columns, in their order.
    public var columns: [ExportColumn] {
        Self.contentColumns + (layout == .long ? Self.verdictColumns : models.indices.flatMap(wideColumns))
    }

    /// What is known of a content.
    static let contentColumns: [ExportColumn] = [
        .init("content_id", .integer), .init("source", .text), .init("external_id", .text),
        .init("published_at", .time),
        .init("author", .text), .init("url", .text), .init("text", .text), .init("words", .integer),
        .init("links_only", .boolean),
    ]

    /// What is known of a verdict.
    static let verdictColumns: [ExportColumn] = [
        .init("model_id", .text), .init("model_version", .text), .init("sentiment", .text), .init("confidence", .real),
        .init("score_positive", .real), .init("score_neutral", .real), .init("score_negative", .real),
        .init("score_margin", .real), .init("entropy", .real), .init("flags", .names), .init("latency_ms", .real),
        .init("batch_size", .integer), .init("tokens", .integer), .init("truncated", .boolean),
        .init("first_call", .boolean), .init("engine", .text), .init("precision", .text),
        .init("reused_from", .integer),
        .init("run_id", .integer), .init("classified_at", .time),
    ]

    /// The columns of one model in a wide export: `vader_sentiment`, or `vader@3.3.2_sentiment` where two versions are in it.
    private func wideColumns(_ index: Int) -> [ExportColumn] {
        let model = models[index]
        let isAlone = models.count { $0.modelID == model.modelID } == 1
        let prefix = (isAlone ? model.modelID : model.name) + "_"
        return [
            .init(prefix + "sentiment", .text), .init(prefix + "confidence", .real), .init(prefix + "positive", .real),
            .init(prefix + "neutral", .real), .init(prefix + "negative", .real), .init(prefix + "score_margin", .real),
            .init(prefix + "entropy", .real), .init(prefix + "latency_ms", .real),
        ]
    }

    /// Columns of one model in a wide export.
    static let wideCount = 8
}
