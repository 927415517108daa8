import Foundation
import Inference

extension TextInfo {
    /// Counts the facts of a text as a worker does (`priv/ml/volfefe_ml/text_info.py`), for texts that none has seen.
    init(counting text: String) {
        let scalars = Array(text.unicodeScalars)
        let (prose, urls) = Self.withoutURLs(scalars)
        let letters = prose.count(where: \.isLetter)
        let upper = prose.count { $0.properties.isUppercase }
        let words = scalars.split(whereSeparator: \.isSpace).count { $0.contains(where: \.isLetterOrNumber) }
        self.init(
            chars: scalars.count, words: words, lines: scalars.isEmpty ? 0 : scalars.count { $0 == "\n" } + 1,
            urls: urls, hashtags: Self.count("#", in: prose, notAfter: \.isWordPart),
            mentions: Self.count("@", in: prose) { $0.isWordPart || $0 == "." },
            upperShare: letters > 0 ? min(1, Double(upper) / Double(letters)).fourDigits : 0,
            exclamations: prose.count { $0 == "!" }, questions: prose.count { $0 == "?" },
            urlOnly: urls > 0 && !prose.contains(where: \.isLetterOrNumber),
            sha256: Data(text.utf8).sha256.hexadecimal)
    }

    private static let beginnings = ["https://", "http://", "www."].map { Array($0.unicodeScalars) }

    /// The text with a space in place of each URL, and how many there were. A URL goes on to the next space.
    private static func withoutURLs(_ text: [Unicode.Scalar]) -> (prose: [Unicode.Scalar], urls: Int) {
        var prose: [Unicode.Scalar] = []
        prose.reserveCapacity(text.count)
        var urls = 0
        var index = 0
        while index < text.count {
            let rest = text[index...]
            guard let beginning = beginnings.first(where: { isAt(rest, $0) }),
                index + beginning.count < text.count, !text[index + beginning.count].isSpace
            else {
                prose.append(text[index])
                index += 1
                continue
            }
            urls += 1
            prose.append(" ")
            index = rest.firstIndex(where: \.isSpace) ?? text.count
        }
        return (prose, urls)
    }

    private static func isAt(_ text: ArraySlice<Unicode.Scalar>, _ beginning: [Unicode.Scalar]) -> Bool {
        text.count >= beginning.count
            && zip(text, beginning).allSatisfy { $0 == $1 || ($0.isASCII && $0.value | 0x20 == $1.value) }
    }

    /// Words that begin with `sign`, where what stands before it is no `bad` character.
    private static func count(
        _ sign: Unicode.Scalar, in text: [Unicode.Scalar], notAfter bad: (Unicode.Scalar) -> Bool
    ) -> Int {
        text.indices.count { index in
            text[index] == sign && index + 1 < text.count && text[index + 1].isWordPart
                && (index == 0 || !bad(text[index - 1]))
        }
    }
}

/// The classes of characters that Python's `str` and `re` have.
extension Unicode.Scalar {
    fileprivate var isSpace: Bool { properties.isWhitespace || (0x1C...0x1F).contains(value) }

    fileprivate var isLetter: Bool {
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
        default: false
        }
    }

    fileprivate var isLetterOrNumber: Bool { isLetter || properties.numericType != nil }
    fileprivate var isWordPart: Bool { self == "_" || isLetterOrNumber }
}
