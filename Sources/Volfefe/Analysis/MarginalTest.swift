import Foundation
import Inference

/// Whether two models say a sentiment equally often, or disagree in one direction more than in the other.
public struct MarginalTest: Sendable, Hashable, Encodable {
    /// How the p-value was computed.
    public enum Method: String, Sendable, Hashable, Encodable {
        /// Binomial with one half, two-sided.
        case exact
        /// χ² with one degree of freedom and continuity correction.
        case chiSquared = "chi_squared"
        /// Bowker's χ² of symmetry over all pairs of sentiments.
        case symmetry
    }

    /// The sentiment that it is about; nil: all.
    public var sentiment: Sentiment?
    /// Contents of which only the first model says so.
    public var onlyFirst: Int?
    /// Contents of which only the second model says so.
    public var onlySecond: Int?
    /// How it was computed.
    public var method: Method
    /// χ², or for the exact test the smaller of the two counts.
    public var statistic: Double?
    /// Degrees of freedom of χ².
    public var degrees: Int?
    /// Probability of so great a difference if there were none; nil when the models differ nowhere.
    public var pValue: Double?

    enum CodingKeys: String, CodingKey {
        case sentiment, method, statistic, degrees
        case onlyFirst = "only_first"
        case onlySecond = "only_second"
        case pValue = "p_value"
    }

    /// Below so many differing contents the exact test is taken.
    static let exactBelow = 25

    /// McNemar's test, Psychometrika 12 (1947), of two counts of differing contents; the correction is that of Edwards (1948).
    static func mcNemar(onlyFirst: Int, onlySecond: Int, sentiment: Sentiment?) -> MarginalTest {
        let differing = onlyFirst + onlySecond
        let isExact = differing < exactBelow
        var test = MarginalTest(
            sentiment: sentiment, onlyFirst: onlyFirst, onlySecond: onlySecond, method: isExact ? .exact : .chiSquared)
        guard differing > 0 else { return test }
        if isExact {
            test.statistic = Double(min(onlyFirst, onlySecond))
            test.pValue = min(1, 2 * binomialTail(min(onlyFirst, onlySecond), of: differing))
        } else {
            let difference = max(Double(abs(onlyFirst - onlySecond)) - 1, 0)
            let statistic = difference * difference / Double(differing)
            test.statistic = statistic
            test.degrees = 1
            test.pValue = chiSquaredTail(statistic, degrees: 1)
        }
        return test
    }

    /// Probability of at most `hits` of `trials` with one half each.
    static func binomialTail(_ hits: Int, of trials: Int) -> Double {
        var ways = 1.0
        var sum = 0.0
        for number in 0...hits {
            if number > 0 { ways = ways * Double(trials - number + 1) / Double(number) }
            sum += ways
        }
        return sum / pow(2, Double(trials))
    }

    /// Probability of at least `statistic` under χ² with 1, 2 or 3 degrees of freedom (closed forms); nil for others.
    static func chiSquaredTail(_ statistic: Double, degrees: Int) -> Double? {
        switch degrees {
        case 1: erfc((statistic / 2).squareRoot())
        case 2: exp(-statistic / 2)
        case 3: erfc((statistic / 2).squareRoot()) + (2 * statistic / .pi).squareRoot() * exp(-statistic / 2)
        default: nil
        }
    }
}

extension ConfusionTable {
    /// McNemar's test of each sentiment against the others: does one model say it more often?
    public var marginalTests: [MarginalTest] {
        labels.indices.map { index in
            .mcNemar(
                onlyFirst: rowTotals[index] - counts[index][index],
                onlySecond: columnTotals[index] - counts[index][index], sentiment: labels[index])
        }
    }

    /// Bowker's test of symmetry, Journal of the American Statistical Association 43 (1948), over all pairs of sentiments
    /// that are ever confused; at most three of them.
    public var symmetryTest: MarginalTest {
        var test = MarginalTest(method: .symmetry)
        var statistic = 0.0
        var degrees = 0
        for i in labels.indices {
            for j in labels.indices where j > i && counts[i][j] + counts[j][i] > 0 {
                let difference = Double(counts[i][j] - counts[j][i])
                statistic += difference * difference / Double(counts[i][j] + counts[j][i])
                degrees += 1
            }
        }
        guard degrees > 0 else { return test }
        test.statistic = statistic
        test.degrees = degrees
        test.pValue = MarginalTest.chiSquaredTail(statistic, degrees: degrees)
        return test
    }
}
