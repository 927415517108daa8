import Foundation
import Testing

@testable import Volfefe

/// The tests and indices of drift against fixed values of SciPy 1.17.1 and statsmodels.
@Suite struct DriftFormulaTests {
    @Test(arguments: EvaluationFixture.homogeneity)
    func `the χ² test of sentiments is scipy.stats.chi2_contingency`(
        reference: [Int], current: [Int], statistic: Double, degrees: Int, p: Double
    ) {
        let test = DriftTest.homogeneity(reference, current)
        #expect(isClose(test.statistic, statistic) && test.degrees == degrees && isClose(test.pValue, p))
    }

    @Test func `few contents make χ² rough, and it is not defined without any`() {
        #expect(DriftTest.homogeneity([3, 1, 2], [8, 0, 1]).reason?.contains("rough") == true)
        #expect(DriftTest.homogeneity([0, 0, 0], [8, 0, 1]).reason == "one of the periods has no verdicts")
        let same = DriftTest.homogeneity([4, 0, 0], [8, 0, 0])
        #expect(same.pValue == nil && same.reason == "only one sentiment was ever said")
    }

    @Test(arguments: EvaluationFixture.samples)
    func `the test of confidences is scipy.stats.ks_2samp`(
        first: [Double], second: [Double], statistic: Double, p: Double
    ) {
        for test in [KolmogorovSmirnov.test(first, second), KolmogorovSmirnov.test(second, first)] {
            #expect(test.method == .exact && isClose(test.statistic, statistic) && isClose(test.pValue, p))
        }
    }

    @Test func `small probabilities keep their digits`() {
        let first = (0..<40).map { Double($0) / 40 }
        let test = KolmogorovSmirnov.test(first, (0..<25).map { pow(Double($0) / 25, 1.5) })
        #expect(isClose(test.statistic, 0.185) && isClose(test.pValue, 0.6005020985992211))
        let hundred = (0..<100).map { Double($0) / 100 }
        let far = KolmogorovSmirnov.test(hundred, (0..<80).map { Double($0) / 100 + 0.9 })
        let expected = 1.223767444380121e-38
        #expect(isClose(far.statistic, 0.9) && abs((far.pValue ?? 0) / expected - 1) < 1e-9)
    }

    @Test(arguments: [
        (0.3, 0.9999906941986655), (0.8, 0.5441424115741981), (1.1, 0.1777181926064012), (1.2, 0.11224966667072497),
        (2.0, 0.0006709252557796953), (5.0, 3.8574996959278356e-22),
    ])
    func `for many contents it is Kolmogorov's limit`(z: Double, p: Double) {
        #expect(isClose(KolmogorovSmirnov.limitTail(z), p))
        let many = (0..<20_000).map { Double($0) }
        #expect(KolmogorovSmirnov.test(many, many).method == .asymptotic)
        #expect(KolmogorovSmirnov.test(many, many).pValue == 1)
    }

    @Test func `without verdicts there is no test`() {
        #expect(KolmogorovSmirnov.test([], [0.5]).reason == "one of the periods has no verdicts")
    }

    @Test func `Holm's correction is that of statsmodels, without what is not defined`() {
        let corrected = DriftTest.holm([0.01, 0.04, nil, 0.03, 0.005, 0.9])
        for (value, expected) in zip(corrected, [0.04, 0.09, nil, 0.09, 0.025, 0.9]) {
            #expect(expected.map { isClose(value, $0) } ?? (value == nil))
        }
    }

    @Test func `PSI is its definition, and an empty bin counts as half a content`() {
        let stable = Stability(reference: [50, 30, 20], current: [50, 30, 20])
        #expect(stable.value == 0 && stable.band == .stable)
        let moved = Stability(reference: [50, 30, 20], current: [20, 30, 50])
        #expect(isClose(moved.value, 0.6 * log(2.5)) && moved.band == .major)
        #expect(isClose(moved.byChance, 2 * (1.0 / 100 + 1.0 / 100)))
        let empty = Stability(reference: [10, 0], current: [5, 5])
        let expected = (0.5 - 1) * log(0.5 / 1) + (0.5 - 0.05) * log(0.5 / 0.05)
        #expect(isClose(empty.value, expected))
        #expect(Stability(reference: [0, 0], current: [1, 2]).value == nil)
    }

    @Test func `confidences are put between the deciles of the reference`() {
        let reference = (1...100).map { Double($0) / 100 }
        let current = (1...100).map { Double($0) / 200 + 0.5005 }
        let index = Stability(reference: reference, current: current)
        #expect(index.bins.map(\.reference) == Array(repeating: 10, count: 10))
        #expect(index.bins.map(\.current) == [0, 0, 0, 0, 0, 20, 20, 20, 20, 20])
        let alike = Stability(reference: [1, 1, 1, 1], current: [0.4, 1])
        #expect(alike.bins.map(\.current) == [1, 1] && alike.bins.map(\.low) == [nil, 1])
    }

    @Test(arguments: [
        ("2025", "2025-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-01..2025-03", "2025-01-01T00:00:00Z", "2025-04-01T00:00:00Z"),
        ("2024-02", "2024-02-01T00:00:00Z", "2024-03-01T00:00:00Z"),
        ("2025-10-14..2025-10-31", "2025-10-14T00:00:00Z", "2025-11-01T00:00:00Z"),
        ("2025-12-31", "2025-12-31T00:00:00Z", "2026-01-01T00:00:00Z"),
        ("2025-W01", "2024-12-30T00:00:00Z", "2025-01-06T00:00:00Z"),
        ("2020-W53..2021-W01", "2020-12-28T00:00:00Z", "2021-01-11T00:00:00Z"),
        ("2025-10..2025-11-02", "2025-10-01T00:00:00Z", "2025-11-03T00:00:00Z"),
    ])
    func `a period has both its ends`(text: String, start: String, end: String) throws {
        let period = try Period(text)
        #expect(try period.start == Date(start, strategy: .iso8601))
        #expect(try period.end == Date(end, strategy: .iso8601))
    }

    @Test(arguments: [
        "", "x", "2025-13", "2025-02-30", "2025-W53", "2025-W00", "2025-03..2025-01", "2025..", "2025-1", "a..b..c",
    ])
    func `what is no period says how to write one`(text: String) {
        let error = #expect(throws: VolfefeError.self) { try Period(text) }
        #expect(error?.exitCode == 64)
    }

    @Test func `periods that share a day overlap`() throws {
        #expect(try Period("2025-01..2025-03").overlaps(try Period("2025-03-31..2025-04")))
        #expect(try !Period("2025-01..2025-03").overlaps(try Period("2025-04")))
    }
}
