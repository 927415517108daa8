import Inference
import Volfefe

/// What each model is missed for, as people and spreadsheets read it.
struct RedundancyTables {
    private let report: RedundancyReport

    init(_ report: RedundancyReport) { self.report = report }

    /// For people.
    var text: String {
        guard let first = report.models.first else { return "there are no verdicts yet: volfefe classify --all" }
        return [losses, solitude, costs, conclusion(first)].joined(separator: "\n\n")
    }

    private var losses: String {
        var grid = Grid([
            "<without", "contents", "<consensus changes", "another", "lost", "gained", "<it agrees with the rest", "<κ",
        ])
        for model in report.models {
            grid.add(
                .text(model.model), .count(model.contents), .text(model.changed.text), .count(model.flipped),
                .count(model.lost), .count(model.gained), .text(model.agreement.text), .text(model.kappa.text))
        }
        return "\(report.method.rawValue) consensus without each model\n" + grid.rendered(indent: "  ")
    }

    private var solitude: String {
        var grid = Grid(["<", "<says", "contents", "alone", "<share"])
        for model in report.models {
            for (index, alone) in model.alone.enumerated() {
                grid.add(
                    .text(index == 0 ? model.model : ""), .text(alone.sentiment.rawValue), .count(alone.said),
                    .count(alone.alone), .text(alone.share.text))
            }
        }
        return "who says it when no other model does that could\n" + grid.rendered(indent: "  ")
    }

    private var costs: String {
        var grid = Grid(["<", "ms per text", "share", "seconds in all", "share"])
        for model in report.models {
            grid.add(
                .text(model.model), .figure(model.effort?.msPerText, digits: 2), .share(model.effort?.shareOfText),
                .figure((model.effort?.totalMs).map { $0 / 1000 }, digits: 2), .share(model.effort?.totalShare))
        }
        return "inference time\n" + grid.rendered(indent: "  ")
    }

    private func conclusion(_ model: RedundancyReport.Model) -> String {
        let changed = model.flipped + model.lost + model.gained
        let saved = model.effort?.shareOfText.map {
            ", and \(($0 * 100).digits(0)) % of the time per text would be saved"
        }
        return
            "least missed is \(model.model): without it the consensus of \(changed.grouped) of \(model.contents.grouped) contents changes"
            + (saved ?? "") + "."
    }

    /// A row for each model.
    var grid: Grid {
        let sentiments = Sentiment.allCases
        var grid = Grid(
            [
                "<model", "contents", "changed", "changed low", "changed high", "flipped", "lost", "gained",
                "agreement",
                "agreement low", "agreement high", "kappa", "kappa low", "kappa high", "inexpressible",
            ] + sentiments.flatMap { ["said \($0.rawValue)", "alone \($0.rawValue)"] } + [
                "total ms", "total share", "ms per text", "share per text",
            ])
        for model in report.models {
            let figures = [model.changed, model.agreement, model.kappa].map { estimate -> [Grid.Cell] in
                [.share(estimate.value), .share(estimate.low), .share(estimate.high)]
            }
            let counts: [Grid.Cell] = [.count(model.flipped), .count(model.lost), .count(model.gained)]
            let alone = sentiments.flatMap { sentiment -> [Grid.Cell] in
                let entry = model.alone.first { $0.sentiment == sentiment }
                return [.count(entry?.said), .count(entry?.alone)]
            }
            let effort = model.effort
            grid.add(
                cells: [.text(model.model), .count(model.contents)] + figures[0] + counts + figures[1] + figures[2]
                    + [.count(model.inexpressible)] + alone + [
                        .share(effort?.totalMs), .share(effort?.totalShare), .share(effort?.msPerText),
                        .share(effort?.shareOfText),
                    ])
        }
        return grid
    }
}
