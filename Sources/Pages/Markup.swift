/// A piece of HTML or SVG in which everything that came from outside is escaped.
public struct Markup: Sendable, Hashable, ExpressibleByStringLiteral {
    /// What a browser reads.
    public let html: String

    private init(html: String) { self.html = html }

    /// Text, escaped; a literal is text too.
    public init(stringLiteral text: String) { self.init(text: text) }

    /// Text, escaped.
    public init(text: String) { html = Self.escaped(text) }

    /// What is HTML already: style sheets and the like, never anything from a database.
    public static func trusted(_ html: String) -> Markup { Markup(html: html) }

    /// Several pieces one after another.
    public init(_ pieces: [Markup]) { html = pieces.map(\.html).joined() }

    /// Nothing.
    public static let empty = Markup(html: "")

    /// An element with its attributes, whose values are escaped, and what is in it.
    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: [Markup]
    ) -> Markup {
        let tag = "<" + name + attributes.map { " \($0)=\"\(escaped($1))\"" }.joined()
        if children.isEmpty {
            if void.contains(name) { return Markup(html: tag + ">") }
            if shapes.contains(name) { return Markup(html: tag + "/>") }
        }
        return Markup(html: tag + ">" + children.map(\.html).joined() + "</\(name)>")
    }

    /// An element with its attributes and what is in it.
    public static func element(
        _ name: String, _ attributes: KeyValuePairs<String, String> = [:], _ children: Markup...
    ) -> Markup { element(name, attributes, children) }

    /// HTML elements without an end.
    private static let void: Set = ["meta", "link", "br", "col", "hr"]
    /// SVG elements that are written with a slash.
    private static let shapes: Set = ["rect", "line", "path", "circle", "stop"]

    /// Without characters that mean something to a browser, and without those that no document may have.
    private static func escaped(_ text: String) -> String {
        var result = ""
        result.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            case "\n", "\t": result.unicodeScalars.append(scalar)
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}": result += "\u{FFFD}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
