import Inference

/// A text on its way to a worker, for every content of a page that has it.
struct Errand: Sendable {
    private struct Key: Hashable {
        let text: String
        let missing: [String]
    }

    /// The contents; the text is classified for the first of them.
    private(set) var items: [WorkItem]

    /// The text.
    var text: String { items[0].text }
    /// The models that the contents miss.
    var models: [String] { items[0].missing }
    /// The contents' ids.
    var contentIDs: [Int64] { items.map(\.contentID) }

    /// An errand for each item, or with `sharing` for each text of those that miss the same models.
    static func list(_ items: [WorkItem], sharing: Bool) -> [Errand] {
        guard sharing else { return items.map { Errand(items: [$0]) } }
        var errands: [Errand] = []
        var places: [Key: Int] = [:]
        for item in items {
            let key = Key(text: item.text, missing: item.missing)
            if let place = places[key] {
                errands[place].items.append(item)
            } else {
                places[key] = errands.count
                errands.append(Errand(items: [item]))
            }
        }
        return errands
    }

    /// What the results mean for each content. Failures are nobody's but the first one's: then the others go for themselves.
    func ended(with results: ModelResults) -> (texts: [ClassifiedText], again: [Errand]) {
        let first = items[0]
        var texts = [ClassifiedText(contentID: first.contentID, textVersion: first.textVersion, results: results)]
        guard !results.hasFailures else { return (texts, items.dropFirst().map { Errand(items: [$0]) }) }
        texts += items.dropFirst().map { item in
            ClassifiedText(
                contentID: item.contentID, textVersion: item.textVersion, results: results,
                reusedFrom: results.models.mapValues { _ in first.contentID })
        }
        return (texts, [])
    }
}

extension ModelResults {
    /// Whether some model gave no prediction.
    fileprivate var hasFailures: Bool {
        models.values.contains { if case .failure = $0 { true } else { false } }
    }
}
