/// How long things took: count, sum, greatest, and quantiles from buckets that grow by a quarter of an octave.
///
/// A quantile is the upper bound of the bucket that it falls into, so it is at most 19 % too high, never too low.
public struct Distribution: Codable, Sendable, Equatable {
    /// Observations, their sum and the greatest, in milliseconds.
    public private(set) var count = 0
    public private(set) var sumMs = 0.0
    public private(set) var maxMs = 0.0

    /// Bucket i ends at 0.01 ms × 2^(i/4); the last one takes the rest (from about 3 hours on).
    private var buckets = [Int](repeating: 0, count: 120)

    /// Creates an empty distribution.
    public init() {}

    /// Counts one observation.
    public mutating func record(_ duration: Duration) {
        let ms = max(duration / .milliseconds(1), 0)
        count += 1
        sumMs += ms
        maxMs = max(maxMs, ms)
        var index = 0
        while index < buckets.count - 1, Self.bound(index) < ms { index += 1 }
        buckets[index] += 1
    }

    /// The value that a share `q` (0…1) of the observations does not exceed; nil without any.
    public func quantile(_ q: Double) -> Double? {
        guard count > 0 else { return nil }
        let rank = max(Int((q * Double(count)).rounded(.up)), 1)
        var seen = 0
        for (index, number) in buckets.enumerated() {
            seen += number
            if seen >= rank { return min(Self.bound(index), maxMs) }
        }
        return maxMs
    }

    private static let bounds: [Double] = (0..<120).map { index in
        var bound = 0.01
        for _ in 0..<(index / 4) { bound *= 2 }
        return bound * [1, 1.189_207_115, 1.414_213_562, 1.681_792_831][index % 4]
    }

    private static func bound(_ index: Int) -> Double { bounds[index] }

    enum CodingKeys: String, CodingKey {
        case count
        case sumMs = "sum_ms"
        case maxMs = "max_ms"
        case p50Ms = "p50_ms"
        case p95Ms = "p95_ms"
        case p99Ms = "p99_ms"
    }

    /// Reads what `encode` writes; the quantiles cannot be asked again.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        count = try container.decode(Int.self, forKey: .count)
        sumMs = try container.decode(Double.self, forKey: .sumMs)
        maxMs = try container.decode(Double.self, forKey: .maxMs)
    }

    /// Writes the sums and three quantiles.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(count, forKey: .count)
        try container.encode(sumMs, forKey: .sumMs)
        try container.encode(maxMs, forKey: .maxMs)
        try container.encodeIfPresent(quantile(0.5), forKey: .p50Ms)
        try container.encodeIfPresent(quantile(0.95), forKey: .p95Ms)
        try container.encodeIfPresent(quantile(0.99), forKey: .p99Ms)
    }
}
