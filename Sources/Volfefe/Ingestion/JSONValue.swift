/// A JSON value as it was read; numbers keep their digits, so that an id of 18 digits stays what it is.
enum JSONValue: Hashable, Sendable {
    /// A named value of an object.
    struct Member: Hashable, Sendable {
        var key: String
        var value: JSONValue
    }

    case null
    case bool(Bool)
    /// The digits of the input.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// In the order of the input; the last of equal keys counts.
    case object([JSONValue.Member])

    /// Compact JSON with sorted keys.
    var json: String {
        var text = ""
        write(to: &text)
        return text
    }

    private func write(to text: inout String) {
        switch self {
        case .null: text += "null"
        case .bool(let value): text += value ? "true" : "false"
        case .number(let digits): text += digits
        case .string(let string): Self.quote(string, to: &text)
        case .array(let values):
            text += "["
            for (index, value) in values.enumerated() {
                if index > 0 { text += "," }
                value.write(to: &text)
            }
            text += "]"
        case .object(let members):
            text += "{"
            let latest = Dictionary(members.map { ($0.key, $0.value) }) { $1 }
            for (index, member) in latest.sorted(by: { $0.key < $1.key }).enumerated() {
                if index > 0 { text += "," }
                Self.quote(member.key, to: &text)
                text += ":"
                member.value.write(to: &text)
            }
            text += "}"
        }
    }

    private static func quote(_ string: String, to text: inout String) {
        text += "\""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case _ where scalar.value < 0x20:
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        text += "\""
    }
}
