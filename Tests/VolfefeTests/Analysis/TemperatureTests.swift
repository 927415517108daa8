import Foundation
import Inference
import Testing

@testable import Volfefe

/// Temperature scaling.
@Suite struct TemperatureTests {
    private static func rounded(_ value: Double) -> Double { (value * 1e4).rounded() / 1e4 }

    /// Scores that depend on their number alone; half of the labels are what the scores say, the others have no pattern.
    static let samples: [ScaledSample] = (0..<60).compactMap { k in
        let a = Double((k * 37) % 100 + 1) / 101
        let b = Double((k * 53) % 100 + 1) / 101
        let c = Double((k * 71) % 100 + 1) / 101
        var scores = [rounded(a / (a + b + c)), rounded(b / (a + b + c))]
        scores.append(rounded(1 - scores[0] - scores[1]))
        let highest = scores.indices.max { (scores[$0], -$0) < (scores[$1], -$1) } ?? 0
        let gold = Sentiment.allCases[k.isMultiple(of: 2) ? highest : (k * k * 7 + k) % 3]
        return Probabilities(positive: scores[0], neutral: scores[1], negative: scores[2]).map {
            ScaledSample($0, among: Sentiment.allCases, gold: gold)
        }
    }

    @Test func `the temperature is where the likelihood is highest`() throws {
        let fitted = try #require(TemperatureScaling.fitted(on: Self.samples))
        #expect(abs(fitted.temperature - EvaluationFixture.temperature) < 1e-9)
    }

    @Test(arguments: [1.0, 0.4, 3.7])
    func `scaling sharpens or softens, keeps what is said and leaves 1 as it is`(temperature: Double) throws {
        let scores = try #require(Probabilities(positive: 0.6, neutral: 0.3, negative: 0.1))
        let scaled = TemperatureScaling(temperature: temperature).apply(to: scores, among: Sentiment.allCases)
        let powers = [0.6, 0.3, 0.1].map { pow($0, 1 / temperature) }
        for (sentiment, power) in zip(Sentiment.allCases, powers) {
            #expect(isClose(scaled[sentiment], power / powers.reduce(0, +)))
        }
    }

    @Test func `a sentiment that a model does not have stays impossible`() throws {
        let scores = try #require(Probabilities(positive: 0.9, neutral: nil, negative: 0.1))
        let scaled = TemperatureScaling(temperature: 5).apply(to: scores, among: [.positive, .negative])
        #expect(scaled[.neutral] == 0 && isClose(scaled[.positive] + scaled[.negative], 1))
        #expect(scaled[.positive] < 0.9)
    }

    @Test func `a model that is always right, or always wrong, ends at the limits`() throws {
        let scores = try #require(Probabilities(positive: 0.6, neutral: 0.3, negative: 0.1))
        func fitted(_ gold: Sentiment) -> Double? {
            TemperatureScaling.fitted(
                on: Array(repeating: ScaledSample(scores, among: Sentiment.allCases, gold: gold), count: 30))?
                .temperature
        }
        #expect(fitted(.positive) == 0.01 && fitted(.negative) == 100)
        #expect(TemperatureScaling.fitted(on: []) == nil)
    }

    @Test func `an overconfident model is calibrated, and each fold is judged by a temperature that has not seen it`()
        throws
    {
        let model = AnalysedModel(id: 1, modelID: "m", modelVersion: "1", sentiments: Sentiment.allCases)
        var fit = CalibrationFit(model, folds: 5)
        for k in 0..<600 {
            // Always 0.98 sure, right in seven of ten.
            let said = Sentiment.allCases[k % 3]
            let gold = k * 7 % 10 < 7 ? said : Sentiment.allCases[(k + 1) % 3]
            var values = SIMD3(repeating: 0.01)
            values[said.position] = 0.98
            fit.add(.init(gold: gold, said: said, probabilities: Probabilities(values), fold: k / 30 % 5))
        }
        let (scaling, report) = fit.fitted()
        #expect(try #require(scaling).temperature > 2 && report.foldTemperatures.count == 5)
        #expect(try #require(report.before.ece.value) > 0.25 && (try #require(report.after?.ece.value)) < 0.05)
        #expect(try #require(report.after?.logLoss.value) < (try #require(report.before.logLoss.value)))
    }

    @Test func `too few labels are not fitted, and say how many there must be`() {
        let model = AnalysedModel(id: 1, modelID: "m", modelVersion: "1", sentiments: Sentiment.allCases)
        let (scaling, report) = CalibrationFit(model, folds: 5).fitted()
        #expect(scaling == nil && report.reason == "0 labels are too few; 20 are the least")
    }

    @Test func `equal texts are in one fold`() {
        let hash = Data("a text".utf8).sha256
        #expect(Folds.place(of: hash, among: 5) == Folds.place(of: Data(hash), among: 5))
        let places = (0..<1000).map { Folds.place(of: Data("text \($0)".utf8).sha256, among: 5) }
        #expect((0..<5).allSatisfy { fold in (150...250).contains(places.count { $0 == fold }) })
    }
}
