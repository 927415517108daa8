/// A chart with what it shows in words and the figures that it was drawn from.
public struct ChartFigure: Sendable {
    /// Widths at which every chart is drawn: for a page of a desk, and for a phone.
    static let wide = 720.0
    static let narrow = 312.0

    let id: String
    let title: String
    let description: String
    let chart: any Chart
    let note: Prose
    let table: DataTable?

    /// `id` is unique in the page; `title` says what the chart is, `description` what is to be seen in it.
    public init(
        id: String, title: String, description: String, chart: any Chart, note: Prose = "", table: DataTable?
    ) {
        self.id = id
        self.title = title
        self.description = description
        self.chart = chart
        self.note = note
        self.table = table
    }

    /// The figure.
    var markup: Markup {
        .element(
            "figure", [:],
            [
                .element("figcaption", [:], Markup(text: title)), svg("wide", width: Self.wide),
                svg("narrow", width: Self.narrow),
                note == "" ? .empty : .element("p", ["class": "note"], note.markup), table?.markup() ?? .empty,
            ])
    }

    private func svg(_ style: String, width: Double) -> Markup {
        let drawing = chart.drawing(width: width)
        let name = "\(id)-\(style)"
        return .element(
            "svg",
            [
                "class": style, "viewBox": "0 0 \(Mark.number(drawing.width)) \(Mark.number(drawing.height))",
                "width": Mark.number(drawing.width), "height": Mark.number(drawing.height), "role": "img",
                "aria-labelledby": "\(name)-title \(name)-desc",
            ],
            [
                .element("title", ["id": "\(name)-title"], Markup(text: title)),
                .element("desc", ["id": "\(name)-desc"], Markup(text: description)),
            ] + drawing.marks)
    }
}
