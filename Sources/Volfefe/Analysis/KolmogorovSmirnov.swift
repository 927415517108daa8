import Foundation

/// The two-sample Kolmogorov–Smirnov test (Hodges, Arkiv för Matematik 3, 1958), two-sided.
enum KolmogorovSmirnov {
    /// Samples of at most so many values are tested exactly, as SciPy's `ks_2samp` does by default.
    static let exactUpTo = 10_000

    /// Of ascending values.
    static func test(_ first: [Double], _ second: [Double]) -> DriftTest {
        let isExact = max(first.count, second.count) <= exactUpTo
        var test = DriftTest(method: isExact ? .exact : .asymptotic)
        guard !first.isEmpty, !second.isEmpty else {
            test.reason = "one of the periods has no verdicts"
            return test
        }
        let (n, m) = (Double(first.count), Double(second.count))
        let distance = distance(first, second)
        test.statistic = Double(distance) / (n * m)
        test.pValue =
            isExact
            ? exactTail(distance, first.count, second.count)
            : limitTail(Double(distance) / (n * m) * (n * m / (n + m)).squareRoot())
        return test
    }

    /// The greatest distance of the cumulative counts, times both sizes: a whole number, so nothing is rounded.
    static func distance(_ first: [Double], _ second: [Double]) -> Int {
        var (i, j, greatest) = (0, 0, 0)
        while i < first.count, j < second.count {
            let value = min(first[i], second[j])
            while i < first.count, first[i] == value { i += 1 }
            while j < second.count, second[j] == value { j += 1 }
            greatest = max(greatest, abs(i * second.count - j * first.count))
        }
        return greatest
    }

    /// Probability that a random order of n and m values ever reaches `distance`: the share of lattice paths that leave the
    /// band around the diagonal, summed where each leaves it, so that small probabilities keep their digits.
    static func exactTail(_ distance: Int, _ n: Int, _ m: Int) -> Double {
        guard distance > 0 else { return 1 }
        var inside = [Double](repeating: 0, count: m + 1)
        inside[0] = 1
        var outside = 0.0
        for i in 0...n {
            // The places j of this row with |i·m − j·n| < distance.
            let lowest = max(0, floorDivided(i * m - distance, n) + 1)
            let highest = min(m, (i * m + distance - 1) / n)
            guard lowest <= highest else { continue }
            for j in lowest...highest where inside[j] > 0 {
                let share = inside[j] / Double(max(n - i + m - j, 1))
                if j < m {
                    let up = share * Double(m - j)
                    if j < highest { inside[j + 1] += up } else { outside += up }
                }
                let onwards = share * Double(n - i)
                let staysInside = (i + 1) * m - j * n < distance
                inside[j] = staysInside ? onwards : 0
                if !staysInside { outside += onwards }
            }
        }
        return min(outside, 1)
    }

    private static func floorDivided(_ a: Int, _ b: Int) -> Int { a >= 0 ? a / b : -((-a + b - 1) / b) }

    /// Kolmogorov's limit: probability that √(nm/(n+m)) times the distance is at least `z`; by the series that converges fast.
    static func limitTail(_ z: Double) -> Double {
        guard z > 0 else { return 1 }
        var sum = 0.0
        if z < 1.18 {
            let step = -Double.pi * Double.pi / (8 * z * z)
            for odd in [1.0, 3, 5, 7, 9] { sum += exp(step * odd * odd) }
            return 1 - (2 * Double.pi).squareRoot() / z * sum
        }
        for (index, k) in [1.0, 2, 3, 4, 5, 6].enumerated() {
            let term = exp(-2 * k * k * z * z)
            sum += index.isMultiple(of: 2) ? term : -term
        }
        return 2 * sum
    }
}
