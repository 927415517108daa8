import Inference

/// What Dawid and Skene's method has estimated, with names.
public struct EstimatedErrors: Sendable, Hashable, Encodable {
    /// One model's errors.
    public struct Model: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// Probability that it says the true sentiment, whatever that is.
        public var accuracy: Double?
        /// The same where the true sentiment is one that it can say.
        public var ownAccuracy: Double?
        /// True sentiment → what the model says of it → probability.
        public var confusion: [String: [String: Double]]

        enum CodingKeys: String, CodingKey {
            case model, accuracy, confusion
            case ownAccuracy = "own_accuracy"
        }
    }

    /// The sentiments that were said at all.
    public var sentiments: [Sentiment]
    /// Sentiment → share of the contents.
    public var priors: [String: Double]
    /// Rounds.
    public var iterations: Int
    /// Whether further rounds would change nothing above 1e-9.
    public var converged: Bool
    /// Natural logarithm of the likelihood.
    public var logLikelihood: Double
    /// The models.
    public var models: [Model]
    /// What to know before believing it.
    public var caution: String?

    init(_ estimate: DawidSkene, _ voters: [ConsensusVersion.Voter]) {
        let names = estimate.classes.map(\.rawValue)
        sentiments = estimate.classes
        priors = Dictionary(uniqueKeysWithValues: zip(names, estimate.priors))
        iterations = estimate.iterations
        converged = estimate.isConverged
        logLikelihood = estimate.logLikelihood
        models = voters.enumerated().map { index, voter in
            let rows = estimate.errors[index].map { Dictionary(uniqueKeysWithValues: zip(names, $0)) }
            return Model(
                model: voter.model.name, accuracy: estimate.accuracy(of: index, on: Sentiment.allCases),
                ownAccuracy: estimate.accuracy(of: index, on: voter.model.sentiments),
                confusion: Dictionary(uniqueKeysWithValues: zip(names, rows)))
        }
        caution =
            voters.count < 3
            ? "two models cannot tell who of them is wrong: at least three are needed"
            : estimate.isConverged ? nil : "it has not converged: more rounds would change it"
    }

    enum CodingKeys: String, CodingKey {
        case sentiments, priors, iterations, converged, models, caution
        case logLikelihood = "log_likelihood"
    }

    /// Writes an absent caution as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(sentiments, forKey: .sentiments)
        try container.encode(priors, forKey: .priors)
        try container.encode(iterations, forKey: .iterations)
        try container.encode(converged, forKey: .converged)
        try container.encode(logLikelihood, forKey: .logLikelihood)
        try container.encode(models, forKey: .models)
        try container.encode(caution, forKey: .caution)
    }
}
