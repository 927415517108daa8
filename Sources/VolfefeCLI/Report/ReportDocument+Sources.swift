import Inference
import Pages
import Volfefe

extension ReportDocument {
    /// Sources that are shown; more would be a list that nobody reads.
    private static let shownSources = 20

    /// How sources differ, where there are several.
    var sources: [Block] {
        guard report.sources.count > 1 else { return [] }
        let shown = Array(
            report.sources.sorted { ($1.contents.withText, $0.source) < ($0.contents.withText, $1.source) }
                .prefix(Self.shownSources))
        let judged = shown.filter { $0.allAgree.value != nil }
        var blocks: [Block] = [.heading("Source by source", id: "sources")]
        if report.sources.count > shown.count {
            blocks.append(
                .paragraph(
                    "The \(String(shown.count)) sources with the most texts, of \(Format.grouped(report.sources.count))."
                ))
        }
        if report.models.count > 1, judged.count > 1 { blocks.append(.figure(agreement(judged))) }
        return blocks + [.table(moods(shown))]
    }

    private func agreement(_ sources: [InsightReport.Source]) -> ChartFigure {
        let ranked = sources.sorted { ($0.allAgree.value ?? 0) < ($1.allAgree.value ?? 0) }
        var title = "How often all models agree, by source"
        if let least = ranked.first, let most = ranked.last {
            title =
                "All models agree on \(Format.percent(least.allAgree.value ?? 0)) of the texts of \(least.source), and on \(Format.percent(most.allAgree.value ?? 0)) of \(most.source)"
        }
        let overall = section(.words, .all)?.allAgree.value
        return ChartFigure(
            id: "sources-agree", title: title,
            description: "For each source, the share of texts on which all models agree, with its 95 % interval.",
            chart: IntervalDots(
                rows: sources.map { source in
                    .init(
                        name: source.source, value: source.allAgree.value, low: source.allAgree.low,
                        high: source.allAgree.high, text: source.allAgree.value.map(Format.percent) ?? "–")
                }, domain: 0...1, reference: overall.map { ($0, "all: \(Format.percent($0))") }),
            note: "Texts with words that all models have judged, all labels.",
            table: DataTable(
                caption: "Agreement by source", columns: ["<Source", "Texts judged by all", "All agree", "95 %"],
                rows: sources.map {
                    [
                        .text($0.source), .count($0.judgedByAll), .percent($0.allAgree.value),
                        .figure($0.allAgree.percentRange ?? "–"),
                    ]
                }))
    }

    private func moods(_ sources: [InsightReport.Source]) -> DataTable {
        DataTable(
            caption: "What each model says of each source",
            columns: [
                "<Source", "<Model", "Verdicts", "Coverage", "Negative", "Neutral", "Positive", "Mean confidence",
            ],
            rows: sources.flatMap { source in
                source.models.map { model in
                    func share(_ sentiment: Sentiment) -> DataTable.Cell {
                        model.count(sentiment).map { .share($0, of: model.verdicts) } ?? .figure("–")
                    }
                    return [
                        .text(source.source), .text(names[model.model]), .count(model.verdicts),
                        .percent(model.coverage), share(.negative), share(.neutral), share(.positive),
                        .figure(model.meanConfidence.map { Format.decimals($0, 2) } ?? "–"),
                    ]
                }
            })
    }
}
