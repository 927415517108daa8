/// Figures with their intervals under each other.
public struct IntervalDots: Chart {
    /// A figure.
    public struct Row: Sendable {
        let name: String
        /// The figure and the ends of its interval; without a value nothing is drawn.
        let value, low, high: Double?
        /// The figure in words.
        let text: String

        /// A name, a figure with the ends of its interval, and the figure in words.
        public init(name: String, value: Double?, low: Double?, high: Double?, text: String) {
            self.name = name
            self.value = value
            self.low = low
            self.high = high
            self.text = text
        }
    }

    let rows: [Row]
    let domain: ClosedRange<Double>
    let reference: (value: Double, label: String)?
    let isPercent: Bool

    /// A reference is drawn as a line through all rows; `isPercent` says how the axis is labelled.
    public init(
        rows: [Row], domain: ClosedRange<Double>, reference: (value: Double, label: String)? = nil,
        isPercent: Bool = true
    ) {
        self.rows = rows
        self.domain = domain
        self.reference = reference
        self.isPercent = isPercent
    }

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        let isNarrow = width < 480
        let names = rows.map { TextWidth.of($0.name, size: Mark.labelSize, isBold: true) }.max() ?? 0
        let texts = rows.map { TextWidth.of($0.text, size: Mark.smallSize) }.max() ?? 0
        let left = isNarrow ? 8 : min(names, width * 0.3) + 20
        let right = isNarrow ? width - 8 : width - min(texts, width * 0.3) - 20
        let step = isNarrow ? 56.0 : 32.0
        let head = reference == nil ? 4.0 : 24.0
        let across = Scale(from: domain.lowerBound, to: domain.upperBound, at: left, right)
        let bottom = head + Double(rows.count) * step
        let ticks = across.ticks(isNarrow ? 4 : 5)
        var marks = ticks.map { Mark.line(across($0), head, across($0), bottom, "grid") }
        if let reference {
            let x = across(reference.value)
            let half = TextWidth.of(reference.label, size: Mark.smallSize) / 2
            marks.append(Mark.line(x, head - 4, x, bottom, "median dashed"))
            marks.append(
                Mark.text(
                    reference.label, x: min(max(x, half), width - half), y: 13, "small", anchor: .middle))
        }
        for (index, row) in rows.enumerated() {
            let y = head + Double(index) * step
            let middle = y + (isNarrow ? 38 : step / 2)
            if isNarrow {
                let room = width - TextWidth.of(row.text, size: Mark.smallSize) - 12
                marks.append(Mark.name(row.name, x: 0, y: y + 17, width: room))
                marks.append(Mark.text(row.text, x: width, y: y + 17, "small halo", anchor: .end))
            } else {
                marks.append(Mark.name(row.name, x: left - 20, y: middle + 4.5, width: left - 20, anchor: .end))
                marks.append(Mark.text(row.text, x: right + 20, y: middle + 4.5, "small"))
            }
            guard let value = row.value else { continue }
            if let low = row.low, let high = row.high {
                marks.append(Mark.line(across(low), middle, across(high), middle, "whisker"))
            }
            marks.append(Mark.circle(x: across(value), y: middle, radius: 5, "fill-accent"))
        }
        marks.append(Mark.line(left, bottom, right, bottom, "axis"))
        let labels = ticks.map { (across($0), isPercent ? Format.percent($0) : Format.decimals($0, 1)) }
        return Drawing(
            width: width, height: bottom + 24,
            marks: marks + Mark.axis(labels, y: bottom, from: max(left - 20, 0), to: min(right + 20, width)))
    }
}
