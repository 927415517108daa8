/// Mean and variance of values that come one after another (Welford, Technometrics 4, 1962).
struct Moments: Sendable, Hashable {
    private(set) var count = 0
    private(set) var mean = 0.0
    private var squares = 0.0

    /// Takes a value.
    mutating func add(_ value: Double) {
        count += 1
        let before = value - mean
        mean += before / Double(count)
        squares += before * (value - mean)
    }

    /// The mean ± 1.96 standard errors, clipped to `range`.
    func estimate(in range: ClosedRange<Double>) -> Estimate {
        guard count > 0 else { return .undefined("no contents") }
        let variance = count > 1 ? squares / Double(count - 1) / Double(count) : nil
        return .normal(mean, variance: variance, in: range)
    }
}

extension Estimate {
    /// A figure with a normal interval of `variance`, clipped to what it can be; without an interval where all contents
    /// look alike.
    static func normal(_ value: Double, variance: Double?, in range: ClosedRange<Double>) -> Estimate {
        guard let variance, variance > 1e-15 else {
            return Estimate(value: value, reason: "the contents are too few or too alike for an interval")
        }
        let half = z * variance.squareRoot()
        return Estimate(
            value: value, low: max(value - half, range.lowerBound), high: min(value + half, range.upperBound))
    }
}
