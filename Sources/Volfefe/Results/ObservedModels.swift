import Inference

/// Name of a model version in a results file.
struct ResultModel: Sendable, Hashable, Comparable {
    /// Model id.
    var id: String
    /// Version label.
    var version: String

    /// `id@version`.
    var name: String { "\(id)@\(version)" }

    static func < (first: Self, second: Self) -> Bool { (first.id, first.version) < (second.id, second.version) }
}

/// What the verdicts of a file show of their models. Pure.
struct ObservedModels {
    /// What was seen of one model version.
    struct Traits {
        /// Sentiments that have a score.
        var sentiments: Set<Sentiment> = []
        /// Raw labels.
        var labels: Set<String> = []
        /// How many verdicts there are.
        var verdicts = 0
    }

    private(set) var traits: [ResultModel: Traits] = [:]

    /// Takes a verdict into account.
    mutating func add(_ block: ResultBlock, version: String) {
        var traits = traits[.init(id: block.modelID, version: version)] ?? Traits()
        traits.verdicts += 1
        if let scores = block.scores { traits.sentiments.formUnion(scores.keys) }
        for raw in block.output ?? [] {
            if !traits.labels.contains(raw.label) { traits.labels.insert(raw.label) }
            // Without scores by sentiment, what the labels usually mean is all there is.
            if block.scores == nil, let sentiment = Sentiment.named(raw.label) {
                traits.sentiments.insert(sentiment)
            }
        }
        self.traits[.init(id: block.modelID, version: version)] = traits
    }

    /// Whether labels can be those of a model version: all of them were seen, and no sentiment besides.
    func fit(_ labels: [ModelSpecification.Label], _ model: ResultModel) -> Bool {
        guard let traits = traits[model] else { return false }
        return traits.sentiments.isSubset(of: labels.map(\.sentiment))
            && (traits.labels.isEmpty || labels.allSatisfy { traits.labels.contains($0.name) })
    }

    /// The labels that follow from what was seen: a raw label for each sentiment where its name tells, else the sentiment's own
    /// name. Empty when no score says what the model can express.
    func labels(of model: ResultModel) -> [ModelSpecification.Label] {
        guard let traits = traits[model] else { return [] }
        let sentiments = Sentiment.allCases.filter(traits.sentiments.contains)
        let named = sentiments.map { sentiment in
            traits.labels.sorted().filter { Sentiment.named($0) == sentiment }
        }
        // Only where each sentiment has one label, and each label a sentiment, do the scores follow from one another.
        let isOneToOne = named.allSatisfy { $0.count == 1 } && named.count == traits.labels.count
        return zip(sentiments, named).map { sentiment, names in
            .init(name: isOneToOne ? names[0] : sentiment.rawValue, sentiment: sentiment)
        }
    }
}
