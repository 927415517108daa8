import Foundation

/// Turns the HTML of a post into the text that a reader sees.
///
/// Some posts are escaped twice, so text is unescaped before and after tags are taken out. Block tags and `br` become
/// spaces; inline tags vanish without one, because sites split a link's text over several spans.
public enum HTMLText {
    /// Whether `text` holds a tag or an entity.
    public static func looksLikeHTML(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        return bytes.indices.contains { index in
            switch bytes[index] {
            case UInt8(ascii: "<"): HTMLTag(bytes, at: index) != nil
            case UInt8(ascii: "&"): HTMLEntities.entity(bytes, at: index) != nil
            default: false
            }
        }
    }

    /// The text without mark-up, white space collapsed to single spaces, in Unicode NFC.
    public static func clean(_ html: String) -> String {
        let stripped = strip(HTMLEntities.unescape(html))
        return collapse(HTMLEntities.unescape(stripped)).precomposedStringWithCanonicalMapping
    }

    /// Plain text: line breaks stay, other runs of white space become one space, ends are trimmed, Unicode NFC.
    public static func tidy(_ text: String) -> String {
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
            .map { collapse(String($0)) }
        let rest = lines.drop { $0.isEmpty }
        let count = rest.lastIndex { !$0.isEmpty }.map { $0 + 1 - rest.startIndex } ?? 0
        return rest.prefix(count).joined(separator: "\n").precomposedStringWithCanonicalMapping
    }

    /// Runs of white space become one space; the ends are trimmed.
    static func collapse(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map(String.init).joined(separator: " ")
    }

    private static func strip(_ html: String) -> String {
        let bytes = Array(html.utf8)
        guard bytes.contains(UInt8(ascii: "<")) else { return html }
        var text = Stripped(capacity: bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == UInt8(ascii: "<"), let tag = HTMLTag(bytes, at: index) else {
                text.append(bytes[index])
                index += 1
                continue
            }
            text.pass(tag)
            let isHidden = !tag.isClosing && (tag.name == "script" || tag.name == "style")
            index = isHidden ? endOfElement(tag, bytes) : tag.end
        }
        return String(decoding: text.bytes, as: UTF8.self)
    }

    /// Index after the closing tag of the element that `opening` opens.
    private static func endOfElement(_ opening: HTMLTag, _ bytes: [UInt8]) -> Int {
        for index in opening.end..<bytes.count where bytes[index] == UInt8(ascii: "<") {
            if let tag = HTMLTag(bytes, at: index), tag.isClosing, tag.name == opening.name { return tag.end }
        }
        return bytes.count
    }

    /// Text as it comes out between tags.
    private struct Stripped {
        private(set) var bytes: [UInt8] = []
        /// Where the text of the link that is open begins.
        private var linkStart: Int?
        private var hasLinkEnded = false

        init(capacity: Int) {
            bytes.reserveCapacity(capacity)
        }

        mutating func append(_ byte: UInt8) {
            let isLinkFirst = bytes.count == linkStart && (byte == UInt8(ascii: "@") || byte == UInt8(ascii: "#"))
            if (hasLinkEnded && byte.isWordByte) || (isLinkFirst && bytes.last?.isWordByte == true) {
                bytes.append(0x20)
                if isLinkFirst { linkStart = bytes.count }
            }
            hasLinkEnded = false
            bytes.append(byte)
        }

        /// Mentions, hashtags and addresses are links that sites glue to the next word; other links may end within a word.
        mutating func pass(_ tag: HTMLTag) {
            if !tag.isInline { bytes.append(0x20) }
            guard tag.name == "a" else { return }
            if tag.isClosing, let start = linkStart {
                let link = bytes[start...]
                hasLinkEnded = ["@", "#", "http://", "https://"].contains { link.starts(with: $0.utf8) }
            }
            linkStart = tag.isClosing ? nil : bytes.count
        }
    }
}

extension UInt8 {
    /// A letter, a digit, or a part of any character beyond ASCII.
    fileprivate var isWordByte: Bool { self >= 0x80 || isASCIILetter || isASCIIDigit }
}
