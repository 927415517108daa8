/// Histograms under each other along one axis of time or duration.
public struct Ridges: Chart {
    /// A bin: from, to, and how many.
    public struct Bin: Sendable {
        let from, to: Double
        let count: Int

        /// From, to less than, and how many.
        public init(from: Double, to: Double, count: Int) {
            self.from = from
            self.to = to
            self.count = count
        }
    }

    /// A histogram.
    public struct Row: Sendable {
        let name: String
        /// What is said beside the name.
        let note: String
        let bins: [Bin]
        /// A value with a solid line and one with a dashed line; nil: none.
        let solid, dashed: Double?

        /// A name, a note, bins, and the values of a solid and a dashed line.
        public init(name: String, note: String, bins: [Bin], solid: Double? = nil, dashed: Double? = nil) {
            self.name = name
            self.note = note
            self.bins = bins
            self.solid = solid
            self.dashed = dashed
        }
    }

    /// What lies along the axis.
    public enum Axis: Sendable {
        /// Milliseconds, logarithmic.
        case durations
        /// Places that have their labels here, linear.
        case labelled([(value: Double, label: String)])
    }

    let rows: [Row]
    let axis: Axis
    /// Whether heights are shares of a row, or counts of all.
    let showsShares: Bool

    /// Rows from top to bottom; heights are shares of a row, or counts.
    public init(rows: [Row], axis: Axis, showsShares: Bool) {
        self.rows = rows
        self.axis = axis
        self.showsShares = showsShares
    }

    private static let plotHeight = 48.0

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        let bins = rows.flatMap(\.bins)
        guard let low = bins.map(\.from).min(), let high = bins.map(\.to).max() else {
            return Drawing(width: width, height: 1, marks: [])
        }
        let isNarrow = width < 480
        let head = isNarrow ? 40.0 : 24.0
        let step = head + Self.plotHeight + 12
        let bottom = Double(rows.count) * step
        let across: Scale
        let ticks: [(place: Double, label: String)]
        switch axis {
        case .durations:
            let scale = Scale(.logarithmic, from: low, to: high, at: 0, width)
            across = scale
            ticks = scale.ticks(isNarrow ? 5 : 9).map { (scale($0), Format.tick(milliseconds: $0)) }
        case .labelled(let labels):
            let scale = Scale(from: low, to: high, at: 0, width)
            across = scale
            ticks = labels.map { (scale($0.value), $0.label) }
        }
        var marks = ticks.map { Mark.line($0.place, 0, $0.place, bottom, "grid") }
        let top = top
        for (index, row) in rows.enumerated() {
            marks += draw(row, across, top: top, y: Double(index) * step, head: head, width: width)
        }
        return Drawing(
            width: width, height: bottom + 24,
            marks: marks + Mark.axis(ticks, y: bottom - 12, from: 0, to: width))
    }

    private func height(_ bin: Bin, of row: Row) -> Double {
        guard showsShares else { return Double(bin.count) }
        return Double(bin.count) / Double(max(row.bins.reduce(0) { $0 + $1.count }, 1))
    }

    private var top: Double { rows.flatMap { row in row.bins.map { height($0, of: row) } }.max() ?? 1 }

    private func draw(_ row: Row, _ across: Scale, top: Double, y: Double, head: Double, width: Double) -> [Markup] {
        let base = y + head + Self.plotHeight
        let up = Scale(from: 0, to: top, at: base, base - Self.plotHeight)
        let isNarrow = head > 30
        let noteSize = TextWidth.of(row.note, size: Mark.smallSize)
        var marks: [Markup] = []
        for bin in row.bins where bin.count > 0 {
            let left = across(bin.from)
            let size = across(bin.to) - left
            let height = max(base - up(self.height(bin, of: row)), 1)
            marks.append(
                Mark.rect(
                    x: left, y: base - height, width: max(size - (size > 3 ? 1 : 0), 0.75), height: height,
                    "fill-accent"))
        }
        marks.append(Mark.line(0, base, width, base, "axis"))
        for (value, style) in [(row.solid, "median"), (row.dashed, "median dashed")] {
            if let value { marks.append(Mark.line(across(value), base - Self.plotHeight, across(value), base, style)) }
        }
        marks.append(Mark.name(row.name, x: 0, y: y + 14, width: isNarrow ? width : width - noteSize - 20))
        marks.append(
            isNarrow
                ? Mark.text(row.note, x: 0, y: y + 31, "small halo")
                : Mark.text(row.note, x: width, y: y + 14, "small halo", anchor: .end))
        return marks
    }
}
