/// Histograms beside each other on the same axes, so that their heights compare.
public struct HistogramPanels: Chart {
    /// A histogram.
    public struct Panel: Sendable {
        let name: String
        /// What is said beside the name.
        let note: String
        /// Counts of equally wide bins from 0 to 1.
        let bins: [Int]
        /// A value to mark; nil: none.
        let mark: Double?

        /// A name, a note, counts of bins from 0 to 1, and a value to mark.
        public init(name: String, note: String, bins: [Int], mark: Double?) {
            self.name = name
            self.note = note
            self.bins = bins
            self.mark = mark
        }

        var total: Int { bins.reduce(0, +) }
    }

    let panels: [Panel]

    /// Panels in reading order.
    public init(panels: [Panel]) { self.panels = panels }

    private static let plotHeight = 96.0
    private static let panelHeight = 54 + plotHeight + 34

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        let columns = width < 480 ? 1 : min(max(panels.count, 1), 3)
        let gap = 28.0
        let size = (width - gap * Double(columns - 1)) / Double(columns)
        var marks: [Markup] = []
        for (index, panel) in panels.enumerated() {
            let x = Double(index % columns) * (size + gap)
            let y = Double(index / columns) * (Self.panelHeight + 16)
            marks += draw(panel, x: x, y: y, width: min(size, 420))
        }
        let lines = (panels.count + columns - 1) / columns
        return Drawing(
            width: width, height: max(Double(lines) * (Self.panelHeight + 16) - 16, 1), marks: marks)
    }

    /// The greatest share of a bin in any panel, as a round number.
    private var top: Double {
        let greatest =
            panels.flatMap { panel in panel.bins.map { Double($0) / Double(max(panel.total, 1)) } }.max() ?? 0
        return [0.1, 0.2, 0.4, 0.6, 0.8, 1].first { $0 >= greatest } ?? 1
    }

    /// The first bin that has anything in any panel, at a tenth.
    private var low: Double {
        let first =
            panels.compactMap { panel in
                panel.bins.firstIndex { $0 > 0 }.map { Double($0) / Double(panel.bins.count) }
            }.min() ?? 0
        return min((first * 10 + 1e-9).rounded(.down) / 10, 0.8)
    }

    private func draw(_ panel: Panel, x: Double, y: Double, width: Double) -> [Markup] {
        let top = top
        let low = low
        let base = y + 54 + Self.plotHeight
        let across = Scale(from: low, to: 1, at: x, x + width)
        let up = Scale(from: 0, to: top, at: base, base - Self.plotHeight)
        var marks = [
            Mark.name(panel.name, x: x, y: y + 13, width: width), Mark.text(panel.note, x: x, y: y + 30, "small"),
        ]
        for share in [top / 2, top] {
            marks.append(Mark.line(x, up(share), x + width, up(share), "grid"))
        }
        let step = 1 / Double(panel.bins.count)
        for (index, count) in panel.bins.enumerated() where count > 0 {
            let left = across(Double(index) * step)
            let right = across(Double(index + 1) * step)
            let height = max(base - up(Double(count) / Double(panel.total)), 1)
            marks.append(
                Mark.rect(x: left + 0.5, y: base - height, width: right - left - 1, height: height, "fill-accent"))
        }
        // Only at the top, above all bars; the table has the rest.
        marks.append(Mark.text(Format.percent(top), x: x, y: up(top) - 3, "small halo"))
        marks.append(Mark.line(x, base, x + width, base, "axis"))
        if let mark = panel.mark {
            marks.append(Mark.line(across(mark), base - Self.plotHeight, across(mark), base + 4, "median"))
        }
        return marks
            + Mark.axis(
                across.ticks(width < 200 ? 3 : 5).map { (across($0), Format.decimals($0, 1)) }, y: base, from: x,
                to: x + width)
    }
}
