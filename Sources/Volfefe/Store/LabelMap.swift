import Inference

/// What a model version calls its classes; says which raw outputs follow from the scores by sentiment.
struct LabelMap: Sendable {
    /// Raw labels in index order.
    let labels: [ModelSpecification.Label]

    /// The raw output that the scores imply, highest first, equal scores in index order.
    ///
    /// Nil when they imply none: two labels share a sentiment, or a label's sentiment has no score. The view
    /// `model_classifications` rebuilds the same in SQL.
    func impliedOutput(_ scores: [String: Double]) -> [Prediction.RawScore]? {
        guard Set(labels.map(\.sentiment)).count == labels.count else { return nil }
        var output: [Prediction.RawScore] = []
        for label in labels {
            guard let score = scores[label.sentiment.rawValue] else { return nil }
            output.append(.init(label: label.name, score: score))
        }
        // Swift's sort is stable.
        return output.sorted { $0.score > $1.score }
    }

    /// One line for an error message.
    var summary: String {
        "[" + labels.map { "\($0.name): \($0.sentiment.rawValue)" }.joined(separator: ", ") + "]"
    }
}

extension Sentiment {
    /// The number that stands for it in the database: its average is a mood from -1 to 1.
    var code: Int {
        switch self {
        case .positive: 1
        case .neutral: 0
        case .negative: -1
        }
    }

    /// The sentiment that a number of the database stands for.
    init(code: Int) { self = code > 0 ? .positive : code < 0 ? .negative : .neutral }
}
