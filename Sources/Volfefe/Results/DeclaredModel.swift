import Inference

/// What someone says about a model version whose results are imported.
struct DeclaredModel: Sendable, Hashable {
    /// Model id.
    var id: String
    /// Version label.
    var version: String
    /// Raw labels in index order, with what they mean.
    var labels: [ModelSpecification.Label]
    /// Hash of the weights; nil when it is not known.
    var revision: String?
    /// What computed the results; nil when it is not known.
    var engine, precision: String?
    /// Longest input in tokens.
    var maxTokens: Int?

    /// An entry of the registry; its engine counts only where it is one, `auto` is not.
    init(_ entry: ModelSpecification) {
        id = entry.id
        version = entry.version
        labels = entry.labels
        revision = entry.revision
        engine = ["auto", Self.unknown].contains(entry.engine) ? nil : entry.engine
        precision = entry.precision
        maxTokens = entry.maxTokens
    }

    /// Reads a model of a worker's `ready` line, of which only `id`, `version` and `labels` must be there. Throws `ResultFault`.
    init(_ value: JSONValue) throws {
        guard let id = value["id"]?.string, !id.isEmpty, let version = value["version"]?.string, !version.isEmpty else {
            throw ResultFault("a model of the header needs `id` and `version`.")
        }
        self.id = id.withoutNUL
        self.version = version.withoutNUL
        labels = try Self.labels(value["labels"], of: id)
        revision = value["revision"]?.string
        engine = value["engine"]?.string
        precision = value["precision"]?.string
        maxTokens = value["max_tokens"]?.whole.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Stands for a revision, an engine or a precision that nobody told.
    static let unknown = "unknown"

    /// As the store takes it.
    var record: ModelVersionRecord {
        ModelVersionRecord(
            modelID: id, version: version, revision: revision ?? Self.unknown, engine: engine ?? Self.unknown,
            precision: precision ?? Self.unknown, hasNeutral: labels.contains { $0.sentiment == .neutral },
            maxTokens: maxTokens, labels: labels)
    }

    /// `[{"name": "POSITIVE", "sentiment": "positive"}, …]` or `{"POSITIVE": "positive", …}`.
    private static func labels(_ value: JSONValue?, of id: String) throws -> [ModelSpecification.Label] {
        let pairs =
            value?.elements?.map { ($0["name"]?.string, $0["sentiment"]?.string) }
            ?? value?.members?.map { ($0.key, $0.value.string) }
        let labels = pairs?.map { name, sentiment in (name, sentiment.flatMap(Sentiment.init(rawValue:))) }
        guard let labels, !labels.isEmpty, labels.allSatisfy({ $0.0 != nil && $0.1 != nil }) else {
            throw ResultFault(
                "`labels` of \(id) in the header must say which sentiment each label is, such as {\"POSITIVE\": \"positive\", "
                    + "\"NEGATIVE\": \"negative\"}.")
        }
        return labels.compactMap { name, sentiment in
            guard let name, let sentiment else { return nil }
            return .init(name: name, sentiment: sentiment)
        }
    }
}
