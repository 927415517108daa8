/// Parses JSON strictly (RFC 8259) from a stream, and says at which line and column it stops being JSON.
///
/// Foundation's decoder gives neither the place of an error nor the digits of a number, and the input of strangers needs
/// both. After a failure `recover` goes on to where the next value may begin.
struct JSONParser {
    /// What is wrong, and where.
    struct Failure: Error, Equatable {
        let line: Int
        let column: Int
        let message: String
    }

    private static let deepest = 256
    /// The input, at the byte after what has been parsed.
    var source: ByteSource
    private let limit: Int
    private var length = 0
    private var depth = 0
    private var isInString = false

    /// `limit` is the longest value in bytes.
    init(_ source: ByteSource, limit: Int) {
        self.source = source
        self.limit = limit
    }

    /// The value that `bytes` are, with nothing after it. Throws `Failure` with places in the input that they begin at
    /// `line` of.
    static func parse(_ bytes: [UInt8], line: Int = 1) throws -> JSONValue {
        var parser = JSONParser(ByteSource(bytes, line: line), limit: .max)
        let value = try parser.parse()
        try parser.skipSpace()
        guard try parser.source.peek() == nil else {
            throw parser.failure("there is more after the end of the JSON value")
        }
        return value
    }

    /// The next value. Throws `Failure`, and what reading throws.
    mutating func parse() throws -> JSONValue {
        (length, depth, isInString) = (0, 0, false)
        return try value()
    }

