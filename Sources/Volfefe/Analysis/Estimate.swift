/// A figure with its 95 % interval; without a value, why there is none.
public struct Estimate: Sendable, Hashable, Encodable {
    /// The figure; nil where it is not defined.
    public var value: Double?
    /// Lower and upper end of the 95 % interval; nil where it cannot be computed.
    public var low: Double?
    /// Upper end of the interval.
    public var high: Double?
    /// Why there is no value, or no interval.
    public var reason: String?

    /// The 97.5 % point of the standard normal distribution.
    static let z = 1.959963984540054

    /// A figure that is not defined.
    static func undefined(_ reason: String) -> Estimate { Estimate(reason: reason) }

    /// A coefficient between −1 and 1 with a normal interval of `variance`, clipped; without an interval where all contents
    /// look alike, as their spread says nothing then about the next one.
    static func coefficient(_ value: Double, variance: Double?) -> Estimate {
        guard let variance, variance > 1e-15 else {
            return Estimate(value: value, reason: "the contents are too few or too alike for an interval")
        }
        let half = z * variance.squareRoot()
        return Estimate(value: value, low: max(value - half, -1), high: min(value + half, 1))
    }

    /// The share `hits` / `total` with the interval of Wilson (1927), which stays within 0…1 and is of use for few contents.
    public static func share(_ hits: Int, of total: Int) -> Estimate {
        guard total > 0 else { return .undefined("no contents") }
        let n = Double(total)
        let share = Double(hits) / n
        let square = z * z
        let centre = (share + square / (2 * n)) / (1 + square / n)
        let half = z * (share * (1 - share) / n + square / (4 * n * n)).squareRoot() / (1 + square / n)
        // At the ends the formula gives exactly 0 or 1, but for rounding.
        return Estimate(
            value: share, low: hits == 0 ? 0 : max(centre - half, 0), high: hits == total ? 1 : min(centre + half, 1))
    }

    enum CodingKeys: String, CodingKey { case value, low, high, reason }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(low, forKey: .low)
        try container.encode(high, forKey: .high)
        try container.encodeIfPresent(reason, forKey: .reason)
    }
}
