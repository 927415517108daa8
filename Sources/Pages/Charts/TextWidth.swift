/// How much room text takes: an estimate that is rather too great, after DejaVu Sans, the widest of the common fonts.
enum TextWidth {
    /// Width in pixels at this font size.
    static func of(_ text: String, size: Double, isBold: Bool = false) -> Double {
        text.unicodeScalars.reduce(0) { $0 + em($1) } * size * (isBold ? 1.12 : 1)
    }

    /// The text, or its beginning and its end around an ellipsis where it is wider than `width`.
    static func fitted(_ text: String, width: Double, size: Double, isBold: Bool = false) -> String {
        // A hair of tolerance: the width is often that of this very text, after a sum and a difference.
        guard of(text, size: size, isBold: isBold) > width + 0.5 else { return text }
        var head = Array(text)
        var tail: [Character] = []
        // The end tells versions apart: one character of it for every two of the beginning.
        while !head.isEmpty, tail.count < text.count / 3 { tail.insert(head.removeLast(), at: 0) }
        while !head.isEmpty || !tail.isEmpty {
            let short = String(head) + "…" + String(tail)
            if of(short, size: size, isBold: isBold) <= width { return short }
            if head.count > 2 * tail.count || tail.isEmpty { head.removeLast() } else { tail.removeFirst() }
        }
        return "…"
    }

    private static func em(_ scalar: Unicode.Scalar) -> Double {
        if scalar.isASCII { return ascii(scalar) }
        switch scalar.value {
        case 0x0300...0x036F, 0x200B...0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFE00...0xFE0F: return 0
        case 0x202F, 0x00A0, 0x2009: return 0.33
        case 0x00A1...0x024F, 0x0370...0x05FF, 0x2010...0x2027: return 0.72
        case 0x0600...0x08FF: return 0.8
        case 0x2212: return 0.84
        default: return 1.25
        }
    }

    private static func ascii(_ scalar: Unicode.Scalar) -> Double {
        switch scalar {
        case "i", "j", "l", "I", "|", "'": 0.3
        case " ", ".", ",", ":", ";", "f", "t", "-", "/", "\\", "!", "(", ")", "[", "]": 0.4
        case "r": 0.42
        case "m", "%", "@", "W": 1
        case "w", "M", "+", "<", ">", "=", "~", "#", "&": 0.86
        case "A"..."Z": 0.74
        default: 0.65
        }
    }
}
