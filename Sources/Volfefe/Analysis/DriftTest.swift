import Foundation

/// Whether two samples may well come from the same distribution.
public struct DriftTest: Sendable, Hashable, Encodable {
    /// How the p-value was computed.
    public enum Method: String, Sendable, Hashable, Encodable {
        /// Pearson's χ² of homogeneity.
        case chiSquared = "chi_squared"
        /// Two-sample Kolmogorov–Smirnov, exact.
        case exact
        /// Two-sample Kolmogorov–Smirnov, its limit for many contents.
        case asymptotic
    }

    /// How it was computed.
    public var method: Method
    /// χ², or the greatest distance of the two cumulative shares; nil where it is not defined.
    public var statistic: Double?
    /// Degrees of freedom of χ².
    public var degrees: Int?
    /// Probability of so great a difference if there were none.
    public var pValue: Double?
    /// The same, corrected for all tests of the answer (Holm, Scandinavian Journal of Statistics 6, 1979).
    public var holm: Double?
    /// Why there is none, or what makes it rough.
    public var reason: String?

    enum CodingKeys: String, CodingKey {
        case method, statistic, degrees, reason
        case pValue = "p_value"
        case holm = "p_holm"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(method, forKey: .method)
        try container.encode(statistic, forKey: .statistic)
        if method == .chiSquared { try container.encode(degrees, forKey: .degrees) }
        try container.encode(pValue, forKey: .pValue)
        try container.encode(holm, forKey: .holm)
        try container.encodeIfPresent(reason, forKey: .reason)
    }

    /// Pearson's χ² that two rows of counts (at most four columns) come from one distribution; columns without any content do
    /// not count. With one degree of freedom Yates' correction is applied, as SciPy's `chi2_contingency` does.
    static func homogeneity(_ reference: [Int], _ current: [Int]) -> DriftTest {
        var test = DriftTest(method: .chiSquared)
        let columns = zip(reference, current).filter { $0 + $1 > 0 }
        let (n, m) = (Double(reference.reduce(0, +)), Double(current.reduce(0, +)))
        guard n > 0, m > 0 else {
            test.reason = "one of the periods has no verdicts"
            return test
        }
        guard columns.count > 1 else {
            test.reason = "only one sentiment was ever said"
            return test
        }
        var statistic = 0.0
        var least = Double.infinity
        for (before, after) in columns {
            let total = Double(before + after)
            for (observed, size) in [(Double(before), n), (Double(after), m)] {
                let expected = total * size / (n + m)
                let gap = abs(observed - expected)
                let counted = columns.count == 2 ? gap - min(0.5, gap) : gap
                statistic += counted * counted / expected
                least = min(least, expected)
            }
        }
        test.statistic = statistic
        test.degrees = columns.count - 1
        test.pValue = MarginalTest.chiSquaredTail(statistic, degrees: columns.count - 1)
        if least < 5 { test.reason = "fewer than 5 contents are expected in a cell: p is rough" }
        return test
    }

    /// Holm's correction of several p-values, in their order; nil stays nil and does not count.
    static func holm(_ pValues: [Double?]) -> [Double?] {
        let ranked = pValues.enumerated().compactMap { index, p in p.map { (index, $0) } }.sorted { $0.1 < $1.1 }
        var corrected = [Double?](repeating: nil, count: pValues.count)
        var greatest = 0.0
        for (rank, (index, p)) in ranked.enumerated() {
            greatest = max(greatest, min(1, p * Double(ranked.count - rank)))
            corrected[index] = greatest
        }
        return corrected
    }
}
