/// A tag, a comment or a declaration as it stands in a text. Only what can be one counts: `<3`, `a < b` and `<https://x>` do not.
struct HTMLTag {
    /// In lower case; "!" for comments and declarations.
    let name: String
    let isClosing: Bool
    /// Index after it.
    let end: Int

    /// Whether text goes on through it without a gap.
    var isInline: Bool { Self.inline.contains(name) }

    /// The tag that begins with the `<` at `start`, if one does. A tag that the end of the text cuts off is one.
    init?(_ bytes: [UInt8], at start: Int) {
        var index = start + 1
        guard index < bytes.count else { return nil }
        if bytes[index] == UInt8(ascii: "!") {
            guard let end = Self.declarationEnd(bytes, from: index) else { return nil }
            (name, isClosing, self.end) = ("!", false, end)
            return
        }
        isClosing = bytes[index] == UInt8(ascii: "/")
        if isClosing { index += 1 }
        let nameStart = index
        guard index < bytes.count, bytes[index].isASCIILetter else { return nil }
        while index < bytes.count, bytes[index].isASCIILetter || bytes[index].isASCIIDigit { index += 1 }
        name = String(decoding: bytes[nameStart..<index], as: UTF8.self).lowercased()
        // Words in angle brackets are tags only under a name that HTML has.
        guard Self.inline.contains(name) || Self.block.contains(name) else { return nil }
        guard index < bytes.count else {
            end = index
            return
        }
        guard bytes[index] == UInt8(ascii: ">") || bytes[index] == UInt8(ascii: "/") || bytes[index].isHTMLSpace,
            let end = Self.attributesEnd(bytes, from: index)
        else { return nil }
        self.end = end
    }

    private static let inline: Set<String> = words(
        """
        a abbr b bdi bdo cite code del em font i img ins kbd mark q s samp small span strike strong sub sup tt u var wbr !
        """)

    private static let block: Set<String> = words(
        """
        address article aside audio blockquote body br button center dd details div dl dt figcaption figure footer form
        h1 h2 h3 h4 h5 h6 head header hr html iframe input label li link main meta nav ol option p pre script section
        select source style summary svg table tbody td tfoot th thead time title tr ul video
        """)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }

    /// Index after the `>` that ends the attributes from `start`; the end of the text if they are cut off.
    private static func attributesEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var quote: UInt8?
        for index in start..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index + 1
            } else if byte == UInt8(ascii: "<") {
                return nil
            }
        }
        // Cut off, unless it is prose: a tag goes on with a name and an equals sign, or ends within the name.
        let attribute = bytes[start...].drop { $0.isHTMLSpace || $0 == UInt8(ascii: "/") }
        let next = attribute.first { !$0.isASCIILetter && !$0.isASCIIDigit && $0 != UInt8(ascii: "-") }
        return next == nil || next == UInt8(ascii: "=") ? bytes.count : nil
    }

    private static func declarationEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        guard bytes[start...].starts(with: "!--".utf8) else {
            guard start + 1 < bytes.count, bytes[start + 1].isASCIILetter || bytes[start + 1] == UInt8(ascii: "[")
            else {
                return nil
            }
            return bytes[start...].firstIndex(of: UInt8(ascii: ">")).map { $0 + 1 }
        }
        var dashes = 0
        for index in (start + 3)..<bytes.count {
            if bytes[index] == UInt8(ascii: ">"), dashes >= 2 { return index + 1 }
            dashes = bytes[index] == UInt8(ascii: "-") ? dashes + 1 : 0
        }
        return bytes.count
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    /// Space, tab, line feed or carriage return.
    var isHTMLSpace: Bool { self == 0x20 || self == 0x0A || self == 0x0D || self == 0x09 }
}
