import Pages
import Volfefe

extension ReportDocument {
    /// Which model could be dropped.
    var redundancy: [Block] {
        guard let report = report.redundancy, report.models.contains(where: { $0.contents > 0 }) else { return [] }
        let models = report.models
        let least = models.first
        let title = least.map { model in
            "Without \(names[model.model]), the majority changes on \(Format.percent(model.changed.value ?? 0)) of the texts"
        }
        let top = models.compactMap(\.changed.high).max() ?? 1
        return [
            .heading("Which model could be dropped", id: "redundancy"),
            .figure(
                ChartFigure(
                    id: "redundancy-chart", title: title ?? "",
                    description: "For each model, the share of texts whose majority is another one without it.",
                    chart: IntervalDots(
                        rows: models.map { model in
                            let time = model.effort?.totalShare.map { ", \(Format.percent($0)) of the time" } ?? ""
                            return .init(
                                name: names[model.model], value: model.changed.value, low: model.changed.low,
                                high: model.changed.high,
                                text: (model.changed.value.map(Format.percent) ?? "–") + time)
                        }, domain: 0...Self.roundedUp(top)),
                    note:
                        "Share of texts whose majority is another one, or none, without the model, with 95\u{202F}% intervals; the least missed first. A model that differs is not wrong for it: gold labels tell.",
                    table: redundancyTable(models))),
        ]
    }

    private func redundancyTable(_ models: [RedundancyReport.Model]) -> DataTable {
        DataTable(
            caption: "Without each model",
            columns: [
                "<Without", "Texts", "Majority changes", "95 %", "To another", "Lost", "Gained",
                "Says what the others say",
                "Share of time",
            ],
            rows: models.map { model in
                [
                    .text(names[model.model]), .count(model.contents), .percent(model.changed.value),
                    .figure(model.changed.percentRange ?? "–"), .count(model.flipped), .count(model.lost),
                    .count(model.gained), .percent(model.agreement.value), .percent(model.effort?.totalShare),
                ]
            })
    }
}
