import Inference

/// How many contents came out how; with which combination of verdicts.
struct ConsensusTally: Sendable {
    struct Key: Hashable {
        var pattern: VotePattern
        var outcome: ConsensusDecision.Outcome
    }

    private(set) var counts: [Key: Int] = [:]

    mutating func add(_ pattern: VotePattern, _ outcome: ConsensusDecision.Outcome, count: Int = 1) {
        counts[Key(pattern: pattern, outcome: outcome), default: 0] += count
    }
}

/// A consensus in figures.
public struct ConsensusSummary: Sendable, Hashable, Encodable {
    /// Contents that have a text.
    public var contents: Int
    /// Those of them that one of the models has judged.
    public var judged: Int
    /// Contents by sentiment.
    public var positive = 0
    /// Neutral ones.
    public var neutral = 0
    /// Negative ones.
    public var negative = 0
    /// Contents on which sentiments tie: they have none.
    public var ties = 0
    /// Contents that too few models have judged: they have none.
    public var tooFew = 0
    /// Contents whose consensus a model that has judged them cannot express.
    public var inexpressible = 0
    /// How far each model says what the consensus is.
    public var models: [Model]

    /// A model and the consensus.
    public struct Model: Sendable, Hashable, Encodable {
        /// `id@version`.
        public var model: String
        /// Its weight; nil in methods without weights.
        public var weight: Double?
        /// Contents with a consensus that the model has judged and whose consensus it can express.
        public var contents = 0
        /// Those with a consensus that it cannot express.
        public var inexpressible = 0
        /// Share of `contents` on which the model says the consensus. It has taken part in it, so this is no measure of truth.
        public var agreement = Estimate.undefined("no contents")

        enum CodingKeys: String, CodingKey { case model, weight, contents, inexpressible, agreement }

        /// Writes a weight that there is not as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(model, forKey: .model)
            try container.encode(weight, forKey: .weight)
            try container.encode(contents, forKey: .contents)
            try container.encode(inexpressible, forKey: .inexpressible)
            try container.encode(agreement, forKey: .agreement)
        }
    }

    init(_ tally: ConsensusTally, of version: ConsensusVersion, contents: Int) {
        self.contents = contents
        judged = tally.counts.values.reduce(0, +)
        models = version.voters.map {
            Model(model: $0.model.name, weight: version.method.usesWeights ? $0.weight : nil)
        }
        var agreeing = models.map { _ in 0 }
        for (key, count) in tally.counts {
            switch key.outcome {
            case .tie: ties += count
            case .tooFew: tooFew += count
            case .sentiment(let sentiment):
                self[sentiment] += count
                var isExpressible = true
                for (index, voter) in version.voters.enumerated() {
                    guard let said = key.pattern[index] else { continue }
                    if voter.model.sentiments.contains(sentiment) || said == sentiment {
                        models[index].contents += count
                        agreeing[index] += said == sentiment ? count : 0
                    } else {
                        models[index].inexpressible += count
                        isExpressible = false
                    }
                }
                inexpressible += isExpressible ? 0 : count
            }
        }
        for index in models.indices { models[index].agreement = .share(agreeing[index], of: models[index].contents) }
    }

    private subscript(_ sentiment: Sentiment) -> Int {
        get {
            switch sentiment {
            case .positive: positive
            case .neutral: neutral
            case .negative: negative
            }
        }
        set {
            switch sentiment {
            case .positive: positive = newValue
            case .neutral: neutral = newValue
            case .negative: negative = newValue
            }
        }
    }

    enum CodingKeys: String, CodingKey {
        case contents, judged, positive, neutral, negative, ties, inexpressible, models
        case tooFew = "too_few"
    }
}
