import Inference

/// Fits the temperatures of one model, each fold judged by a temperature that has not seen it.
struct CalibrationFit {
    /// A labelled content.
    struct Sample {
        var gold, said: Sentiment
        var probabilities: Probabilities
        var fold: Int
    }

    /// Fewer labels than this say too little about a temperature.
    static let fewest = 20

    private let model: AnalysedModel
    private let folds: Int
    private(set) var samples: [Sample] = []

    init(_ model: AnalysedModel, folds: Int) {
        self.model = model
        self.folds = folds
    }

    /// Takes a content; one whose label the model cannot say does not count.
    mutating func add(_ sample: Sample) {
        if model.sentiments.contains(sample.gold) { samples.append(sample) }
    }

    /// The temperatures and what they do.
    func fitted() -> (scaling: Calibration.Scaling?, report: CalibrationReport.Model) {
        var report = CalibrationReport.Model(
            model: model.name, contents: samples.count, foldTemperatures: [], before: fit { _ in nil })
        guard samples.count >= Self.fewest else {
            report.reason = "\(samples.count) labels are too few; \(Self.fewest) are the least"
            return (nil, report)
        }
        let logs = samples.map { ScaledSample($0.probabilities, among: model.sentiments, gold: $0.gold) }
        guard let all = TemperatureScaling.fitted(on: logs) else { return (nil, report) }
        let byFold = (0..<folds).map { fold in
            // A fold that holds everything leaves nothing to fit on: then as on all.
            TemperatureScaling.fitted(on: zip(logs, samples).lazy.filter { $1.fold != fold }.map(\.0)) ?? all
        }
        let scaling = Calibration.Scaling(
            temperature: all.temperature, foldTemperatures: byFold.map(\.temperature), sentiments: model.sentiments)
        report.temperature = all.temperature
        report.foldTemperatures = scaling.foldTemperatures
        report.after = fit { scaling.apply(to: $0.probabilities, fold: $0.fold) }
        if !(TemperatureScaling.range.lowerBound * 1.001...TemperatureScaling.range.upperBound / 1.001).contains(
            all.temperature)
        {
            report.reason =
                "the temperature is at the limit: the labels are all as the model says, or it is no better than a guess"
        }
        return (scaling, report)
    }

    private func fit(_ scaled: (Sample) -> Probabilities?) -> CalibrationReport.Fit {
        var card = Scorecard(labels: model.sentiments, expressible: model.sentiments)
        for sample in samples { card.add(gold: sample.gold, said: sample.said, scaled(sample) ?? sample.probabilities) }
        return .init(
            ece: card.reliability.expectedCalibrationError, logLoss: card.logLoss.estimate(in: 0...Double.infinity),
            brier: card.brier.estimate(in: 0...2))
    }
}
