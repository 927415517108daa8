import Inference

/// Tokens that texts have, and tokens that were computed because shorter ones are padded to the longest of their batch.
///
/// Workers sort the texts of a request by length and cut them into batches; each result says how many texts ran
/// together. Sorted alike and cut at those sizes, the batches are found again. What an engine pads beyond the longest
/// text, to a shape that it likes, is not seen.
struct Padding: Codable, Sendable, Hashable {
    private(set) var tokens = 0
    private(set) var computed = 0

    /// Computed ÷ real tokens; nil without any.
    var overhead: Double? { tokens > 0 ? Double(computed) / Double(tokens) : nil }

    /// Counts one request: what each of its texts was said to have taken; `limit` is the model's longest input.
    mutating func count(_ request: [Prediction.Processing], limit: Int?) {
        let sorted =
            request
            .compactMap { text in text.tokens.map { (length: min($0, limit ?? $0), together: max(text.batchSize, 1)) } }
            .sorted { ($0.length, $0.together) < ($1.length, $1.together) }
        var begin = 0
        while begin < sorted.count {
            let batch = sorted[begin..<min(begin + sorted[begin].together, sorted.count)]
            tokens += batch.map(\.length).reduce(0, +)
            computed += batch.count * (batch.last?.length ?? 0)
            begin = batch.endIndex
        }
    }
}
