import Inference
import Volfefe

/// Verdicts as people read them.
enum Verdicts {
    /// One model's verdict: `✓ positive 0.98`.
    static func short(_ outcome: ModelOutcome?) -> String {
        switch outcome {
        case .prediction(let prediction): "\(prediction.sentiment.coloured) \(prediction.confidence.digits(2))"
        case .failure(let failure): Style.red("✗ \(failure.code)")
        case nil: Style.dim("–")
        }
    }

    /// One content's line of `--verbose`: `✓ 12  minilm_finance positive 0.98 … 12 ms`. It holds no text.
    static func line(_ id: Int64, _ results: ModelResults, order: [String]) -> String {
        var milliseconds = 0.0
        let verdicts = order.compactMap { model -> String? in
            guard let outcome = results.models[model] else { return nil }
            switch outcome {
            case .prediction(let prediction):
                milliseconds += prediction.meta.processing.latencyMs
                return "\(model) \(prediction.sentiment.rawValue) \(prediction.confidence.digits(2))"
            case .failure(let failure): return "\(model) \(failure.code)"
            }
        }
        return
            "\(results.failures == 0 ? "✓" : "✗") [\(id)]  \(verdicts.joined(separator: "  "))  \(milliseconds.digits(1)) ms"
    }
}

extension ModelResults {
    /// Models that gave no prediction.
    var failures: Int {
        models.values.count { if case .failure = $0 { true } else { false } }
    }
}
