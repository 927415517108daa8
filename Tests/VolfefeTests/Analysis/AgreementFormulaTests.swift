import Foundation
import Inference
import Testing

@testable import Volfefe

/// The formulas against fixed values.
///
/// Cohen's κ is `sklearn.metrics.cohen_kappa_score` (1.9.1) of the labels that the table stands for. Its standard error
/// was computed in NumPy twice: by the formula of Fleiss, Cohen and Everitt, and by differentiating κ numerically by
/// each cell, p ± 1e-6 (equal to 1e-9). Fleiss' κ is (mean P − Σp²) / (1 − Σp²) over the matrix of ratings, α comes from the
/// coincidence matrix filled pair by pair, and their intervals from really leaving out one content after the other. Wilson's
/// interval and both McNemar tests are `scipy.stats.binomtest(…).proportion_ci("wilson")`, `binomtest(min, b + c, .5)`
/// and `chi2.sf((|b − c| − 1)² / (b + c), 1)` (SciPy 1.17.1).
@Suite struct AgreementFormulaTests {
    static let tables: [(counts: [[Int]], kappa: Double, low: Double, high: Double)] = [
        ([[44, 7, 3], [6, 31, 9], [2, 11, 27]], 0.5900755124056095, 0.4796783882443694, 0.7004726365668493),
        ([[90, 4], [11, 15]], 0.5920217588395286, 0.40818189502097385, 0.775861622658083),
        ([[95, 1, 0], [2, 1, 1], [0, 0, 0]], 0.4117647058823529, 0.022396649155186688, 0.8011327626095192),
        ([[0, 5, 1], [3, 0, 2], [4, 1, 0]], -0.514792899408284, -0.6168519527528923, -0.4127338460636757),
    ]

    private func table(_ counts: [[Int]]) -> ConfusionTable {
        ConfusionTable(labels: Array(Sentiment.allCases.prefix(counts.count)), counts: counts)
    }

    @Test(arguments: tables)
    func `Cohen's κ and its interval are those of scikit-learn and of Fleiss, Cohen and Everitt`(
        counts: [[Int]], kappa: Double, low: Double, high: Double
    ) {
        let estimate = table(counts).cohenKappa
        #expect(isClose(estimate.value, kappa) && isClose(estimate.low, low) && isClose(estimate.high, high))
    }

    /// Contents by how many of four raters said positive, neutral and negative.
    static let complete: [RatingGroup] = [
        ([4, 0, 0], 12), ([0, 4, 0], 7), ([0, 0, 4], 5), ([3, 1, 0], 6), ([2, 2, 0], 3), ([1, 1, 2], 2),
        ([0, 1, 3], 4),
        ([2, 0, 2], 1),
    ].map { RatingGroup(ratings: $0.0, count: $0.1) }
    /// Others that miss ratings; the last cannot count.
    static let missing: [RatingGroup] = [
        ([2, 0, 0], 4), ([1, 1, 0], 3), ([0, 1, 0], 9), ([0, 1, 2], 2), ([1, 0, 0], 5),
    ].map { RatingGroup(ratings: $0.0, count: $0.1) }

    @Test func `Fleiss' κ and Krippendorff's α are those of the textbook formulas, with and without missing verdicts`()
    {
        let fleiss = Self.complete.fleissKappa
        #expect(isClose(fleiss.value, 0.6327266765043449))
        #expect(isClose(fleiss.low, 0.48455057046770655) && isClose(fleiss.high, 0.7809027825409832))
        let alpha = Self.complete.krippendorffAlpha
        #expect(isClose(alpha.value, 0.6350221347761928))
        #expect(isClose(alpha.low, 0.48779587557312176) && isClose(alpha.high, 0.7822483939792639))
        let sparse = (Self.complete + Self.missing).krippendorffAlpha
        #expect(isClose(sparse.value, 0.586012573699469))
        #expect(isClose(sparse.low, 0.44296652700623473) && isClose(sparse.high, 0.7290586203927033))
    }

    @Test(arguments: [
        (7, 10, 0.39677814746114526, 0.892208732593699), (0, 12, 0.0, 0.24249400665524085),
        (40, 40, 0.9123783988027133, 1.0), (25, 44, 0.4222414699362943, 0.703172765914822),
    ])
    func `a share has Wilson's interval`(hits: Int, total: Int, low: Double, high: Double) {
        let share = Estimate.share(hits, of: total)
        #expect(share.value == Double(hits) / Double(total))
        #expect(isClose(share.low, low) && isClose(share.high, high))
    }

    @Test(arguments: [
        (0, 1, 1.0, MarginalTest.Method.exact), (3, 9, 0.14599609375, .exact), (12, 12, 1.0, .exact),
        (2, 22, 3.5881996154785156e-05, .exact), (30, 12, 0.008711912962379598, .chiSquared),
        (25, 0, 1.5866563039511885e-06, .chiSquared), (13, 12, 1.0, .chiSquared),
    ])
    func `McNemar's test is exact for few contents and χ² with continuity for many`(
        onlyFirst: Int, onlySecond: Int, p: Double, method: MarginalTest.Method
    ) {
        let test = MarginalTest.mcNemar(onlyFirst: onlyFirst, onlySecond: onlySecond, sentiment: nil)
        #expect(test.method == method && isClose(test.pValue, p))
    }

    @Test(arguments: [
        (tables[0].counts, 0.47692307692307695, 3, 0.9239312606569353),
        (tables[1].counts, 3.2666666666666666, 1, 0.07070114486598289),
        (tables[3].counts, 2.6333333333333333, 3, 0.4516757277642599),
    ])
    func `Bowker's test of symmetry is its χ²`(counts: [[Int]], statistic: Double, degrees: Int, p: Double) {
        let test = table(counts).symmetryTest
        #expect(isClose(test.statistic, statistic) && test.degrees == degrees && isClose(test.pValue, p))
    }

    @Test func `models that differ nowhere have nothing to test`() {
        let same = table([[3, 0], [0, 4]])
        #expect(same.symmetryTest.pValue == nil)
        #expect(same.marginalTests.allSatisfy { $0.pValue == nil })
    }

    @Test func `κ is not defined without contents or without chance, and says why`() {
        #expect(ConfusionTable().cohenKappa.reason == "no contents")
        let same = table([[5, 0, 0], [0, 0, 0], [0, 0, 0]]).cohenKappa
        #expect(same.value == nil && same.reason?.contains("one sentiment") == true)
        let groups = [RatingGroup(ratings: [0, 3, 0], count: 9)]
        #expect(groups.fleissKappa.value == nil && groups.krippendorffAlpha.value == nil)
        #expect([RatingGroup(ratings: [1, 0, 0], count: 9)].krippendorffAlpha.reason?.contains("two models") == true)
    }

    @Test func `one content has a figure but no interval`() {
        let one = table([[0, 1], [0, 0]]).cohenKappa
        #expect(one.value == 0 && one.low == nil && one.reason != nil)
    }

    @Test func `an undefined figure is null in JSON, not absent`() throws {
        let json = try String(decoding: JSONEncoder().encode(Estimate.undefined("no contents")), as: UTF8.self)
        #expect(json.contains(#""value":null"#) && json.contains(#""reason":"no contents""#))
    }
}

/// Equal to 1e-9.
func isClose(_ value: Double?, _ expected: Double) -> Bool { value.map { abs($0 - expected) < 1e-9 } ?? false }