    /// After a failure: goes on to the end of the value, as far as brackets tell, or to a line that begins with a brace in
    /// or before `column`, where the broken value began. Nothing is kept, so memory stays flat.
    mutating func recover(column: Int) throws {
        var isEscaped = false
        while let byte = try source.peek() {
            if source.isAtLineStart, byte == UInt8(ascii: "{"), source.column <= column, depth > 0 { return }
            if !isInString, depth == 0, byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") || byte == 0x0A {
                return
            }
            _ = try source.next()
            switch (isInString, byte) {
            // No string holds a raw line break: a quote is missing before it.
            case (_, 0x0A): (isInString, isEscaped) = (false, false)
            case (true, _) where isEscaped: isEscaped = false
            case (true, UInt8(ascii: "\\")): isEscaped = true
            case (_, UInt8(ascii: "\"")): isInString.toggle()
            case (false, UInt8(ascii: "{")), (false, UInt8(ascii: "[")): depth += 1
            case (false, UInt8(ascii: "}")), (false, UInt8(ascii: "]")):
                depth -= 1
                if depth <= 0 { return }
            default: break
            }
        }
    }

    private func failure(_ message: String) -> Failure {
        Failure(line: source.line, column: source.column, message: message)
    }

    /// The next byte of the value without taking it; a value that ends or grows too long here is a failure.
    private mutating func peek() throws -> UInt8 {
        guard let byte = try source.peek() else { throw failure("the JSON value is cut off") }
        return byte
    }

    private mutating func take() throws -> UInt8 {
        let byte = try peek()
        length += 1
        guard length <= limit else {
            throw failure(
                "the value is longer than \(limit) bytes and was skipped; the setting max_line_bytes allows more")
        }
        _ = try source.next()
        return byte
    }

    private mutating func take(_ expected: Unicode.Scalar) throws -> Bool {
        guard try source.peek() == UInt8(ascii: expected) else { return false }
        _ = try take()
        return true
    }

    private mutating func skipSpace() throws {
        while let byte = try source.peek(), byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            _ = try take()
        }
    }

    private mutating func value() throws -> JSONValue {
        try skipSpace()
        switch try peek() {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), 0x30...0x39: return .number(try number())
        default: throw failure("a JSON value is expected here")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws -> JSONValue {
        let wrong = failure("a JSON value is expected here")
        for expected in word.unicodeScalars {
            guard try take(expected) else { throw wrong }
        }
        return value
    }

    private mutating func enter() throws {
        _ = try take()
        depth += 1
        if depth > Self.deepest { throw failure("the JSON is nested more than \(Self.deepest) levels deep") }
        try skipSpace()
    }

    private mutating func leave(_ bracket: Unicode.Scalar) throws -> Bool {
        guard try take(bracket) else { return false }
        depth -= 1
        return true
    }

    private mutating func object() throws -> JSONValue {
        try enter()
        var members: [JSONValue.Member] = []
        if try leave("}") { return .object(members) }
        while true {
            try skipSpace()
            guard try peek() == UInt8(ascii: "\"") else { throw failure("a name in double quotes is expected here") }
            let key = try string()
            try skipSpace()
            guard try take(":") else { throw failure("a colon is expected here") }
            members.append(.init(key: key, value: try value()))
            try skipSpace()
            if try leave("}") { return .object(members) }
            guard try take(",") else { throw failure("a comma or a closing brace is expected here") }
        }
    }

    private mutating func array() throws -> JSONValue {
        try enter()
        var values: [JSONValue] = []
        if try leave("]") { return .array(values) }
        while true {
            values.append(try value())
            try skipSpace()
            if try leave("]") { return .array(values) }
            guard try take(",") else { throw failure("a comma or a closing bracket is expected here") }
        }
    }

    private mutating func number() throws -> String {
        let start = failure("this is no JSON number")
        var text = ""
        if try take("-") { text = "-" }
        let whole = try digits()
        if whole.isEmpty || (whole.count > 1 && whole.hasPrefix("0")) { throw start }
        text += whole
        if try take(".") {
            let fraction = try digits()
            if fraction.isEmpty { throw start }
            text += "." + fraction
        }
        let small = try take("e")
        if try small || take("E") {
            text += small ? "e" : "E"
            if try take("-") { text += "-" } else if try take("+") { text += "+" }
            let exponent = try digits()
            if exponent.isEmpty { throw start }
            text += exponent
        }
        return text
    }

    private mutating func digits() throws -> String {
        var digits: [UInt8] = []
        while let byte = try source.peek(), (0x30...0x39).contains(byte) { digits.append(try take()) }
        return String(decoding: digits, as: UTF8.self)
    }

    private mutating func string() throws -> String {
        _ = try take()
        isInString = true
        var text: [UInt8] = []
        while true {
            let byte = try peek()
            switch byte {
            case UInt8(ascii: "\""):
                _ = try take()
                isInString = false
                // Every piece of it is valid, so nothing is replaced here.
                return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text += String(try escape()).utf8
            case 0..<0x20:
                throw failure(
                    "a raw control character (byte \(byte)) stands in a string, or its closing quote is missing")
            case 0x80...: text += try character()
            default: text.append(try take())
            }
        }
    }

    /// One character of several bytes.
    private mutating func character() throws -> [UInt8] {
        let wrong = failure(InputProblem.notUTF8)
        let lead = try take()
        let following =
            switch lead {
            case 0xC2...0xDF: 1
            case 0xE0...0xEF: 2
            case 0xF0...0xF4: 3
            default: 0
            }
        var bytes = [lead]
        for _ in 0..<following {
            guard try 0x80...0xBF ~= peek() else { throw wrong }
            bytes.append(try take())
        }
        guard String(validating: bytes, as: UTF8.self) != nil else { throw wrong }
        return bytes
    }

    private mutating func escape() throws -> Unicode.Scalar {
        let start = failure("this escape is unknown in JSON")
        _ = try take()
        switch try take() {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(start)
        default: throw start
        }
    }

    /// One scalar, from one `\u` escape or from a pair of surrogates.
    private mutating func unicodeEscape(_ start: Failure) throws -> Unicode.Scalar {
        let half = Failure(
            line: start.line, column: start.column,
            message: "this escape is half of a surrogate pair and stands for no character")
        let first = try fourHexDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard try first < 0xDC00 && take("\\") && take("u") else { throw half }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw half }
        return scalar
    }

    private mutating func fourHexDigits() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(try peek())).hexDigitValue else {
                throw failure("four hexadecimal digits are expected after \\u")
            }
            value = value << 4 + UInt32(digit)
            _ = try take()
        }
        return value
    }
}
