/// A table of figures.
public struct DataTable: Sendable {
    /// A cell: what is shown.
    public enum Cell: Sendable {
        case text(String)
        case figure(String)
        case prose(Prose)
    }

    let caption: String
    let columns: [(title: String, isFigure: Bool)]
    let rows: [[Cell]]

    /// Titles of columns with text begin with `<`; the others are numbers, to the right. The first cell heads its row.
    public init(caption: String, columns: [String], rows: [[Cell]]) {
        self.caption = caption
        self.columns = columns.map { $0.hasPrefix("<") ? (String($0.dropFirst()), false) : ($0, true) }
        self.rows = rows
    }

    /// The table in HTML: wide ones scroll in their own box, one of more rows than `openRows` is folded.
    func markup(openRows: Int = 6) -> Markup {
        let head = Markup.element(
            "tr", [:],
            columns.map { .element("th", ["scope": "col", "class": $0.isFigure ? "n" : "t"], Markup(text: $0.title)) })
        let body = rows.map { row in
            Markup.element("tr", [:], row.enumerated().map { Self.cell($0.element, isHead: $0.offset == 0) })
        }
        let table = Markup.element(
            "table", [:],
            [
                .element("caption", [:], Markup(text: caption)), .element("thead", [:], head),
                .element("tbody", [:], body),
            ])
        // Reached with the keyboard too, as only what has the focus scrolls with its keys.
        let box = Markup.element(
            "div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": caption], table)
        guard rows.count > openRows else { return box }
        return .element(
            "details", [:], .element("summary", [:], Markup(text: "\(caption) (\(Format.count(rows.count, "row")))")),
            box)
    }

    private static func cell(_ cell: Cell, isHead: Bool) -> Markup {
        func tagged(_ style: String, _ content: Markup) -> Markup {
            isHead
                ? .element("th", ["scope": "row", "class": style, "dir": "auto"], content)
                : .element("td", ["class": style, "dir": "auto"], content)
        }
        return switch cell {
        case .text(let text): tagged("t", Markup(text: text))
        case .figure(let text): tagged("n", Markup(text: text))
        case .prose(let prose): tagged("t", prose.markup)
        }
    }

    /// The table in Markdown, without its caption.
    var markdown: String {
        func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
        let rows = rows.map { row in
            line(
                row.map { cell in
                    switch cell {
                    case .text(let text), .figure(let text): Markdown.escaped(text)
                    case .prose(let prose): prose.markdown(inTable: true)
                    }
                })
        }
        return
            ([line(columns.map { Markdown.escaped($0.title) }), line(columns.map { $0.isFigure ? "---:" : "---" })]
            + rows).joined(separator: "\n")
    }
}
