/// Coefficients of every pair as a triangle of cells, each with its figure.
public struct HeatMap: Chart {
    let names: [String]
    let values: [[Double?]]

    /// `values` has a row per name and a column per name; only what is below the diagonal is drawn.
    public init(names: [String], values: [[Double?]]) {
        self.names = names
        self.values = values
    }

    /// The bands of Landis and Koch, Biometrics 33 (1977): their lower ends, and how they name them.
    static let bands: [(from: Double, name: String)] = [
        (-1, "below chance"), (0, "slight"), (0.2, "fair"), (0.4, "moderate"), (0.6, "substantial"),
        (0.8, "almost perfect"),
    ]

    /// How Landis and Koch call a coefficient.
    public static func word(_ value: Double) -> String { bands[band(value)].name }

    private static func band(_ value: Double) -> Int { bands.lastIndex { value >= $0.from } ?? 0 }

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        guard names.count > 1 else { return Drawing(width: width, height: 1, marks: []) }
        let columns = names.count - 1
        let widest = names.dropFirst().map { TextWidth.of($0, size: Mark.labelSize, isBold: true) }.max() ?? 0
        let cell = min((width - min(widest + 44, width * 0.42)) / Double(columns), 132)
        let height = min(max(cell * 0.6, 16), 48)
        let left = min(widest + 44, width - cell * Double(columns))
        let hasNames = names.dropLast().allSatisfy {
            TextWidth.of($0, size: Mark.labelSize, isBold: true) <= cell - 8
        }
        var marks: [Markup] = []
        for column in 0..<columns {
            let middle = left + (Double(column) + 0.5) * cell
            marks.append(
                hasNames
                    ? Mark.name(names[column], x: middle, y: 14, width: cell, anchor: .middle)
                    : Mark.text("\(column + 1)", x: middle, y: 14, "small", anchor: .middle))
        }
        // Without room for names above the columns, numbers stand for them; the first one has no row of its own.
        let firstRow = hasNames ? 1 : 0
        for row in firstRow..<names.count {
            let y = 24 + Double(row - firstRow) * height
            // Isolated, so that a name from right to left does not take the number along.
            let name = hasNames ? names[row] : "\(row + 1)  \u{2068}\(names[row])\u{2069}"
            marks.append(
                Mark.name(name, x: left - 12, y: y + height / 2 + 4.5, width: left - 12, anchor: .end))
            for column in 0..<min(row, columns) {
                marks += self.cell(
                    values[row][column], x: left + Double(column) * cell, y: y, width: cell, height: height)
            }
        }
        let bottom = 24 + Double(names.count - firstRow) * height
        let key = key(width: width, y: bottom + 14)
        return Drawing(width: width, height: bottom + 14 + key.height, marks: marks + key.marks)
    }

    private func cell(_ value: Double?, x: Double, y: Double, width: Double, height: Double) -> [Markup] {
        let band = value.map(Self.band)
        let rect = Mark.rect(
            x: x + 1, y: y + 1, width: width - 2, height: height - 2, band.map { "step-\($0)" } ?? "step-none")
        let text = value.map { Format.decimals($0, 2) } ?? "–"
        guard TextWidth.of(text, size: Mark.labelSize) <= width - 4 else { return [rect] }
        return [
            rect,
            Mark.text(
                text, x: x + width / 2, y: y + height / 2 + 4.5, band.map { "on-step-\($0)" } ?? "small",
                anchor: .middle),
        ]
    }

    /// The bands that occur, in as many lines as they need.
    private func key(width: Double, y: Double) -> (marks: [Markup], height: Double) {
        let found = Set(
            names.indices.flatMap { row in (0..<row).compactMap { values[row][$0].map(Self.band) } })
        var marks: [Markup] = []
        var x = 0.0
        var line = 0.0
        for band in found.sorted() {
            let end = band + 1 < Self.bands.count ? Self.bands[band + 1].from : 1
            let word =
                band == 0
                ? Self.bands[0].name
                : "\(Format.decimals(Self.bands[band].from, 1))–\(Format.decimals(end, 1)) \(Self.bands[band].name)"
            let size = 20 + TextWidth.of(word, size: Mark.smallSize)
            if x > 0, x + size > width {
                x = 0
                line += 1
            }
            marks.append(Mark.rect(x: x, y: y + line * 22, width: 14, height: 14, "step-\(band)"))
            marks.append(Mark.text(word, x: x + 20, y: y + line * 22 + 11.5, "small"))
            x += size + 18
        }
        return (marks, (line + 1) * 22)
    }
}
