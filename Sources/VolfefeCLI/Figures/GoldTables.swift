import Volfefe

/// Statistics of gold labels as people and spreadsheets read them.
struct GoldTables {
    private let statistics: GoldStatistics

    init(_ statistics: GoldStatistics) { self.statistics = statistics }

    /// For people.
    var text: String {
        let totals = statistics.totals
        guard totals.labels + totals.stale > 0 else {
            return
                "there are no gold labels yet: volfefe gold next says what to label, volfefe gold import brings labels in"
        }
        var parts = ["\(totals.labels.grouped) labels"]
        if totals.ties > 0 { parts.append("\(totals.ties.grouped) ties left out") }
        if totals.stale > 0 { parts.append("\(totals.stale.grouped) labels of texts that were edited since") }
        if totals.replaced > 0 { parts.append("\(totals.replaced.grouped) replaced") }
        var lines = [
            Style.bold("\(totals.contents.grouped) contents with a gold label") + " (\(parts.joined(separator: ", ")))",
            "",
            sources.rendered(indent: "  "), "", annotators.rendered(indent: "  "),
        ]
        if statistics.labelledTwice > 0 {
            lines += [
                "",
                "\(Style.bold("annotators")): \(statistics.labelledTwice.grouped) contents labelled by two or more",
                "  all agree           \(statistics.allAgree.text)",
                "  Krippendorff's α    \(statistics.krippendorffAlpha.text)", "",
                pairs.rendered(indent: "  "),
            ]
        }
        return lines.joined(separator: "\n")
    }

    /// By source.
    var sources: Grid {
        var grid = Grid(["<source", "contents", "gold", "share", "positive", "neutral", "negative"])
        for row in statistics.sources {
            grid.add(
                .text(row.source), .count(row.contents), .count(row.gold),
                .share(row.contents > 0 ? Double(row.gold) / Double(row.contents) : nil), .count(row.positive),
                .count(row.neutral), .count(row.negative))
        }
        return grid
    }

    private var annotators: Grid {
        var grid = Grid(["<annotator", "labels", "positive", "neutral", "negative", "<with the majority"])
        for row in statistics.annotators {
            grid.add(
                .text(row.annotator ?? "(not named)"), .count(row.labels), .count(row.positive), .count(row.neutral),
                .count(row.negative), .text(row.withMajority.value == nil ? "–" : row.withMajority.text))
        }
        return grid
    }

    private var pairs: Grid {
        var grid = Grid(["<first", "<second", "contents", "<agree", "<Cohen's κ"])
        for pair in statistics.pairs {
            func name(_ annotator: String) -> String { annotator.isEmpty ? "(not named)" : annotator }
            grid.add(
                .text(name(pair.first)), .text(name(pair.second)), .count(pair.contents), .text(pair.agreement.text),
                .text(pair.kappa.text))
        }
        return grid
    }
}
