import Inference

/// How right models are, measured on gold labels.
public struct Evaluation: Sendable, Hashable, Encodable {
    /// How contents are grouped.
    public enum Grouping: String, Sendable, Hashable, CaseIterable {
        /// Not at all: one row per model version.
        case model
        /// By their source.
        case source
        /// By the day, Monday of the week, or month (UTC) in which they were published.
        case day, week, month
        /// By words: links only, 1 to 9, 10 to 29, 30 or more.
        case length
    }

    /// Which gold labels count.
    public enum Labels: String, Sendable, Hashable, Encodable {
        /// All.
        case all
        /// Those that the model is able to say.
        case expressible
    }

    /// Figures on some of the contents.
    public struct Section: Sendable, Hashable, Encodable {
        /// Which gold labels.
        public var labels: Labels
        /// Contents with a gold label and a verdict.
        public var contents: Int
        /// Share on which the model is right.
        public var accuracy: Estimate
        /// Mean F1 over the sentiments that are a gold label or were predicted.
        public var macroF1: Estimate
        /// Σ over sentiments of (probability − 1 or 0)², averaged over contents: 0…2 (Brier, Monthly Weather Review 78, 1950).
        public var brier: Estimate
        /// Mean of −ln probability of the gold label.
        public var logLoss: Estimate
        /// Expected calibration error over 15 bins.
        public var ece: Estimate
        /// Mean confidence; above the accuracy: overconfident.
        public var meanConfidence: Estimate
        /// Sentiment with the lowest F1 of those with support; nil without contents.
        public var worstClass: Sentiment?
        /// Each sentiment.
        public var classes: [ClassFigures]
        /// Gold labels (rows) and what the model said (columns).
        public var confusion: ConfusionTable
        /// How often it is right, by how sure it is.
        public var reliability: [ReliabilityBin]
        /// What to know beside the figures.
        public var notes: [String]

        enum CodingKeys: String, CodingKey {
            case labels, contents, accuracy, brier, ece, classes, confusion, reliability, notes
            case macroF1 = "macro_f1"
            case logLoss = "log_loss"
            case meanConfidence = "mean_confidence"
            case worstClass = "worst_class"
        }
    }

    /// A model on the contents of one group.
    public struct Row: Sendable, Hashable, Encodable {
        /// Source, day, …; nil: all, or unknown.
        public var group: String?
        /// `id@version`, or `majority`: what most models say.
        public var model: String
        /// Temperature that its probabilities were calibrated with; nil: as they are.
        public var temperature: Double?
        /// Contents with a gold label but without a verdict; for `majority`, without one sentiment that most models say.
        public var missing: Int
        /// On all labels, then, for a model that cannot say every sentiment, on those that it can.
        public var sections: [Section]

        enum CodingKeys: String, CodingKey { case group, model, temperature, missing, sections }

        /// Writes what is not defined as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(group, forKey: .group)
            try container.encode(model, forKey: .model)
            try container.encode(temperature, forKey: .temperature)
            try container.encode(missing, forKey: .missing)
            try container.encode(sections, forKey: .sections)
        }
    }

    /// The gold labels that there are.
    public var gold: GoldTotals
    /// Name of the calibration; nil: none.
    public var calibration: String?
    /// The models.
    public var models: [AnalysedModel]
    /// Groups ascending, models in their order, then their majority.
    public var rows: [Row]
}

extension Evaluation.Section {
    init(_ labels: Evaluation.Labels, _ card: Scorecard, hasProbabilities: Bool = true) {
        let classes = card.confusion.classFigures(expressible: card.expressible)
        let none = Estimate.undefined(hasProbabilities ? "no contents" : "a majority of verdicts has no probabilities")
        let isEmpty = card.confusion.total == 0
        self.init(
            labels: labels, contents: card.confusion.total, accuracy: card.confusion.agreement,
            macroF1: card.confusion.macroF1, brier: hasProbabilities ? card.brier.estimate(in: 0...2) : none,
            logLoss: hasProbabilities ? card.logLossEstimate : none,
            ece: hasProbabilities ? card.reliability.expectedCalibrationError : none,
            meanConfidence: hasProbabilities ? card.reliability.meanConfidence : none,
            worstClass: isEmpty ? nil : classes.worst, classes: classes, confusion: card.confusion,
            reliability: hasProbabilities ? card.reliability.table : [], notes: isEmpty ? [] : card.notes(classes))
    }
}

extension Scorecard {
    fileprivate var logLossEstimate: Estimate {
        inexpressible > 0
            ? .undefined(
                "\(inexpressible) gold labels are ones that the model cannot say: it gives them no probability")
            : logLoss.estimate(in: 0...Double.infinity)
    }

    fileprivate func notes(_ classes: [ClassFigures]) -> [String] {
        var notes = classes.filter { $0.predicted == 0 && $0.support > 0 }.map { figures in
            let name = figures.sentiment.rawValue
            return
                "\(figures.precision.reason ?? name): its precision is not defined, its F1 counts as 0 in the macro mean"
        }
        if impossible > 0 {
            notes.append("\(impossible) gold labels have the score 0, which counts as \(Self.smallest) in the log loss")
        }
        return notes
    }
}

extension [ClassFigures] {
    /// The first with the lowest F1 among those that are a gold label.
    fileprivate var worst: Sentiment? {
        filter { $0.support > 0 }.min { ($0.f1.value ?? 0) < ($1.f1.value ?? 0) }?.sentiment
    }
}
