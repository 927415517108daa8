import Foundation
import Inference
import Testing

@testable import Volfefe

/// The figures of evaluation against fixed values.
///
/// Precision, recall and F1 are those of scikit-learn (1.9.1) with `zero_division=0`, except that a precision of something
/// never said is not defined here. Intervals of F1 were computed in NumPy by differentiating numerically by each cell.
@Suite struct EvaluationFormulaTests {
    static let table = ConfusionTable(counts: [[44, 7, 3], [6, 31, 9], [2, 11, 27]])

    @Test func `precision, recall, F1 and macro-F1 are those of scikit-learn`() {
        let figures = Self.table.classFigures(expressible: Sentiment.allCases)
        let expected = EvaluationFixture.classes
        for (figure, values) in zip(figures, expected) {
            #expect(isClose(figure.precision.value, values[0]) && isClose(figure.recall.value, values[1]))
            #expect(isClose(figure.f1.value, values[2]))
            #expect(isClose(figure.f1.low, values[3]) && isClose(figure.f1.high, values[4]))
        }
        let macro = Self.table.macroF1
        #expect(isClose(macro.value, EvaluationFixture.macro[0]))
        #expect(isClose(macro.low, EvaluationFixture.macro[1]) && isClose(macro.high, EvaluationFixture.macro[2]))
    }

    @Test func `a sentiment that was never predicted has no precision, and counts as 0 in macro-F1`() {
        let table = ConfusionTable(counts: [[5, 0, 1], [3, 0, 0], [0, 0, 4]])
        let neutral = table.classFigures(expressible: Sentiment.allCases)[1]
        #expect(neutral.precision.value == nil && neutral.precision.reason == "neutral was never predicted")
        #expect(neutral.recall.value == 0 && neutral.f1.value == 0)
        #expect(isClose(table.macroF1.value, (10.0 / 14 + 0 + 8.0 / 9) / 3))
        let limited = table.classFigures(expressible: [.positive, .negative])[1]
        #expect(limited.precision.reason == "the model cannot say neutral")
    }

    @Test func `a sentiment that is nowhere counts in no mean`() {
        let table = ConfusionTable(counts: [[5, 0, 1], [0, 0, 0], [2, 0, 4]])
        let neutral = table.classFigures(expressible: Sentiment.allCases)[1]
        #expect(neutral.f1.value == nil && neutral.recall.reason == "no gold label is neutral")
        #expect(isClose(table.macroF1.value, (10.0 / 13 + 8.0 / 11) / 2))
        #expect(ConfusionTable().macroF1.reason == "no contents")
    }

    /// Gold label, what was said, and scores of positive, neutral and negative.
    static let verdicts: [(Sentiment, Sentiment, [Double])] = [
        (.positive, .positive, [0.8, 0.15, 0.05]), (.positive, .neutral, [0.3, 0.6, 0.1]),
        (.neutral, .neutral, [0.2, 0.7, 0.1]), (.neutral, .negative, [0.1, 0.3, 0.6]),
        (.negative, .negative, [0.05, 0.05, 0.9]), (.negative, .negative, [0.0, 0.0, 1.0]),
        (.positive, .negative, [0.0, 0.4, 0.6]), (.negative, .negative, [0.25, 0.25, 0.5]),
    ]

    private func card(_ expressible: [Sentiment] = Sentiment.allCases) throws -> Scorecard {
        var card = Scorecard(labels: Sentiment.allCases, expressible: expressible)
        for (gold, said, scores) in Self.verdicts {
            card.add(
                gold: gold, said: said,
                try #require(Probabilities(positive: scores[0], neutral: scores[1], negative: scores[2])))
        }
        return card
    }

    @Test func `Brier score, log loss and calibration error are those of scikit-learn and of the definition`() throws {
        let section = Evaluation.Section(.all, try card())
        #expect(isClose(section.brier.value, EvaluationFixture.brier))
        #expect(isClose(section.logLoss.value, EvaluationFixture.logLoss))
        #expect(isClose(section.ece.value, EvaluationFixture.ece))
        #expect(isClose(section.brier.low, EvaluationFixture.brierLow))
        #expect(section.notes.contains { $0.hasPrefix("1 gold labels have the score 0") })
        #expect(section.reliability.count == 15 && section.reliability.reduce(0) { $0 + $1.contents } == 8)
        // 0.6 is the upper limit of a bin and lies in it.
        #expect(section.reliability[8].contents == 3)
    }

    @Test func `log loss is not defined where a model cannot say the gold label`() throws {
        let section = Evaluation.Section(.all, try card([.positive, .negative]))
        #expect(section.logLoss.value == nil && section.logLoss.reason?.hasPrefix("2 gold labels") == true)
        #expect(section.brier.value != nil)
    }

    @Test func `scores that rounding has left off 1 are divided by their sum`() throws {
        let scores = try #require(Probabilities(positive: 0.3333, neutral: 0.3333, negative: 0.3333))
        #expect(isClose(scores[.neutral], 1.0 / 3) && isClose(scores.entropy, 1.584962500721156))
        #expect(Probabilities(positive: 0, neutral: nil, negative: 0) == nil)
    }

    @Test func `without gold labels nothing is defined`() {
        let section = Evaluation.Section(.all, Scorecard(labels: Sentiment.allCases, expressible: Sentiment.allCases))
        for estimate in [section.accuracy, section.macroF1, section.brier, section.logLoss, section.ece] {
            #expect(estimate.value == nil && estimate.reason == "no contents")
        }
        #expect(section.worstClass == nil && section.notes.isEmpty)
    }
}
