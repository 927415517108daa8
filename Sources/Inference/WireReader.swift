/// Reads one line of JSON from front to back, without building anything that nobody wants.
///
/// It accepts what Foundation's decoder accepts, strictly RFC 8259, and is several times faster: a reply has a hundred small
/// values per text, and their containers are what a decoder spends its time on.
struct WireReader {
    /// What is wrong with a line.
    enum Fault: Error, Equatable {
        /// It is no JSON.
        case syntax
        /// It is JSON, but not what was expected there.
        case unexpected
    }

    private static let deepest = 512

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    /// The bytes must outlive the reader.
    init(_ bytes: UnsafeBufferPointer<UInt8>) {
        self.bytes = bytes
    }

    // MARK: - Values

    /// Calls `member` with each key; it must read or skip the value.
    mutating func object(_ member: (String, inout WireReader) throws -> Void) throws {
        try open(UInt8(ascii: "{"))
        if take(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"))
            try member(key, &self)
        } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
    }

    /// Calls `element` for each element; it must read or skip it.
    mutating func array(_ element: (inout WireReader) throws -> Void) throws {
        try open(UInt8(ascii: "["))
        if take(UInt8(ascii: "]")) { return }
        repeat { try element(&self) } while take(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
    }

    /// A string.
    mutating func string() throws -> String {
        let (range, isPlain) = try scanString()
        let raw = UnsafeBufferPointer(rebasing: bytes[range])
        if isPlain { return String(decoding: raw, as: UTF8.self) }
        return try unescaped(raw)
    }

    /// A finite number.
    mutating func double() throws -> Double {
        let (range, _) = try scanNumber()
        guard let value = Double(String(decoding: bytes[range], as: UTF8.self)) else { throw Fault.unexpected }
        guard value.isFinite else { throw Fault.unexpected }
        return value
    }

    /// A whole number.
    mutating func int() throws -> Int {
        let start = position
        let (range, isWhole) = try scanNumber()
        if isWhole, let value = Int(String(decoding: bytes[range], as: UTF8.self)) { return value }
        position = start
        guard let value = Int(exactly: try double()) else { throw Fault.unexpected }
        return value
    }

    /// `true` or `false`.
    mutating func bool() throws -> Bool {
        if try word("true") { return true }
        if try word("false") { return false }
        throw Fault.unexpected
    }

    /// Whether a `null` stood here; it is taken then.
    mutating func null() throws -> Bool { try word("null") }

    /// Takes the next value, whatever it is, and gives where it stands. Throws `syntax` when it is none.
    @discardableResult
    mutating func skip(depth: Int = 0) throws -> Range<Int> {
        skipSpace()
        let start = position
        guard depth < Self.deepest else { throw Fault.syntax }
        switch try peek() {
        case UInt8(ascii: "{"): try object { _, reader in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "["): try array { reader in try reader.skip(depth: depth + 1) }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "-"), 0x30...0x39: _ = try scanNumber()
        default:
            guard try null() || word("true") || word("false") else { throw Fault.syntax }
        }
        return start..<position
    }

    /// Goes back, to read again what has been skipped.
    mutating func go(to position: Int) { self.position = position }

    /// Throws unless nothing is left.
    mutating func end() throws {
        skipSpace()
        guard position == bytes.count else { throw Fault.syntax }
    }

    // MARK: - Bytes

    private func peek() throws -> UInt8 {
        guard position < bytes.count else { throw Fault.syntax }
        return bytes[position]
    }

    private mutating func skipSpace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    /// Takes a byte after spaces, if it is there; spaces after it too.
    private mutating func take(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        skipSpace()
        return true
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard take(byte) else { throw Fault.syntax }
    }

    private mutating func open(_ bracket: UInt8) throws {
        skipSpace()
        guard take(bracket) else { throw position < bytes.count ? Fault.unexpected : Fault.syntax }
    }

