/// Which field of an input is which of ours: what settings and flags say, else the usual names.
public struct FieldMapping: Sendable {
    /// The fields of a content that an input may hold.
    public enum Field: String, CaseIterable, Sendable {
        case id, text
        case publishedAt = "published_at"
        case author, url

        /// Names that exports use, the most telling first; a dot reaches into an object.
        var aliases: [String] {
            switch self {
            case .id: ["id", "external_id", "tweet_id", "post_id", "uuid"]
            case .text: ["text", "content", "body", "message", "full_text", "tweet"]
            case .publishedAt: ["published_at", "created_at", "created", "date", "timestamp"]
            case .author: ["author", "username", "user", "user.screen_name", "account.username"]
            case .url: ["url", "link", "permalink"]
            }
        }
    }

    private let given: [Field: String]

    /// `fields` maps our fields (`Field.rawValue`) to paths in the input; the usual names stand for the rest.
    public init(_ fields: [String: String] = [:]) {
        given = Dictionary(fields.compactMap { key, path in Field(rawValue: key).map { ($0, path) } }) { $1 }
    }

    /// The name that settings or flags give for `field`.
    func given(_ field: Field) -> String? { given[field] }

    /// Where `field` is looked for, for messages.
    func names(_ field: Field) -> [String] { given[field].map { [$0] } ?? field.aliases }

    /// The value of `field` in `record`, and the top-level key that it is the whole of, if it is.
    func find(_ field: Field, in record: Fields) -> (value: JSONValue, key: String?)? {
        for name in names(field) {
            guard let found = record.value(at: name) else { continue }
            // An object under a name that only happens to be usual, such as `user`, is not what is meant.
            if case .object = found.value, given[field] == nil { continue }
            return found
        }
        return nil
    }

    /// Throws `.badInput` when a column that is needed, or that settings or flags name, is not in the header of a table.
    func check(header: [String], file: String) throws {
        let columns = Fields(header.map { JSONValue.Member(key: $0, value: .null) })
        for field in Field.allCases where field == .text || given[field] != nil {
            guard find(field, in: columns) == nil else { continue }
            throw VolfefeError.badInput(
                "\(file):1: there is no column for `\(field.rawValue)`: looked for \(names(field).joined(separator: ", ")); the "
                    + "header has \(header.joined(separator: ", ")). Name the column with --map \(field.rawValue)=COLUMN."
            )
        }
    }

    /// A record's fields, by name whatever the case.
    struct Fields {
        let members: [JSONValue.Member]
        private let positions: [String: Int]

        init(_ members: [JSONValue.Member]) {
            self.members = members
            positions = Dictionary(members.enumerated().map { ($0.element.key.lowercased(), $0.offset) }) { $1 }
        }

        /// The value at a name or a dotted path; a name with a dot in it comes before a path.
        func value(at path: String) -> (value: JSONValue, key: String?)? {
            let path = path.lowercased()
            if let position = positions[path] { return (members[position].value, members[position].key) }
            guard let dot = path.firstIndex(of: "."), let position = positions[String(path[..<dot])],
                case .object(let inner) = members[position].value
            else { return nil }
            return Fields(inner).value(at: String(path[path.index(after: dot)...])).map { ($0.value, nil) }
        }
    }
}
