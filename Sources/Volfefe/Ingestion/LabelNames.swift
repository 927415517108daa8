import Inference

/// What the words and numbers of a file of labels stand for.
///
/// Numbers are never guessed: 1 is positive in one file, neutral in the next.
public struct LabelNames: Sendable, Hashable {
    /// What a label is.
    public enum Meaning: Sendable, Hashable {
        /// A sentiment.
        case sentiment(Sentiment)
        /// Not a label of ours, such as `mixed`: the record is passed over.
        case skipped
    }

    private var names: [String: Meaning]

    private static let usual: [String: Meaning] = [
        "positive": .sentiment(.positive), "pos": .sentiment(.positive), "bullish": .sentiment(.positive),
        "neutral": .sentiment(.neutral), "neu": .sentiment(.neutral),
        "negative": .sentiment(.negative), "neg": .sentiment(.negative), "bearish": .sentiment(.negative),
    ]

    /// The usual names.
    public init() { names = Self.usual }

    /// Reads `0=negative,1=neutral,2=positive,mixed=skip`; the usual names stand for what is not in it.
    ///
    /// Throws `VolfefeError.usage` for a part that cannot be read.
    public init(_ text: String) throws {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=").map(HTMLText.collapse)
            guard sides.count == 2, let meaning = Self.meaning(sides[1]) else {
                throw VolfefeError.usage(
                    "\"\(part)\" is no label: write it as THEIRS=positive, THEIRS=neutral, THEIRS=negative or THEIRS=skip."
                )
            }
            names[sides[0].lowercased()] = meaning
        }
    }

    private static func meaning(_ word: String) -> Meaning? {
        word == "skip" ? .skipped : Sentiment(rawValue: word).map(Meaning.sentiment)
    }

    /// What a label of the file stands for, whatever its case; nil when that is not known.
    func meaning(of label: String) -> Meaning? { names[label.lowercased()] }
}

extension HTMLText {
    /// Runs of white space become one space; the ends are trimmed.
    static func collapse(_ text: Substring) -> String { collapse(String(text)) }
}
