import Foundation

/// Turns the HTML of a post into the text that a reader sees.
///
/// Some posts are escaped twice, so text is unescaped before and after tags are taken out. Block tags and `br` become
/// spaces, inline tags vanish without one: Mastodon splits links over several spans.
public enum HTMLText {
    /// Whether `text` holds a tag or an entity.
    public static func looksLikeHTML(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            if byte == 0x3C, tagEnd(bytes, from: index) != nil { return true }
            if byte == 0x26, HTMLEntities.entity(bytes, at: index) != nil { return true }
        }
        return false
    }

    /// The text without mark-up, white space collapsed to single spaces, in Unicode NFC.
    public static func clean(_ html: String) -> String {
        let stripped = strip(HTMLEntities.unescape(html))
        return collapse(HTMLEntities.unescape(stripped)).precomposedStringWithCanonicalMapping
    }

    /// Plain text: line breaks stay, other runs of white space become one space, ends are trimmed, Unicode NFC.
    public static func tidy(_ text: String) -> String {
        var lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }.map {
            collapse(String($0))
        }
        while lines.first?.isEmpty == true { lines.removeFirst() }
        while lines.last?.isEmpty == true { lines.removeLast() }
        return lines.joined(separator: "\n").precomposedStringWithCanonicalMapping
    }

    /// Runs of white space become one space; the ends are trimmed.
    static func collapse(_ text: String) -> String {
        text.unicodeScalars.split { $0.properties.isWhitespace }.map(String.init).joined(separator: " ")
    }

    private static let inlineTags: Set<String> = [
        "a", "abbr", "b", "bdi", "bdo", "cite", "code", "del", "em", "font", "i", "img", "ins", "kbd", "mark", "q", "s",
        "samp",
        "small", "span", "strike", "strong", "sub", "sup", "tt", "u", "var", "wbr",
    ]

    private static func strip(_ html: String) -> String {
        let bytes = Array(html.utf8)
        guard bytes.contains(0x3C) else { return html }
        var output: [UInt8] = []
        output.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            guard bytes[index] == 0x3C, let end = tagEnd(bytes, from: index) else {
                output.append(bytes[index])
                index += 1
                continue
            }
            let name = tagName(bytes, from: index)
            let isComment = name == "!"
            if !isComment, !inlineTags.contains(name) { output.append(0x20) }
            index = end
            if name == "script" || name == "style" { index = endOfElement(name, bytes, from: end) }
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// Index after the tag or comment that begins at `start`; nil when what is there is no tag (`<3`, `a < b`). A tag that
    /// the end of the text cuts off counts as one.
    private static func tagEnd(_ bytes: [UInt8], from start: Int) -> Int? {
        var index = start + 1
        guard index < bytes.count else { return nil }
        if bytes[index...].starts(with: Array("!--".utf8)) {
            var end = index + 3
            while end < bytes.count, !bytes[end...].starts(with: Array("-->".utf8)) { end += 1 }
            return min(end + 3, bytes.count)
        }
        let isClosing = bytes[index] == 0x2F
        if isClosing { index += 1 }
        guard index < bytes.count, bytes[index].isASCIILetter || (bytes[index] == 0x21 && !isClosing) else {
            return nil
        }
        while index < bytes.count,
            bytes[index].isASCIILetter || (0x30...0x39).contains(bytes[index]) || bytes[index] == 0x21
        {
            index += 1
        }
        // After the name: the end, a space and attributes, or something that no tag has ("<b2b: …").
        guard index == bytes.count || [0x3E, 0x2F, 0x20, 0x0A, 0x09, 0x0D].contains(bytes[index]) else { return nil }
        if index < bytes.count, bytes[index] == 0x20, !isKnownTag(tagName(bytes, from: start)) { return nil }
        var quote: UInt8?
        while index < bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == 0x22 || byte == 0x27 {
                quote = byte
            } else if byte == 0x3E {
                return index + 1
            } else if byte == 0x3C {
                return nil
            }
            index += 1
        }
        return isKnownTag(tagName(bytes, from: start)) ? bytes.count : nil
    }

    private static let blockTags: Set<String> = [
        "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt",
        "figcaption",
        "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hr", "html", "iframe",
        "input",
        "label", "li", "link", "main", "meta", "nav", "ol", "option", "p", "pre", "script", "section", "select",
        "source",
        "style", "summary", "svg", "table", "tbody", "td", "tfoot", "th", "thead", "time", "title", "tr", "ul", "video",
        "audio",
        "button", "!doctype",
    ]

    private static func isKnownTag(_ name: String) -> Bool { inlineTags.contains(name) || blockTags.contains(name) }

    private static func tagName(_ bytes: [UInt8], from start: Int) -> String {
        let name = bytes[(start + 1)...].drop { $0 == 0x2F }.prefix {
            $0.isASCIILetter || (0x30...0x39).contains($0) || $0 == 0x21
        }
        return String(decoding: name, as: UTF8.self).lowercased()
    }

    private static func endOfElement(_ name: String, _ bytes: [UInt8], from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            if bytes[index] == 0x3C, tagName(bytes, from: index) == name, let end = tagEnd(bytes, from: index) {
                return end
            }
            index += 1
        }
        return bytes.count
    }
}

extension UInt8 {
    var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
}
