/// Which field of a file of labels is which: what flags say, else the usual names.
public struct GoldFields: Sendable {
    /// The fields that a record may have.
    public enum Field: String, CaseIterable, Sendable {
        case contentID = "content_id"
        case id
        case externalID = "external_id"
        case source, text, label, annotator

        /// Names that files of labels use, the most telling first.
        var aliases: [String] {
            switch self {
            case .contentID: ["content_id"]
            case .id: ["id"]
            case .externalID: ["external_id", "tweet_id", "post_id", "uuid"]
            case .source: ["source"]
            case .text: ["text", "content", "sentence", "body", "message", "full_text", "tweet"]
            case .label: ["label", "gold", "gold_label", "sentiment", "target", "class"]
            case .annotator: ["annotator", "annotated_by", "labeller", "rater", "worker", "responder"]
            }
        }
    }

    private let given: [Field: String]

    /// `fields` maps our fields (`Field.rawValue`) to paths in the input; the usual names stand for the rest.
    public init(_ fields: [String: String] = [:]) {
        given = Dictionary(fields.compactMap { key, path in Field(rawValue: key).map { ($0, path) } }) { $1 }
    }

    /// Where `field` is looked for, for messages.
    func names(_ field: Field) -> [String] { given[field].map { [$0] } ?? field.aliases }

    /// The value of `field` in `record` as text, nil without one; a list of one value counts as the value.
    func find(_ field: Field, in record: FieldMapping.Fields) -> String? {
        for name in names(field) {
            if let text = record.value(at: name).flatMap({ Self.scalar($0.value) }) { return text }
        }
        return nil
    }

    /// Whether the label would be the verdict of a model, as in what `volfefe list` prints.
    func isVerdict(_ record: FieldMapping.Fields) -> Bool {
        guard given[.label] == nil else { return false }
        let names = names(.label).prefix { record.value(at: $0).flatMap { Self.scalar($0.value) } == nil }
        return names.count == Field.label.aliases.firstIndex(of: "sentiment")
            && ["model", "model_id"].contains { record.value(at: $0) != nil }
    }

    private static func scalar(_ value: JSONValue) -> String? {
        switch value {
        case .string(let string): string.isEmpty ? nil : string
        case .number(let digits): digits
        case .array(let values) where values.count == 1: scalar(values[0])
        case .null, .bool, .array, .object: nil
        }
    }

    /// Throws `.badInput` when a table has no column for the label, or none that says which content is meant.
    func check(header: [String], file: String) throws {
        let columns = FieldMapping.Fields(header.map { .init(key: $0, value: .string("x")) })
        let has = { (field: Field) in find(field, in: columns) != nil }
        for field in Field.allCases where given[field] != nil && !has(field) { throw missing([field], header, file) }
        if !has(.label) { throw missing([.label], header, file) }
        let keys: [Field] = [.contentID, .id, .externalID, .text]
        if !keys.contains(where: has) { throw missing(keys, header, file) }
    }

    private func missing(_ fields: [Field], _ header: [String], _ file: String) -> VolfefeError {
        let ours = fields.map { "`\($0.rawValue)`" }.joined(separator: " or ")
        let looked = fields.flatMap(names).joined(separator: ", ")
        return .badInput(
            "\(file):1: there is no column for \(ours): looked for \(looked); the header has "
                + "\(header.joined(separator: ", ")). Name the column with --map \(fields[0].rawValue)=COLUMN.")
    }
}
