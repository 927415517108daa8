/// How long things took: count, sum, greatest, and quantiles from buckets that grow by a quarter of an octave.
///
/// A quantile is the upper bound of the bucket that it falls into, so it is at most 19 % too high, never too low.
struct Distribution: Sendable {
    /// Observations, their sum and the greatest, in milliseconds.
    private(set) var count = 0
    private(set) var sumMs = 0.0
    private(set) var maxMs = 0.0

    /// Bucket i ends at 0.01 ms × 2^(i/4); the last one takes the rest (from about 3 hours on).
    private var buckets = [Int](repeating: 0, count: 120)

    /// Counts one observation.
    mutating func record(_ duration: Duration) {
        let ms = max(duration / .milliseconds(1), 0)
        count += 1
        sumMs += ms
        maxMs = max(maxMs, ms)
        var index = 0
        while index < buckets.count - 1, Self.bound(index) < ms { index += 1 }
        buckets[index] += 1
    }

    /// The value that a share `q` (0…1) of the observations does not exceed; nil without any.
    func quantile(_ q: Double) -> Double? {
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

    /// What there is to tell about it.
    var times: Times {
        Times(
            count: count, sumMs: sumMs, maxMs: maxMs, p50Ms: quantile(0.5), p95Ms: quantile(0.95), p99Ms: quantile(0.99)
        )
    }
}
