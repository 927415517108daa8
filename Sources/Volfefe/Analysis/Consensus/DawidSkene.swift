import Inference

/// Each model's errors, estimated without labels from how often they say what together.
///
/// Dawid and Skene, "Maximum Likelihood Estimation of Observer Error-Rates Using the EM Algorithm", Applied Statistics 28
/// (1979): every content has one true sentiment c, with probability p(c); each model says l of it with probability
/// e(c, l), whatever the others say. A model that never says a sentiment has a column of zeros there, which is no evidence
/// against it.
public struct DawidSkene: Sendable, Hashable {
    /// Contents with the same combination of verdicts.
    struct Observation: Sendable, Hashable {
        /// What each model said.
        var pattern: VotePattern
        /// How many there are.
        var count: Int
    }

    /// The sentiments that any model said; no other can be found.
    let classes: [Sentiment]
    /// p(c), by class; they sum to 1.
    let priors: [Double]
    /// e(c, l): by model, true class, said class; rows sum to 1.
    let errors: [[[Double]]]
    /// Rounds of estimating the sentiments and then the errors.
    let iterations: Int
    /// Whether the last round changed no probability by more than 1e-9.
    let isConverged: Bool
    /// Natural logarithm of the probability of all that was said.
    let logLikelihood: Double
    /// Probabilities of each class by combination of verdicts.
    private let posteriors: [VotePattern: [Double]]

    /// Rounds at most, unless asked for otherwise.
    public static let mostIterations = 2000
    /// Change of a probability below which the estimate stands.
    static let tolerance = 1e-9

    /// Estimates from all observations, beginning with the shares of the votes, in at most `iterations` rounds.
    init(_ observations: [Observation], voters: Int, iterations most: Int = mostIterations) {
        var fit = Expectation(observations, voters: voters)
        var rounds = 0
        var isStanding = fit.isEmpty
        while !isStanding, rounds < most {
            isStanding = fit.estimateClasses() < Self.tolerance
            fit.estimateErrors()
            rounds += 1
        }
        classes = fit.classes
        priors = fit.priors
        errors = fit.errorTables
        iterations = rounds
        isConverged = isStanding
        logLikelihood = fit.logLikelihood
        posteriors = fit.posteriorsByPattern
    }

    /// Probability of each class of contents with this combination; nil for a combination that was not observed.
    func posterior(_ pattern: VotePattern) -> [Double]? { posteriors[pattern] }

    /// Probability that a model is right about a content whose true sentiment is one of `sentiments`; nil without any.
    func accuracy(of voter: Int, on sentiments: [Sentiment]) -> Double? {
        let indices = classes.indices.filter { sentiments.contains(classes[$0]) }
        let mass = indices.reduce(0) { $0 + priors[$1] }
        guard mass > 0 else { return nil }
        return indices.reduce(0) { $0 + priors[$1] * errors[voter][$1][$1] } / mass
    }
}

extension ConsensusVersion {
    /// The errors of its models.
    func estimate(_ observations: [DawidSkene.Observation]) -> DawidSkene {
        DawidSkene(observations, voters: voters.count, iterations: iterations ?? DawidSkene.mostIterations)
    }
}

/// The most probable sentiment, given the estimated errors.
struct ProbabilityRule: ConsensusRule {
    let estimate: DawidSkene
    private let minimumModels: Int
    private let abilities: [SentimentSet]

    init(_ version: ConsensusVersion, _ estimate: DawidSkene) {
        self.estimate = estimate
        minimumModels = version.minimumModels
        abilities = version.abilities
    }

    func decision(_ pattern: VotePattern, confidences: [Double]) -> ConsensusDecision {
        var scores = BySentiment(0.0)
        for (sentiment, probability) in zip(estimate.classes, estimate.posterior(pattern) ?? []) {
            scores[sentiment] = probability
        }
        var saying = BySentiment(0)
        var able = BySentiment(0)
        for voter in abilities.indices {
            guard let said = pattern[voter] else { continue }
            saying[said] += 1
            for sentiment in Sentiment.allCases where sentiment == said || abilities[voter].contains(sentiment) {
                able[sentiment] += 1
            }
        }
        return ConsensusDecision(
            scores: scores, scored: SentimentSet(estimate.classes), saying: saying, able: able,
            minimumModels: minimumModels)
    }
}
