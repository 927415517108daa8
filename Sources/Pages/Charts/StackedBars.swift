/// Shares of a whole, one bar per row, each with its word and figure where they fit.
public struct StackedBars: Chart {
    /// A part of a bar.
    public struct Part: Sendable {
        let tone: Tone
        let word: String
        let count: Int

        /// A colour, the word that stands for it, and how many.
        public init(_ tone: Tone, _ word: String, count: Int) {
            self.tone = tone
            self.word = word
            self.count = count
        }
    }

    /// A bar.
    public struct Row: Sendable {
        let name: String
        let parts: [Part]

        /// A name and the parts of its bar, from left to right.
        public init(name: String, parts: [Part]) {
            self.name = name
            self.parts = parts
        }

        var total: Int { parts.reduce(0) { $0 + $1.count } }
    }

    let rows: [Row]

    /// Bars from top to bottom.
    public init(rows: [Row]) { self.rows = rows }

    private static let barHeight = 30.0

    /// Draws it.
    public func drawing(width: Double) -> Drawing {
        let isNarrow = width < 480
        let widest = rows.map { TextWidth.of($0.name, size: Mark.labelSize, isBold: true) }.max() ?? 0
        let left = isNarrow ? 0 : min(widest, width * 0.3) + 16
        let step = Self.barHeight + (isNarrow ? 34 : 10)
        let keyed = wordsWithoutRoom(barWidth: width - left)
        var marks: [Markup] = []
        var y = 0.0
        if !keyed.isEmpty {
            marks += key(keyed, x: left)
            y += 26
        }
        for row in rows {
            if isNarrow {
                marks.append(Mark.name(row.name, x: 0, y: y + 15, width: width * 0.7))
                marks.append(Mark.text(Format.grouped(row.total), x: width, y: y + 15, "small", anchor: .end))
            } else {
                marks.append(
                    Mark.name(
                        row.name, x: left - 16, y: y + Self.barHeight / 2 + 5, width: left - 16, anchor: .end))
            }
            marks += bar(row, x: left, y: y + (isNarrow ? 22 : 0), width: width - left)
            y += step
        }
        return Drawing(width: width, height: max(y - (isNarrow ? 12 : 10), 1), marks: marks)
    }

    private func bar(_ row: Row, x: Double, y: Double, width: Double) -> [Markup] {
        guard row.total > 0 else { return [Mark.text("no verdicts", x: x, y: y + 20, "small")] }
        var marks: [Markup] = []
        var place = x
        for part in row.parts where part.count > 0 {
            let share = Double(part.count) / Double(row.total)
            let size = share * width
            // A hair of the page between the parts, as long as a part is left.
            let gap = place + size < x + width - 0.5 && size > 3 ? 1.5 : 0
            marks.append(
                Mark.rect(x: place, y: y, width: size - gap, height: Self.barHeight, "fill-\(part.tone.rawValue)"))
            if part.tone == .negative {
                marks.append(Mark.rect(x: place, y: y, width: size - gap, height: Self.barHeight, "hatch"))
            }
            if let label = Self.label(part, share: share, width: size - gap - 12) {
                marks.append(
                    Mark.text(label, x: place + 8, y: y + Self.barHeight / 2 + 4.5, "on-\(part.tone.rawValue)"))
            }
            place += size
        }
        return marks
    }

    private static func label(_ part: Part, share: Double, width: Double) -> String? {
        let percent = Format.percent(share)
        return ["\(part.word) \(percent)", percent, part.tone.sign].first {
            !$0.isEmpty && TextWidth.of($0, size: Mark.smallSize, isBold: true) <= width
        }
    }

    /// Parts whose word stands in no bar.
    private func wordsWithoutRoom(barWidth: Double) -> [Part] {
        var seen: Set<String> = []
        var missing: [Part] = []
        for row in rows where row.total > 0 {
            for part in row.parts where part.count > 0 {
                let share = Double(part.count) / Double(row.total)
                if Self.label(part, share: share, width: share * barWidth - 13.5)?.hasPrefix(part.word) == true {
                    seen.insert(part.word)
                }
                if !missing.contains(where: { $0.word == part.word }) { missing.append(part) }
            }
        }
        return missing.filter { !seen.contains($0.word) }
    }

    private func key(_ parts: [Part], x: Double) -> [Markup] {
        var place = x
        return parts.flatMap { part -> [Markup] in
            let marks = [
                Mark.rect(x: place, y: 2, width: 14, height: 14, "fill-\(part.tone.rawValue)"),
                part.tone == .negative ? Mark.rect(x: place, y: 2, width: 14, height: 14, "hatch") : .empty,
                Mark.text(part.word, x: place + 20, y: 13.5, "small"),
            ]
            place += 20 + TextWidth.of(part.word, size: Mark.smallSize) + 18
            return marks
        }
    }
}
