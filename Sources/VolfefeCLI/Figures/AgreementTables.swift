import Inference
import Volfefe

/// An agreement report as people and spreadsheets read it.
struct AgreementTables {
    let report: AgreementReport

    init(_ report: AgreementReport) { self.report = report }

    /// Every figure in a row of its own.
    var grid: Grid {
        var grid = Grid([
            "<texts", "<labels", "<figure", "<first", "<second", "contents", "inexpressible", "value", "low", "high",
            "<reason",
        ])
        for section in report.sections {
            func add(
                _ figure: String, _ estimate: Estimate, contents: Int, inexpressible: Int, first: String = "",
                second: String = ""
            ) {
                grid.add(
                    .text(section.texts.rawValue), .text(section.labels.rawValue), .text(figure), .text(first),
                    .text(second), .count(contents), .count(inexpressible), .share(estimate.value),
                    .share(estimate.low), .share(estimate.high), .text(estimate.reason ?? ""))
            }
            let left = section.inexpressible
            add("all_agree", section.allAgree, contents: section.judgedByAll, inexpressible: left)
            add("fleiss_kappa", section.fleissKappa, contents: section.judgedByAll, inexpressible: left)
            add("krippendorff_alpha", section.krippendorffAlpha, contents: section.contents, inexpressible: left)
            for pair in section.pairs {
                for (name, estimate) in [("agreement", pair.agreement), ("cohen_kappa", pair.kappa)] {
                    add(
                        name, estimate, contents: pair.contents, inexpressible: pair.inexpressible, first: pair.first,
                        second: pair.second)
                }
            }
        }
        return grid
    }

    /// For people.
    var text: String {
        guard report.models.count > 1 else {
            return report.models.isEmpty
                ? "there are no verdicts yet: volfefe classify --all"
                : "only \(report.models[0].name) has verdicts; agreement needs two models."
        }
        return ([models] + shown.map(rendered)).joined(separator: "\n\n")
    }

    /// Without those on all labels where these are the shared ones.
    private var shown: [AgreementReport.Section] {
        report.sections.filter { section in
            section.labels == .shared
                || report.sections.contains { $0.texts == section.texts && $0.inexpressible > 0 }
        }
    }

    private var models: String {
        let limited = report.models.filter { $0.sentiments.count < Sentiment.allCases.count }.map { model in
            let missing = Sentiment.allCases.filter { !model.sentiments.contains($0) }.map(\.rawValue)
            return "; \(model.name) cannot say \(missing.joined(separator: " or "))"
        }
        return report.models.map(\.name).joined(separator: ", ") + limited.joined()
    }

    private func rendered(_ section: AgreementReport.Section) -> String {
        let texts = section.texts == .words ? "texts with words" : "texts of links only"
        let labels = section.labels == .shared ? "shared labels" : "all labels"
        var lines = [
            Style.bold("\(texts), \(labels)") + ": \(section.contents.grouped) contents, "
                + "\(section.judgedByAll.grouped) judged by all"
                + (section.inexpressible > 0
                    ? ", \(section.inexpressible.grouped) left out that not every model can express" : "")
        ]
        lines += [
            "  all agree           \(section.allAgree.text)",
            "  Fleiss' κ           \(section.fleissKappa.text)",
            "  Krippendorff's α    \(section.krippendorffAlpha.text)",
            "",
        ]
        var pairs = Grid([
            "<first", "<second", "contents", "not expressible", "agree", "<95 %", "Cohen's κ", "<95 %", "<",
        ])
        for pair in section.pairs {
            pairs.add(
                .text(pair.first), .text(pair.second), .count(pair.contents), .count(pair.inexpressible),
                .share(pair.agreement.value), .text(pair.agreement.interval), .share(pair.kappa.value),
                .text(pair.kappa.interval), .text(pair.kappa.value == nil ? pair.kappa.reason ?? "" : ""))
        }
        lines.append(pairs.rendered(indent: "  "))
        if report.models.count > 2 { lines += ["", "  Cohen's κ", matrix(section)] }
        return lines.joined(separator: "\n")
    }

    private func matrix(_ section: AgreementReport.Section) -> String {
        let names = report.models.map(\.name)
        var grid = Grid(["<"] + names)
        for first in names {
            let cells = names.map { second -> Grid.Cell in
                guard first != second else { return .text("·") }
                let pair = section.pairs.first { Set([$0.first, $0.second]) == [first, second] }
                return .figure(pair?.kappa.value, digits: 2)
            }
            grid.add(cells: [.text(first)] + cells)
        }
        return grid.rendered(indent: "  ")
    }
}

extension Estimate {
    /// `[0.421, 0.710]`.
    fileprivate var interval: String {
        guard let low, let high else { return "–" }
        return "[\(low.digits(3)), \(high.digits(3))]"
    }
}
