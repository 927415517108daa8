/// Reliability diagrams: how often a model was right, by how sure it was; right as often as sure lies on the diagonal.
public struct ReliabilityPanels: Chart {
    /// Verdicts of about the same confidence.
    public struct Bin: Sendable {
        /// Mean confidence and share of right verdicts, 0…1.
        let confidence, accuracy: Double
        /// The interval of the accuracy.
        let low, high: Double?
        let count: Int

        /// Mean confidence, share of right verdicts with its interval, and how many.
        public init(confidence: Double, accuracy: Double, low: Double?, high: Double?, count: Int) {
            self.confidence = confidence
            self.accuracy = accuracy
            self.low = low
            self.high = high
            self.count = count
        }
    }

    /// A model.
    public struct Panel: Sendable {
        let name, note: String
        let bins: [Bin]

        /// A name, a note, and bins by confidence.
        public init(name: String, note: String, bins: [Bin]) {
            self.name = name
            self.note = note
            self.bins = bins
        }
    }

    let panels: [Panel]

    /// Panels in reading order.
    public init(panels: [Panel]) { self.panels = panels }

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        let columns = width < 480 ? 1 : min(max(panels.count, 1), 3)
        let gap = 32.0
        let size = (width - gap * Double(columns - 1)) / Double(columns)
        let plot = min(size, 260)
        let height = 54 + plot + 44
        var marks: [Markup] = []
        for (index, panel) in panels.enumerated() {
            marks += draw(
                panel, x: Double(index % columns) * (size + gap), y: Double(index / columns) * height, plot: plot,
                width: size)
        }
        let lines = (panels.count + columns - 1) / columns
        return Drawing(width: width, height: max(Double(lines) * height - 8, 1), marks: marks)
    }

    private func draw(_ panel: Panel, x: Double, y: Double, plot: Double, width: Double) -> [Markup] {
        let top = y + 54
        let base = top + plot
        let across = Scale(from: 0, to: 1, at: x, x + plot)
        let up = Scale(from: 0, to: 1, at: base, top)
        var marks = [
            Mark.name(panel.name, x: x, y: y + 13, width: width), Mark.text(panel.note, x: x, y: y + 30, "small"),
        ]
        for share in [0.25, 0.5, 0.75, 1] { marks.append(Mark.line(x, up(share), x + plot, up(share), "grid")) }
        marks.append(Mark.line(x, base, x + plot, top, "median dashed"))
        let greatest = Double(panel.bins.map(\.count).max() ?? 1)
        for bin in panel.bins where bin.count > 0 {
            if let low = bin.low, let high = bin.high {
                marks.append(
                    Mark.line(across(bin.confidence), up(low), across(bin.confidence), up(high), "whisker thin"))
            }
            let radius = 2.5 + 4.5 * (Double(bin.count) / greatest).squareRoot()
            marks.append(Mark.circle(x: across(bin.confidence), y: up(bin.accuracy), radius: radius, "fill-accent"))
        }
        for share in [0.5, 1] {
            marks.append(Mark.text(Format.percent(share), x: x, y: up(share) - 3, "small halo"))
        }
        marks.append(Mark.line(x, base, x + plot, base, "axis"))
        return marks
            + Mark.axis(
                [0, 0.5, 1].map { (across($0), Format.decimals($0, 1)) }, y: base, from: x, to: x + plot)
    }
}
