import Inference

/// A value for each sentiment, without an array.
struct BySentiment<Value> {
    private var positive, neutral, negative: Value

    /// The same value for each.
    init(_ value: Value) {
        positive = value
        neutral = value
        negative = value
    }

    /// The value of a sentiment.
    subscript(_ sentiment: Sentiment) -> Value {
        get {
            switch sentiment {
            case .positive: positive
            case .neutral: neutral
            case .negative: negative
            }
        }
        set {
            switch sentiment {
            case .positive: positive = newValue
            case .neutral: neutral = newValue
            case .negative: negative = newValue
            }
        }
    }
}

extension BySentiment: Sendable where Value: Sendable {}
extension BySentiment: Equatable where Value: Equatable {}
extension BySentiment: Hashable where Value: Hashable {}
