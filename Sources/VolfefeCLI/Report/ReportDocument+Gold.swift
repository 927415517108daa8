import Inference
import Pages
import Volfefe

extension ReportDocument {
    /// How right the models are, where people have labelled texts.
    var gold: [Block] {
        guard let evaluation = report.evaluation else { return [] }
        let rows = evaluation.rows.compactMap { row in
            row.sections.first { $0.labels == .all && $0.contents > 0 }.map { (name: names[row.model], section: $0) }
        }
        guard !rows.isEmpty else { return [] }
        let reliable = rows.filter { row in row.section.reliability.contains { $0.contents > 0 } }
        return [.heading("How right they are", id: "gold"), .figure(accuracy(rows))]
            + (reliable.isEmpty ? [] : [.figure(reliability(reliable))])
    }

    private typealias Judged = (name: String, section: Evaluation.Section)

    private func accuracy(_ rows: [Judged]) -> ChartFigure {
        let best = rows.max { ($0.section.accuracy.value ?? 0) < ($1.section.accuracy.value ?? 0) }
        let title = best.map { "\($0.name) is right most often: \(Format.percent($0.section.accuracy.value ?? 0))" }
        return ChartFigure(
            id: "accuracy", title: title ?? "",
            description: "For each model, the share of labelled texts on which it says what the label says.",
            chart: IntervalDots(
                rows: rows.map { row in
                    let accuracy = row.section.accuracy
                    return .init(
                        name: row.name, value: accuracy.value, low: accuracy.low, high: accuracy.high,
                        text: accuracy.value.map(Format.percent) ?? "–")
                }, domain: 0...1),
            note: "Share right, of the texts with a gold label, with 95\u{202F}% intervals, on all labels.",
            table: DataTable(
                caption: "On gold labels",
                columns: [
                    "<Model", "Texts", "Right", "95 %", "Macro F1", "Brier", "ECE", "Mean confidence", "<Worst at",
                ],
                rows: rows.map { row in
                    func figure(_ estimate: Estimate) -> DataTable.Cell {
                        .figure(estimate.value.map { Format.decimals($0, 3) } ?? "–")
                    }
                    let section = row.section
                    return [
                        .text(row.name), .count(section.contents), .percent(section.accuracy.value),
                        .figure(section.accuracy.percentRange ?? "–"), figure(section.macroF1), figure(section.brier),
                        figure(section.ece), figure(section.meanConfidence),
                        .text(section.worstClass?.rawValue ?? "–"),
                    ]
                }))
    }

    private func reliability(_ rows: [Judged]) -> ChartFigure {
        ChartFigure(
            id: "reliability", title: "How often each model is right, by how sure it is",
            description:
                "For each model, the share of right verdicts by confidence; on the dashed diagonal it is right as often as it is sure.",
            chart: ReliabilityPanels(
                panels: rows.map { row in
                    .init(
                        name: row.name,
                        note: row.section.ece.value.map { "ECE \(Format.decimals($0, 3))" } ?? "",
                        bins: row.section.reliability.compactMap { bin in
                            guard let confidence = bin.meanConfidence, let accuracy = bin.accuracy.value else {
                                return nil
                            }
                            return .init(
                                confidence: confidence, accuracy: accuracy, low: bin.accuracy.low,
                                high: bin.accuracy.high, count: bin.contents)
                        })
                }),
            note:
                "Below the diagonal a model is surer than it is right. Larger dots stand for more texts. ECE: expected calibration error.",
            table: DataTable(
                caption: "Right by confidence",
                columns: ["<Model", "Confidence above", "up to", "Texts", "Mean confidence", "Right", "95 %"],
                rows: rows.flatMap { row in
                    row.section.reliability.filter { $0.contents > 0 }.map { bin in
                        [
                            .text(row.name), .figure(Format.decimals(bin.low, 2)),
                            .figure(Format.decimals(bin.high, 2)), .count(bin.contents),
                            .figure(bin.meanConfidence.map { Format.decimals($0, 3) } ?? "–"),
                            .percent(bin.accuracy.value), .figure(bin.accuracy.percentRange ?? "–"),
                        ]
                    }
                }))
    }
}
