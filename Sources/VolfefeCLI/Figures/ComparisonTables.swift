import Inference
import Volfefe

/// A comparison as people and spreadsheets read it.
struct ComparisonTables {
    private let comparison: Comparison

    init(_ comparison: Comparison) { self.comparison = comparison }

    /// For people.
    var text: String {
        let first = comparison.first.name
        let second = comparison.second.name
        var lines = [
            "\(comparison.confusion.total.grouped) contents judged by both; only by \(first): "
                + "\(comparison.onlyFirst.grouped), only by \(second): \(comparison.onlySecond.grouped)"
        ]
        if comparison.inexpressible > 0 {
            lines.append("\(comparison.inexpressible.grouped) on which one says what the other cannot express")
        }
        lines += ["", "rows: \(first), columns: \(second)", confusion, "", figures, ""]
        lines += ["on shared labels, does one say it more often? (McNemar; all: Bowker)", tests]
        let differing = comparison.confusion.total - comparison.confusion.agreeing
        if !comparison.flips.isEmpty {
            lines += [
                "", "they differ on \(differing.grouped); the surest \(comparison.flips.count.grouped):",
                flips(preview: true).rendered(indent: "  "),
            ]
        }
        return lines.joined(separator: "\n")
    }

    private var confusion: String {
        let table = comparison.confusion
        var grid = Grid(["<"] + table.labels.map(\.rawValue) + ["total"])
        for (index, label) in table.labels.enumerated() {
            let row = table.counts[index]
            grid.add(cells: [.text(label.rawValue)] + row.map { .count($0) } + [.count(row.reduce(0, +))])
        }
        return grid.rendered(indent: "  ")
    }

    private var figures: String {
        var grid = Grid(["<", "<shared labels", "<all labels"])
        grid.add(.text("agree"), .text(comparison.sharedAgreement.text), .text(comparison.agreement.text))
        grid.add(.text("Cohen's κ"), .text(comparison.sharedKappa.text), .text(comparison.kappa.text))
        return grid.rendered(indent: "  ")
    }

    private var tests: String {
        var grid = Grid(["<", "only first", "only second", "<method", "statistic", "p"])
        for test in comparison.tests {
            let method = test.method == .exact ? "exact" : test.degrees.map { "χ² (\($0))" } ?? "–"
            let p = test.pValue.map { $0 < 0.0001 ? "< 0.0001" : $0.digits(4) } ?? "–"
            grid.add(
                .text(test.sentiment?.rawValue ?? "all"), .count(test.onlyFirst), .count(test.onlySecond),
                .text(method),
                .figure(test.statistic, digits: test.method == .exact ? 0 : 3), .text(p))
        }
        return grid.rendered(indent: "  ")
    }

    /// The contents on which they differ; `preview` shortens the texts.
    func flips(preview: Bool) -> Grid {
        var grid = Grid(["content", "<first", "first confidence", "<second", "second confidence", "<text"])
        for flip in comparison.flips {
            grid.add(
                .id(flip.contentID), .text(flip.first.rawValue), .share(flip.firstConfidence),
                .text(flip.second.rawValue), .share(flip.secondConfidence),
                .text(preview ? flip.text.preview(60) : flip.text))
        }
        return grid
    }
}
