import Foundation
import Inference

/// Temperature scaling (Guo, Pleiss, Sun and Weinberger, "On Calibration of Modern Neural Networks", ICML 2017): one number
/// that makes a model as sure as it is right, without changing what it says.
///
/// Probabilities p become p^(1/T), divided by their sum, which is the softmax of logits divided by T. T above 1 makes a
/// model less sure, below 1 surer.
struct TemperatureScaling: Sendable, Hashable {
    /// A score below counts as this: workers send six digits, and a 0 among them would be infinitely sure.
    static let smallestScore = 1e-6

    /// T.
    var temperature: Double

    /// The probabilities of a model that can say `sentiments`, scaled.
    func apply(to probabilities: Probabilities, among sentiments: [Sentiment]) -> Probabilities {
        let logs = ScaledSample.logs(of: probabilities, among: sentiments)
        var powers = SIMD3<Double>.zero
        for position in 0..<3 { powers[position] = exp((logs[position] - logs.max()) / temperature) }
        return Probabilities(powers / powers.sum())
    }
}

/// A content that a temperature is fitted on.
struct ScaledSample: Sendable, Hashable {
    /// Natural logarithms of the probabilities, the highest 0; very low for a sentiment that the model does not have.
    var logs: SIMD3<Double>
    /// Place of the gold label.
    var gold: Int

    private static let impossible = -1e9

    init(_ probabilities: Probabilities, among sentiments: [Sentiment], gold: Sentiment) {
        let logs = Self.logs(of: probabilities, among: sentiments)
        self.logs = logs - SIMD3(repeating: logs.max())
        self.gold = gold.position
    }

    fileprivate static func logs(of probabilities: Probabilities, among sentiments: [Sentiment]) -> SIMD3<Double> {
        var logs = SIMD3(repeating: impossible)
        for sentiment in sentiments {
            logs[sentiment.position] = log(max(probabilities[sentiment], TemperatureScaling.smallestScore))
        }
        return logs
    }
}

extension TemperatureScaling {
    /// Limits of T: beyond them the labels say no more than that the model is always right, or no better than a guess.
    static let range = 0.01...100.0

    /// The T with the highest likelihood on some contents; nil without any.
    ///
    /// With b = 1/T the negative log-likelihood Σ ln Σ exp(b·l) − b·l(gold) is convex in b; its derivative Σ E[l] − l(gold) is
    /// brought to 0 by Newton's method, kept within a bracket that is halved whenever a step would leave it.
    static func fitted(on samples: some Sequence<ScaledSample>) -> TemperatureScaling? {
        let samples = Array(samples)
        guard !samples.isEmpty else { return nil }
        var (low, high) = (1 / range.upperBound, 1 / range.lowerBound)
        if slope(at: low, samples).first >= 0 { return TemperatureScaling(temperature: 1 / low) }
        if slope(at: high, samples).first <= 0 { return TemperatureScaling(temperature: 1 / high) }
        var b = 1.0
        for _ in 0..<200 {
            let (first, second) = slope(at: b, samples)
            if first == 0 { break }
            if first > 0 { high = b } else { low = b }
            let step = second > 0 ? b - first / second : low
            let next = step > low && step < high ? step : (low + high) / 2
            let moved = abs(next - b)
            b = next
            if moved <= 1e-13 * b { break }
        }
        return TemperatureScaling(temperature: 1 / b)
    }

    /// First and second derivative of the negative log-likelihood by b = 1/T.
    private static func slope(at b: Double, _ samples: [ScaledSample]) -> (first: Double, second: Double) {
        var first = 0.0
        var second = 0.0
        for sample in samples {
            let powers = SIMD3(exp(b * sample.logs.x), exp(b * sample.logs.y), exp(b * sample.logs.z))
            let shares = powers / powers.sum()
            let mean = (shares * sample.logs).sum()
            first += mean - sample.logs[sample.gold]
            second += (shares * sample.logs * sample.logs).sum() - mean * mean
        }
        return (first, second)
    }
}
