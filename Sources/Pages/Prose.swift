/// A sentence with words that stand out: written as a literal, `"see \(code: "volfefe show 1")"`, shown as HTML or Markdown.
public struct Prose: Sendable, Hashable, ExpressibleByStringInterpolation {
    enum Piece: Sendable, Hashable {
        case text(String)
        case code(String)
        case strong(String)
    }

    var pieces: [Piece]

    /// Plain words.
    public init(stringLiteral text: String) { pieces = [.text(text)] }

    /// Plain words.
    public init(text: String) { pieces = [.text(text)] }

    /// Words of several kinds.
    public init(stringInterpolation: StringInterpolation) { pieces = stringInterpolation.pieces }

    /// What a literal is made of.
    public struct StringInterpolation: StringInterpolationProtocol {
        var pieces: [Piece] = []

        /// Begins with nothing.
        public init(literalCapacity: Int, interpolationCount: Int) {}

        /// Plain words.
        public mutating func appendLiteral(_ literal: String) {
            if !literal.isEmpty { pieces.append(.text(literal)) }
        }

        /// Plain words; whatever is in them is shown as it is.
        public mutating func appendInterpolation(_ text: String) { pieces.append(.text(text)) }

        /// A name or a command.
        public mutating func appendInterpolation(code: String) { pieces.append(.code(code)) }

        /// What matters.
        public mutating func appendInterpolation(strong: String) { pieces.append(.strong(strong)) }
    }

    /// One after the other.
    public static func + (first: Prose, second: Prose) -> Prose {
        var both = first
        both.pieces += second.pieces
        return both
    }

    var markup: Markup {
        Markup(
            pieces.map { piece in
                switch piece {
                case .text(let text): Markup(text: text)
                case .code(let text): .element("code", ["dir": "auto"], Markup(text: text))
                case .strong(let text): .element("strong", [:], Markup(text: text))
                }
            })
    }

    func markdown(inTable: Bool = false) -> String {
        pieces.map { piece in
            switch piece {
            case .text(let text): Markdown.escaped(text)
            case .code(let text): Markdown.code(text, inTable: inTable)
            case .strong(let text): "**\(Markdown.escaped(text))**"
            }
        }.joined()
    }
}
