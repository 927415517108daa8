/// A document that is shown as one HTML file, which needs no network and no script, or as Markdown.
public struct Document: Sendable {
    let title: String
    let lead: Prose
    let blocks: [Block]
    let foot: [Prose]

    /// A title, a sentence of what it is about, what is in it, and what is said last.
    public init(title: String, lead: Prose, blocks: [Block], foot: [Prose]) {
        self.title = title
        self.lead = lead
        self.blocks = blocks
        self.foot = foot
    }

    /// What goes into an HTML file.
    public var html: String {
        let head = Markup.element(
            "header", [:], .element("h1", [:], Markup(text: title)),
            .element("p", ["class": "lead"], lead.markup))
        let contents = blocks.compactMap { block -> Markup? in
            guard case .heading(let title, let id) = block else { return nil }
            return .element("li", [:], .element("a", ["href": "#\(id)"], Markup(text: title)))
        }
        let navigation = Markup.element("nav", ["aria-label": "Sections"], .element("ul", [:], contents))
        let footer = Markup.element("footer", [:], foot.map { .element("p", [:], $0.markup) })
        return "<!DOCTYPE html>\n"
            + Markup.element(
                "html", ["lang": "en"], self.head,
                .element(
                    "body", [:], Self.patterns,
                    .element("main", [:], [head, navigation] + blocks.map(\.markup) + [footer]))
            ).html + "\n"
    }

    /// The same in Markdown.
    public var markdown: String {
        (["# " + Markdown.escaped(title), lead.markdown()] + blocks.map(\.markdown) + foot.map { $0.markdown() })
            .joined(separator: "\n\n") + "\n"
    }

    private var head: Markup {
        .element(
            "head", [:], .element("meta", ["charset": "utf-8"]),
            .element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
            .element("meta", ["name": "color-scheme", "content": "light dark"]),
            // Even if something slipped through the escaping: no script, no request.
            .element("meta", ["http-equiv": "Content-Security-Policy", "content": Self.policy]),
            .element("meta", ["name": "robots", "content": "noindex"]),
            .element("link", ["rel": "icon", "href": "data:,"]), .element("title", [:], Markup(text: title)),
            .element("style", [:], .trusted(StyleSheet.css)))
    }

    private static let policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

    /// Lines across what is negative, so that it is known without its colour. Drawn once, used by every chart.
    private static let patterns = Markup.trusted(
        """
        <svg class="defs" width="0" height="0" aria-hidden="true" focusable="false"><defs>\
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
        <rect class="hatch-line" width="1.4" height="6"/></pattern></defs></svg>
        """)
}
