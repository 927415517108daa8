import Inference
import Pages
import Volfefe

extension ReportDocument {
    /// What each model says, and how surely.
    var verdicts: [Block] {
        guard report.models.contains(where: { $0.verdicts > 0 }) else { return [] }
        return [.heading("What each model says", id: "verdicts"), .figure(labels), .figure(confidence)]
    }

    /// From negative to positive, as on a scale.
    private static let order: [Sentiment] = [.negative, .neutral, .positive]

    private var labels: ChartFigure {
        let bars = report.models.map { model in
            StackedBars.Row(
                name: names[model.model],
                parts: Self.order.map { .init($0.tone, $0.rawValue, count: model.labels[$0] ?? 0) })
        }
        let limited = report.models.filter { $0.model.sentiments.count < Sentiment.allCases.count }
        let note =
            limited.isEmpty
            ? ""
            : "\(limited.map { names[$0.model] }.joined(separator: ", ")) cannot say "
                + Set(limited.flatMap { model in Sentiment.allCases.filter { !model.model.sentiments.contains($0) } })
                .map(\.rawValue).sorted().joined(separator: " or ") + "."
        return ChartFigure(
            id: "labels", title: labelsTitle,
            description: "For each model, the shares of negative, neutral and positive verdicts.",
            chart: StackedBars(rows: bars), note: Prose(text: note),
            table: DataTable(
                caption: "Verdicts by sentiment",
                columns: ["<Model", "<Version", "Verdicts", "Negative", "Neutral", "Positive"],
                rows: report.models.map { model in
                    [
                        .text(model.model.modelID), .text(model.model.modelVersion), .count(model.verdicts),
                        .count(model.count(.negative)), .count(model.count(.neutral)), .count(model.count(.positive)),
                    ]
                }))
    }

    private var labelsTitle: String {
        func share(_ model: ModelFigures) -> Double {
            model.verdicts > 0 ? Double(model.labels[.positive] ?? 0) / Double(model.verdicts) : 0
        }
        let ranked = report.models.filter { $0.verdicts > 0 }.sorted { share($0) < share($1) }
        guard let least = ranked.first, let most = ranked.last, ranked.count > 1 else {
            return "Shares of negative, neutral and positive verdicts"
        }
        guard share(most) - share(least) >= 0.01 else {
            return "All models call about \(Format.percent(share(most))) of the texts positive"
        }
        return
            "\(names[least.model]) calls \(Format.percent(share(least))) of the texts positive, \(names[most.model]) \(Format.percent(share(most)))"
    }

    private var confidence: ChartFigure {
        let models = report.models.filter { $0.verdicts > 0 }
        let width = 1 / Double(models.first?.confidenceBins.count ?? 1)
        let used = (models.first?.confidenceBins.indices).map(Array.init) ?? []
        let bins = used.filter { bin in models.contains { $0.confidenceBins[bin] > 0 } }
        return ChartFigure(
            id: "confidence", title: "How sure each model is of its verdicts",
            description: "For each model, a histogram of the confidence of its verdicts, from 0 to 1.",
            chart: HistogramPanels(
                panels: models.map { model in
                    .init(
                        name: names[model.model],
                        note: model.meanConfidence.map { "mean \(Format.decimals($0, 2))" } ?? "",
                        bins: model.confidenceBins, mark: model.meanConfidence)
                }),
            note:
                "Share of the verdicts by confidence; the line is the mean. How sure a model says it is need not be how often it is right.",
            table: DataTable(
                caption: "Verdicts by confidence", columns: ["<Confidence"] + models.map { names[$0.model] },
                rows: bins.map { bin in
                    [
                        .text(
                            "\(Format.decimals(Double(bin) * width, 2)) to \(Format.decimals(Double(bin + 1) * width, 2))"
                        )
                    ]
                        + models.map { .count($0.confidenceBins[bin]) }
                } + [
                    [.text("mean")] + models.map { .figure($0.meanConfidence.map { Format.decimals($0, 3) } ?? "–") },
                    [.text("exactly 1")] + models.map { .share($0.perfect, of: $0.verdicts) },
                ]))
    }
}
