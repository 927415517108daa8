/// What the caller calls a content or an entity: a number or a string, given back as it was sent.
public enum PhaseKey: Codable, Sendable, Hashable, ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
    /// Such as the id of a row.
    case number(Int64)
    /// Anything else.
    case text(String)

    /// A number.
    public init(integerLiteral value: Int64) { self = .number(value) }

    /// A string.
    public init(stringLiteral value: String) { self = .text(value) }

    /// Reads a JSON number or string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int64.self) {
            self = .number(number)
        } else {
            self = .text(try container.decode(String.self))
        }
    }

    /// Writes a JSON number or string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .number(let number): try container.encode(number)
        case .text(let text): try container.encode(text)
        }
    }

    /// The number, where it is one.
    public var number: Int64? { if case .number(let number) = self { number } else { nil } }
}
