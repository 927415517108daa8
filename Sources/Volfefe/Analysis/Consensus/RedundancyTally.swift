import Inference

/// Counts what becomes of a consensus when one of its models is left out, for each of them.
struct RedundancyTally {
    private let version: ConsensusVersion
    private let rule: any ConsensusRule
    /// For each model, how the others decide.
    private let rules: [any ConsensusRule]
    private var models: [RedundancyReport.Model]
    /// What each model says (rows), and the others' consensus.
    private var confusions: [ConfusionTable]

    /// The rules must leave out what has no verdict: they see each combination once without each model.
    init(_ version: ConsensusVersion, rule: any ConsensusRule, without rules: [any ConsensusRule]) {
        self.version = version
        self.rule = rule
        self.rules = rules
        confusions = version.voters.map { _ in ConfusionTable() }
        models = version.voters.map { voter in
            .init(model: voter.model.name, alone: voter.model.sentiments.map { .init(sentiment: $0) })
        }
    }

    /// Majority and weights: the same rule decides with and without a model.
    init(_ version: ConsensusVersion) throws {
        let rest = VoteCount(try version.askingLess)
        self.init(version, rule: VoteCount(version), without: version.voters.map { _ in rest })
    }

    /// Dawid and Skene: the errors of the others are estimated without the model.
    init(_ version: ConsensusVersion, _ observations: [DawidSkene.Observation]) throws {
        let rest = try version.askingLess
        self.init(
            version, rule: ProbabilityRule(version, version.estimate(observations)),
            without: version.voters.indices.map { voter in
                let others = observations.map {
                    DawidSkene.Observation(pattern: $0.pattern.without(voter), count: $0.count)
                }
                return ProbabilityRule(rest, rest.estimate(others))
            })
    }

    /// Counts contents with this combination of verdicts.
    mutating func add(_ pattern: VotePattern, confidences: [Double], count: Int = 1) {
        let full = rule.decision(pattern, confidences: confidences).sentiment
        for voter in version.voters.indices {
            let others = pattern.without(voter)
            guard let said = pattern[voter], !others.isEmpty else { continue }
            let rest = rules[voter].decision(others, confidences: confidences).sentiment
            models[voter].contents += count
            switch (full, rest) {
            case (.some, nil): models[voter].lost += count
            case (nil, .some): models[voter].gained += count
            case (let full, let rest): models[voter].flipped += full == rest ? 0 : count
            }
            if let rest { confusions[voter].add(said, rest, count: count) }
            addSolitude(voter, said, others, count)
        }
    }

    private mutating func addSolitude(_ voter: Int, _ said: Sentiment, _ others: VotePattern, _ count: Int) {
        guard let place = models[voter].alone.firstIndex(where: { $0.sentiment == said }) else { return }
        let present = version.voters.indices.filter { others[$0] != nil }
        guard present.contains(where: { version.voters[$0].model.sentiments.contains(said) }) else { return }
        models[voter].alone[place].said += count
        if !present.contains(where: { others[$0] == said }) { models[voter].alone[place].alone += count }
    }

    /// The counts as figures; `efforts` in the order of the models of the version.
    func report(_ efforts: [RedundancyReport.Effort?]) -> RedundancyReport {
        let finished = models.indices.map { voter in
            var model = models[voter]
            let own = version.voters[voter].model
            let others = version.voters.indices.filter { $0 != voter }.flatMap { version.voters[$0].model.sentiments }
            let shared = ConfusionTable(
                labels: Sentiment.allCases.filter { own.sentiments.contains($0) && others.contains($0) },
                from: confusions[voter])
            model.agreement = shared.agreement
            model.kappa = shared.cohenKappa
            model.inexpressible = confusions[voter].total - shared.total
            model.effort = efforts[voter]
            return model
        }
        return RedundancyReport(
            method: version.method, labels: version.method.usesLabels ? version.labels : nil,
            models: finished.sorted { first, second in
                let (one, other) = (first.rank, second.rank)
                return one.changed != other.changed ? one.changed < other.changed : one.saved > other.saved
            })
    }
}

extension RedundancyReport.Model {
    fileprivate var rank: (changed: Double, saved: Double) {
        (changed.value ?? 1, effort?.shareOfText ?? effort?.totalShare ?? 0)
    }
}

extension ConsensusVersion {
    /// The same, asking no more verdicts of a content than there are models when one is left out.
    fileprivate var askingLess: ConsensusVersion {
        get throws {
            try ConsensusVersion(
                method: method, models: voters.map(\.model), weights: voters.map(\.weight), labels: labels,
                minimumModels: max(1, min(minimumModels, voters.count - 1)),
                iterations: iterations ?? DawidSkene.mostIterations)
        }
    }
}

extension ConfusionTable {
    /// Those counts of another table whose two sentiments are among `labels`.
    fileprivate init(labels: [Sentiment], from table: ConfusionTable) {
        self.init(labels: labels)
        for (row, first) in table.labels.enumerated() {
            for (column, second) in table.labels.enumerated() { add(first, second, count: table.counts[row][column]) }
        }
    }
}
