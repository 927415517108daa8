import Foundation
import Inference
import Testing

@testable import Volfefe

/// What follows from scores and texts alone.
@Suite struct ResultFormulaTests {
    /// The thresholds of `priv/ml/tests/test_quality.py`.
    private static let thresholds: [(scores: [Double], flags: [String])] = [
        ([1, 0, 0], ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
        ([0.99996, 0.00004], ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
        ([0.99994, 0.00006], ["high_confidence", "clear_winner", "low_uncertainty"]),
        ([0.95, 0.05], ["high_confidence", "clear_winner"]),
        ([0.9, 0.1], ["clear_winner"]),
        ([0.65, 0.35], []),
        ([0.6499, 0.3501], ["ambiguous"]),
        ([0.3333, 0.3333, 0.3334], ["ambiguous", "high_uncertainty"]),
        ([1], ["high_confidence", "perfect_score", "clear_winner", "low_uncertainty"]),
    ]

    @Test func `flags change exactly at their thresholds`() {
        for (scores, flags) in Self.thresholds {
            #expect(Prediction.Quality(scores: scores).flags == flags, "\(scores)")
        }
    }

    @Test func `halves are rounded as their binary value decides`() {
        // What Python's round(x, 4) gives.
        for (number, rounded) in [
            (0.00005, 0.0001), (0.00015, 0.0001), (0.00025, 0.0003), (0.12345, 0.1235), (0.99995, 1.0), (0.5, 0.5),
            (0.00035, 0.0003), (0.62345, 0.6234),
        ] {
            #expect(number.fourDigits == rounded, "\(number)")
        }
    }

    /// What `text_info` of the worker gives.
    @Test func `texts are counted as a worker counts them`() {
        let text =
            "RT @Ann: #Up 5% TODAY!! really? www.a.example/#x HTTPS://B.example\nno@mail.example #\u{E9}t\u{E9} a.@b"
        let info = TextInfo(counting: text)
        #expect(info.chars == text.unicodeScalars.count && info.words == 11 && info.lines == 2)
        #expect(info.urls == 2 && info.hashtags == 2 && info.mentions == 1)
        #expect(info.exclamations == 2 && info.questions == 1 && !info.urlOnly)
        #expect(TextInfo(counting: "https://a.example \u{2014} www.b.example").urlOnly)
        #expect(!TextInfo(counting: "https://a.example x").urlOnly && !TextInfo(counting: "").urlOnly)
        #expect(TextInfo(counting: "www. ").urls == 0 && TextInfo(counting: "").lines == 0)
        #expect(TextInfo(counting: "ABc").upperShare == 0.6667)
    }

    @Test func `labels are recognised by their names where each sentiment has one`() throws {
        func labels(_ blocks: String...) throws -> [String] {
            var observed = ObservedModels()
            for block in blocks {
                let value = try JSONParser.parse(Array(block.utf8))
                observed.add(try ResultBlock(modelID: "m", value, at: "m"), version: "1")
            }
            return observed.labels(of: .init(id: "m", version: "1")).map { "\($0.name)=\($0.sentiment.rawValue)" }
        }
        let raw = #"{"raw_scores": {"positive": 0.9, "negative": 0.1}, "raw_model_output": "#
        #expect(
            try labels(raw + #"[{"label": "NEG", "score": 0.1}, {"label": "POS", "score": 0.9}]}"#) == [
                "POS=positive", "NEG=negative",
            ])
        // Names that tell nothing, or more labels than sentiments: the sentiments are the labels, raw outputs are kept beside.
        #expect(
            try labels(raw + #"[{"label": "LABEL_0", "score": 0.1}, {"label": "LABEL_1", "score": 0.9}]}"#) == [
                "positive=positive", "negative=negative",
            ])
        #expect(try labels(#"{"raw_scores": {"positive": 1}}"#, #"{"raw_scores": {"neutral": 1}}"#).count == 2)
    }
}
