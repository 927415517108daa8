import Foundation
import Inference

/// Temperatures of models, fitted on gold labels and stored beside the verdicts, which stay as they are.
public struct Calibration: Sendable, Hashable {
    /// The temperatures of one model.
    public struct Scaling: Sendable, Hashable, Codable {
        /// Fitted on all labels.
        public var temperature: Double
        /// Fitted without the labels of fold 0, 1, ….
        public var foldTemperatures: [Double]
        /// What the model is able to say.
        var sentiments: [Sentiment] = Sentiment.allCases

        enum CodingKeys: String, CodingKey {
            case temperature
            case foldTemperatures = "fold_temperatures"
        }

        /// Scales by the temperature that has not seen fold `fold`; nil: by the one of all labels.
        func apply(to probabilities: Probabilities, fold: Int?) -> Probabilities {
            let temperature = fold.map { foldTemperatures[$0] } ?? temperature
            return TemperatureScaling(temperature: temperature).apply(to: probabilities, among: sentiments)
        }
    }

    /// What it is called.
    public var name: String
    /// How many parts the labels were divided into.
    public var folds: Int
    /// By id of the model version.
    var scalings: [Int64: Scaling]

    /// The temperatures of a model; nil: it has none here.
    public func scaling(of model: AnalysedModel) -> Scaling? {
        guard var scaling = scalings[model.id] else { return nil }
        scaling.sentiments = model.sentiments
        return scaling
    }
}

/// Which part a content lies in: it depends on its text alone, so that equal texts are never on both sides.
enum Folds {
    /// 0 ..< folds, from the first eight bytes of the SHA-256 of the text.
    static func place(of textHash: Data, among folds: Int) -> Int {
        let number = textHash.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return Int(number % UInt64(folds))
    }
}

/// What calibrating has come to.
public struct CalibrationReport: Sendable, Hashable, Encodable {
    /// How well probabilities fit the labels.
    public struct Fit: Sendable, Hashable, Encodable {
        /// Expected calibration error over 15 bins.
        public var ece: Estimate
        /// Mean of −ln probability of the gold label.
        public var logLoss: Estimate
        /// Brier score, 0…2.
        public var brier: Estimate

        enum CodingKeys: String, CodingKey {
            case ece, brier
            case logLoss = "log_loss"
        }
    }

    /// One model.
    public struct Model: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// Labelled contents that it has judged, without those whose label it cannot say.
        public var contents: Int
        /// Temperature fitted on all of them; nil: see `reason`.
        public var temperature: Double?
        /// Temperatures fitted without each fold.
        public var foldTemperatures: [Double]
        /// As it is.
        public var before: Fit
        /// Each content scaled by the temperature that has not seen its fold.
        public var after: Fit?
        /// Why there is no temperature, or what is odd about it.
        public var reason: String?

        enum CodingKeys: String, CodingKey {
            case model, contents, temperature, before, after, reason
            case foldTemperatures = "fold_temperatures"
        }
    }

    /// Name of the calibration; nil when no model could be calibrated.
    public var name: String?
    /// Whether it was not there before.
    public var isNew: Bool
    /// How many parts the labels were divided into.
    public var folds: Int
    /// SHA-256 of the labels: of the texts' hashes and sentiments by content id.
    public var goldDigest: String
    /// The models.
    public var models: [Model]

    enum CodingKeys: String, CodingKey {
        case name, folds, models
        case isNew = "is_new"
        case goldDigest = "gold_digest"
    }
}
