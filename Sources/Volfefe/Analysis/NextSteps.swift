import Inference

/// The rules by which a report recommends what to do next: pure, from its figures alone, the most urgent first.
struct NextSteps {
    /// Below so many contents judged by two models or more, intervals are too wide to decide anything.
    static let fewContents = 100
    /// Contents that are proposed for labelling at once.
    static let labelled = 20
    /// A pair of models says the same when the lower end of κ's interval is at least this.
    static let twinKappa = 0.8
    /// A share of the contents from which something is worth a remark.
    static let remarkable = 0.05
    /// A share of the verdicts with score 1 from which confidences do not rank texts any more.
    static let manyPerfect = 0.1
    /// A share of the time from which a model is the one to make faster.
    static let mostTime = 0.5

    let report: InsightReport

    /// Everything that the figures recommend.
    var steps: [NextStep] {
        guard !report.models.isEmpty else {
            return (report.contents.withText > 0 ? [.classify(contents: report.contents.withText)] : []) + texts
        }
        return gaps + amount + differences + redundancy + dispensable + confidence + time + sources + texts
    }

    private var gaps: [NextStep] {
        let failed = report.models.filter { $0.failed > 0 }
        let stale = report.models.reduce(0) { $0 + $1.stale }
        // What failed or is stale is missing too, and said apart.
        let missing = report.models.map { ($0, max($0.missing - $0.failed - $0.stale, 0)) }.max { $0.1 < $1.1 }
        var steps: [NextStep] = []
        if let (model, count) = missing, count > 0 {
            steps.append(.complete(model: model.model.name, missing: count, of: model.contents))
        }
        if !failed.isEmpty {
            steps.append(
                .retry(failed: failed.reduce(0) { $0 + $1.failed }, models: failed.map(\.model.name)))
        }
        if stale > 0 { steps.append(.refresh(stale: stale)) }
        return steps
    }

    private var amount: [NextStep] {
        if report.models.count == 1 { return [.addModels(only: report.models[0].model.name)] }
        let share = report.disagreement.share
        guard report.disagreement.judged < Self.fewContents, let low = share.low, let high = share.high else {
            return []
        }
        // The share that agrees is what does not differ.
        return [.collectMore(contents: report.disagreement.judged, low: 1 - high, high: 1 - low)]
    }

    private var differences: [NextStep] {
        let figures = report.disagreement
        var steps: [NextStep] = []
        let limited = report.models.map(\.model).filter { $0.sentiments.count < Sentiment.allCases.count }
        if figures.inexpressible > 0, !limited.isEmpty {
            steps.append(
                .readSharedLabels(
                    models: limited.map(\.name), inexpressible: figures.inexpressible, differing: figures.differing))
        }
        if !report.toLabel.isEmpty {
            steps.append(.label(contents: report.toLabel, contradicting: report.contradicting))
        }
        let byAlone = figures.alone.enumerated().sorted { ($1.element, $0.offset) < ($0.element, $1.offset) }
        if byAlone.count > 2, let most = byAlone.first, most.element >= 5, most.element >= 2 * byAlone[1].element {
            steps.append(
                .lookAtOutsider(
                    model: report.models[most.offset].model.name, alone: most.element, of: figures.judgedByAll,
                    next: byAlone[1].element))
        }
        return steps
    }

    /// Pairs that say the same with certainty, the slower of which could go; at most one for each slow model.
    private var redundancy: [NextStep] {
        let section = report.agreement.sections.first { $0.texts == .words && $0.labels == .all }
        let latencies = Dictionary(report.latency.map { ($0.model.name, $0) }) { first, _ in first }
        var slowOnes: Set<String> = []
        return (section?.pairs ?? []).compactMap { pair in
            guard let kappa = pair.kappa.value, let low = pair.kappa.low, low >= Self.twinKappa,
                let agreement = pair.agreement.value, let first = latencies[pair.first],
                let second = latencies[pair.second], let one = first.timeShare, let other = second.timeShare
            else { return nil }
            let (slow, fast) = one > other ? (first, second) : (second, first)
            guard slowOnes.insert(slow.model.name).inserted else { return nil }
            return .compareTwins(
                slow: slow.model.name, fast: fast.model.name, agreement: agreement, kappa: kappa,
                timeShare: slow.timeShare ?? 0)
        }
    }

    /// The model of which most time would be saved, of those whose absence is certain to change few consensuses.
    private var dispensable: [NextStep] {
        let models = (report.redundancy?.models ?? []).filter { model in
            model.changed.high.map { $0 < Self.remarkable } ?? false
                && model.effort?.totalShare.map { $0 >= Self.remarkable } ?? false
        }
        let most = models.max { ($0.effort?.totalShare ?? 0) < ($1.effort?.totalShare ?? 0) }
        guard let most, let changed = most.changed.value, let share = most.effort?.totalShare else { return [] }
        return [.dropModel(model: most.model, changed: changed, of: most.contents, timeShare: share)]
    }

    private var confidence: [NextStep] {
        report.models.filter { $0.verdicts > 0 && Self.share($0.perfect, $0.verdicts) >= Self.manyPerfect }
            .map { .calibrate(model: $0.model.name, perfect: $0.perfect, of: $0.verdicts) }
    }

    private var time: [NextStep] {
        guard report.latency.count > 1 else { return [] }
        return report.latency.compactMap { model in
            guard let share = model.timeShare, share >= Self.mostTime, let steady = model.steady else { return nil }
            return .speedUp(
                model: model.model.name, timeShare: share, p50Ms: steady.p50Ms, p95Ms: steady.p95Ms)
        }
    }

    /// The source whose interval lies below that of all others together, and furthest.
    private var sources: [NextStep] {
        let found = report.sources.compactMap { source -> (gap: Double, step: NextStep)? in
            guard let share = source.allAgree.value, let high = source.allAgree.high,
                let elsewhere = source.elsewhere.value, let low = source.elsewhere.low, high < low
            else { return nil }
            return (
                elsewhere - share, .lookAtSource(source: source.source, agreement: share, elsewhere: elsewhere)
            )
        }
        return found.max { $0.gap < $1.gap }.map { [$0.step] } ?? []
    }

    private var texts: [NextStep] {
        let figures = report.contents
        var steps: [NextStep] = []
        if Self.share(figures.linksOnly, figures.withText) >= Self.remarkable {
            steps.append(.separateLinks(links: figures.linksOnly, of: figures.withText))
        }
        if Self.share(figures.withoutText, figures.contents) >= Self.remarkable {
            steps.append(.findTexts(withoutText: figures.withoutText, of: figures.contents))
        }
        if let duplicates = figures.duplicates, Self.share(duplicates, figures.withText) >= Self.remarkable {
            steps.append(.dropDuplicates(duplicates: duplicates, of: figures.withText))
        }
        if let worst = report.models.max(by: { $0.truncated < $1.truncated }),
            Self.share(worst.truncated, worst.verdicts) >= Self.remarkable
        {
            steps.append(.readWhole(model: worst.model.name, truncated: worst.truncated, of: worst.verdicts))
        }
        if Self.share(figures.undated, figures.contents) >= Self.remarkable {
            steps.append(.addDates(undated: figures.undated, of: figures.contents))
        }
        return steps
    }

    private static func share(_ part: Int, _ whole: Int) -> Double { whole > 0 ? Double(part) / Double(whole) : 0 }
}
