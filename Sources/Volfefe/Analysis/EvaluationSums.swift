import Inference

/// Takes gold labels and verdicts content by content, and gives the evaluation at the end.
struct EvaluationSums {
    /// What a model said of a content.
    struct Verdict {
        var said: Sentiment
        var probabilities: Probabilities?
    }

    private struct Cards {
        var all, expressible: Scorecard
        var missing = 0

        init(_ sentiments: [Sentiment]) {
            all = Scorecard(labels: Sentiment.allCases, expressible: sentiments)
            expressible = Scorecard(labels: sentiments, expressible: sentiments)
        }
    }

    private let models: [AnalysedModel]
    private var places: [String?: Int] = [:]
    private var groups: [(name: String?, cards: [Cards])] = []

    init(_ models: [AnalysedModel]) { self.models = models }

    /// Counts a content with what each model said, in their order; nil: nothing.
    mutating func add(gold: Sentiment, group: String?, _ verdicts: [Verdict?]) {
        let place = place(of: group)
        for (index, verdict) in verdicts.enumerated() {
            guard let verdict else {
                groups[place].cards[index].missing += 1
                continue
            }
            groups[place].cards[index].all.add(gold: gold, said: verdict.said, verdict.probabilities)
            guard models[index].isLimited, models[index].sentiments.contains(gold) else { continue }
            groups[place].cards[index].expressible.add(gold: gold, said: verdict.said, verdict.probabilities)
        }
        if let majority = Self.majority(verdicts) {
            groups[place].cards[models.count].all.add(gold: gold, said: majority, nil)
        } else {
            groups[place].cards[models.count].missing += 1
        }
    }

    private mutating func place(of group: String?) -> Int {
        if let place = places[group] { return place }
        places[group] = groups.count
        groups.append((group, models.map { Cards($0.sentiments) } + [Cards(Sentiment.allCases)]))
        return groups.count - 1
    }

    /// What more of the models say than anything else; nil for a tie, or when fewer than two say anything.
    private static func majority(_ verdicts: [Verdict?]) -> Sentiment? {
        var votes = SIMD3<Int>.zero
        for case let verdict? in verdicts { votes[verdict.said.position] += 1 }
        let most = votes.max()
        guard votes.wrappedSum() > 1 else { return nil }
        let leaders = Sentiment.allCases.filter { votes[$0.position] == most }
        return leaders.count == 1 ? leaders[0] : nil
    }

    /// Groups ascending, without one first; models in their order, then the majority of several.
    func rows(temperatures: [Double?]) -> [Evaluation.Row] {
        groups.sorted { ($0.name ?? "") < ($1.name ?? "") }.flatMap { group, cards in
            cards.enumerated().compactMap { index, card -> Evaluation.Row? in
                guard index < models.count else {
                    guard models.count > 1 else { return nil }
                    let section = Evaluation.Section(.all, card.all, hasProbabilities: false)
                    return .init(
                        group: group, model: "majority", temperature: nil, missing: card.missing, sections: [section])
                }
                let model = models[index]
                let sections =
                    [Evaluation.Section(.all, card.all)]
                    + (model.isLimited ? [Evaluation.Section(.expressible, card.expressible)] : [])
                return .init(
                    group: group, model: model.name, temperature: temperatures[index], missing: card.missing,
                    sections: sections)
            }
        }
    }
}

extension AnalysedModel {
    /// Whether there is a sentiment that it cannot say.
    var isLimited: Bool { sentiments.count < Sentiment.allCases.count }
}
