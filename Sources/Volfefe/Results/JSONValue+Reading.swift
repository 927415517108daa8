extension JSONValue {
    /// The value of `key` in an object; nil when this is none, or has no such member. A `null` counts as absent.
    subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members[key]
    }

    /// The string, if it is one.
    var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    /// The number, if it is a finite one.
    var double: Double? {
        guard case .number(let digits) = self, let number = Double(digits), number.isFinite else { return nil }
        return number
    }

    /// The whole number, if it is one.
    var whole: Int? {
        guard case .number(let digits) = self else { return nil }
        return Int(digits) ?? Double(digits).flatMap { Int(exactly: $0) }
    }

    /// Whether it is `true` or `false`.
    var bool: Bool? {
        if case .bool(let bool) = self { bool } else { nil }
    }

    /// The elements, if it is an array.
    var elements: [JSONValue]? {
        if case .array(let elements) = self { elements } else { nil }
    }

    /// The members, if it is an object.
    var members: [Member]? {
        if case .object(let members) = self { members } else { nil }
    }
}

extension [JSONValue.Member] {
    /// The last value of `key` that is not `null`; nil without one.
    subscript(key: String) -> JSONValue? {
        guard let value = last(where: { $0.key == key })?.value, value != .null else { return nil }
        return value
    }
}
