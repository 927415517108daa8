import Inference

@testable import Volfefe

/// Figures that scikit-learn, SciPy and NumPy give.
enum EvaluationFixture {
    /// Precision, recall, F1 and its interval of positive, neutral and negative.
    static let classes: [[Double]] = [
        [0.8461538461538461, 0.8148148148148148, 0.8301886792452831, 0.7528806162825812, 0.9074967422079849],
        [0.6326530612244898, 0.6739130434782609, 0.6526315789473685, 0.5414945762455945, 0.7637685816491424],
        [0.6923076923076923, 0.675, 0.6835443037974683, 0.5658711312927558, 0.8012174763021809],
    ]
    /// Macro-F1 and its interval.
    static let macro = [0.7221215206633733, 0.6481203598493607, 0.796122681477386]
    /// Of `EvaluationFormulaTests.verdicts`.
    static let brier = 0.479375
    static let brierLow = 0.09839799756140682
    static let logLoss = 4.978740648654968
    static let ece = 0.3625
    /// 1 / the root that `scipy.optimize.brentq` finds for the slope of the likelihood of `TemperatureTests.samples`.
    static let temperature = 1.2602077488792414
    /// Counts of two periods with `scipy.stats.chi2_contingency`.
    static let homogeneity: [(reference: [Int], current: [Int], statistic: Double, degrees: Int, p: Double)] = [
        ([30, 40, 30], [25, 30, 60], 10.889610389610393, 2, 0.004318681227231211),
        ([50, 0, 12], [31, 0, 19], 3.9205827263267423, 1, 0.047698344061516074),
        ([3, 1, 2], [8, 0, 1], 3.131313131313132, 2, 0.2089507782214418),
        ([0, 7, 0], [2, 9, 0], 0.18262987012987014, 1, 0.6691228454457286),
        ([1000, 900, 100], [990, 905, 105], 0.18605289130606753, 2, 0.9111694035076141),
    ]
    /// Samples with `scipy.stats.ks_2samp`, exact.
    static let samples: [(first: [Double], second: [Double], statistic: Double, p: Double)] = [
        ([0.1, 0.2, 0.3, 0.4, 0.5], [0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.95], 0.7142857142857143, 0.06565656565656565),
        ([0.5, 0.5, 0.5, 0.5], [0.5, 0.5, 0.5, 0.5, 0.5, 0.5], 0.0, 1.0),
        ([0.9, 1.0, 1.0, 1.0], [0.2, 0.3, 1.0], 0.6666666666666666, 0.39999999999999997),
    ]
}
