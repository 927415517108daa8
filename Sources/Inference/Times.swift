/// How long things took, in milliseconds. A quantile is at most 19 % too high, never too low; nil without observations.
public struct Times: Codable, Sendable, Equatable {
    /// Observations.
    public var count = 0
    /// Their sum.
    public var sumMs = 0.0
    /// The greatest.
    public var maxMs = 0.0
    /// Median and upper quantiles.
    public var p50Ms, p95Ms, p99Ms: Double?

    enum CodingKeys: String, CodingKey {
        case count
        case sumMs = "sum_ms"
        case maxMs = "max_ms"
        case p50Ms = "p50_ms"
        case p95Ms = "p95_ms"
        case p99Ms = "p99_ms"
    }
}