    private mutating func word(_ word: StaticString) throws -> Bool {
        skipSpace()
        let length = word.utf8CodeUnitCount
        guard bytes.count - position >= length else { return false }
        for index in 0..<length where bytes[position + index] != word.utf8Start[index] { return false }
        position += length
        return true
    }

    /// Takes a number: where it stands, and whether it is written as a whole one.
    private mutating func scanNumber() throws -> (Range<Int>, isWhole: Bool) {
        skipSpace()
        let start = position
        _ = takeByte(UInt8(ascii: "-"))
        let first = position < bytes.count ? bytes[position] : 0
        let whole = digits()
        guard whole > 0 else { throw position == start ? Fault.unexpected : Fault.syntax }
        guard whole == 1 || first != UInt8(ascii: "0") else { throw Fault.syntax }
        var isWhole = true
        if takeByte(UInt8(ascii: ".")) {
            isWhole = false
            guard digits() > 0 else { throw Fault.syntax }
        }
        if takeByte(UInt8(ascii: "e")) || takeByte(UInt8(ascii: "E")) {
            isWhole = false
            _ = takeByte(UInt8(ascii: "+")) || takeByte(UInt8(ascii: "-"))
            guard digits() > 0 else { throw Fault.syntax }
        }
        return (start..<position, isWhole)
    }

    private mutating func takeByte(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func digits() -> Int {
        let start = position
        while position < bytes.count, (0x30...0x39).contains(bytes[position]) { position += 1 }
        return position - start
    }

    /// Takes a string: where its inside stands, and whether it is ASCII without escapes.
    private mutating func scanString() throws -> (Range<Int>, isPlain: Bool) {
        skipSpace()
        guard try peek() == UInt8(ascii: "\"") else { throw Fault.unexpected }
        let start = position + 1
        var isPlain = true
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""):
                position = index + 1
                return (start..<index, isPlain)
            case UInt8(ascii: "\\"):
                isPlain = false
                index += 2
            case 0..<0x20: throw Fault.syntax
            case 0x80...:
                isPlain = false
                index += 1
            default: index += 1
            }
        }
        throw Fault.syntax
    }

    private func unescaped(_ raw: UnsafeBufferPointer<UInt8>) throws -> String {
        var text: [UInt8] = []
        text.reserveCapacity(raw.count)
        var index = 0
        func hex() throws -> UInt32 {
            guard index + 4 <= raw.count else { throw Fault.syntax }
            var value: UInt32 = 0
            for byte in raw[index..<index + 4] {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, byte < 0x80 else { throw Fault.syntax }
                value = value << 4 + UInt32(digit)
            }
            index += 4
            return value
        }
        while index < raw.count {
            let byte = raw[index]
            index += 1
            guard byte == UInt8(ascii: "\\") else {
                text.append(byte)
                continue
            }
            guard index < raw.count else { throw Fault.syntax }
            let escape = raw[index]
            index += 1
            switch escape {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(escape)
            case UInt8(ascii: "b"): text.append(0x08)
            case UInt8(ascii: "f"): text.append(0x0C)
            case UInt8(ascii: "n"): text.append(0x0A)
            case UInt8(ascii: "r"): text.append(0x0D)
            case UInt8(ascii: "t"): text.append(0x09)
            case UInt8(ascii: "u"):
                var code = try hex()
                if (0xD800...0xDBFF).contains(code) {
                    guard index + 1 < raw.count, raw[index] == UInt8(ascii: "\\"), raw[index + 1] == UInt8(ascii: "u")
                    else { throw Fault.syntax }
                    index += 2
                    let low = try hex()
                    guard (0xDC00...0xDFFF).contains(low) else { throw Fault.syntax }
                    code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(code) else { throw Fault.syntax }
                text.append(contentsOf: String(Character(scalar)).utf8)
            default: throw Fault.syntax
            }
        }
        guard let string = String(validating: text, as: UTF8.self) else { throw Fault.syntax }
        return string
    }
}
