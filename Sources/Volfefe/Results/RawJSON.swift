/// JSON that is stored as text, to be printed as part of other JSON.
public struct RawJSON: Sendable, Hashable, Encodable {
    private let value: JSONValue

    /// Reads `text`; nil when it is no JSON.
    public init?(_ text: String) {
        guard let value = try? JSONParser.parse(Array(text.utf8)) else { return nil }
        self.value = value
    }

    /// Writes the value; whole numbers stay whole.
    public func encode(to encoder: any Encoder) throws { try value.encode(to: encoder) }
}

extension JSONValue: Encodable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .array(let values):
            var container = encoder.unkeyedContainer()
            for value in values { try container.encode(value) }
        case .object(let members):
            var container = encoder.container(keyedBy: Key.self)
            for member in members { try container.encode(member.value, forKey: Key(stringValue: member.key)) }
        case .null, .bool, .number, .string:
            var container = encoder.singleValueContainer()
            try encodeScalar(to: &container)
        }
    }

    private func encodeScalar(to container: inout any SingleValueEncodingContainer) throws {
        switch self {
        case .bool(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .number(let digits):
            if let whole = Int64(digits) { return try container.encode(whole) }
            // Beyond what a number of JSON holds elsewhere, the digits are what is known.
            guard let number = Double(digits), number.isFinite else { return try container.encode(digits) }
            try container.encode(number)
        case .null, .array, .object: try container.encodeNil()
        }
    }
}
