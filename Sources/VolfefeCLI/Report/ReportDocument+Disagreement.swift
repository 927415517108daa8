import Inference
import Pages
import Volfefe

extension ReportDocument {
    /// When models disagree, about what, and who stands alone.
    var disagreement: [Block] {
        let figures = report.disagreement
        guard report.models.count > 1, figures.judged > 0 else { return [] }
        let heading = Block.heading("When they disagree", id: "disagreement")
        guard figures.differing > 0 else {
            return [heading, .paragraph("Never: of no text with words do two models say different things.")]
        }
        return [heading, .paragraph(kinds), .table(combinations)] + outsiders + examples
    }

    private var kinds: Prose {
        let figures = report.disagreement
        func part(_ count: Int) -> String {
            "\(Format.percent(Double(count) / Double(figures.differing))) (\(Format.grouped(count)))"
        }
        var parts: [Prose] = []
        if figures.opposite > 0 {
            parts.append("in \(strong: part(figures.opposite)) one says positive and another negative")
        }
        if figures.inexpressible > 0 {
            parts.append(
                "in \(strong: part(figures.inexpressible)) they differ only because one of them does not have the other’s word"
            )
        }
        if figures.neutral > 0 {
            parts.append("in \(strong: part(figures.neutral)) one takes a side where another that could says neutral")
        }
        let listed = parts.dropFirst().reduce(parts.first ?? "") { $0 + "; " + $1 }
        return
            "They differ on \(strong: Format.grouped(figures.differing)) of \(Format.count(figures.judged, "text")) with words (\(Format.percent(figures.share.value ?? 0))): "
            + listed + "."
    }

    private var combinations: DataTable {
        let figures = report.disagreement
        return DataTable(
            caption: "The most frequent combinations of verdicts that differ",
            columns: report.models.map { "<" + names[$0.model] } + ["Texts", "Of those that differ"],
            rows: figures.combinations.map { combination in
                combination.sentiments.map { .text($0?.rawValue ?? "–") } + [
                    .count(combination.contents), .share(combination.contents, of: figures.differing),
                ]
            })
    }

    /// How often each model is alone against all others.
    private var outsiders: [Block] {
        let figures = report.disagreement
        guard report.models.count > 2, figures.judgedByAll > 0, figures.alone.contains(where: { $0 > 0 }) else {
            return []
        }
        let rows = zip(report.models, figures.alone).map { model, alone in
            (name: names[model.model], count: alone, share: Estimate.share(alone, of: figures.judgedByAll))
        }
        let most = rows.max { $0.count < $1.count }
        let top = rows.compactMap(\.share.high).max() ?? 1
        let title = most.map { "\($0.name) is most often alone against all others" } ?? ""
        return [
            .figure(
                ChartFigure(
                    id: "alone", title: title,
                    description:
                        "For each model, the share of texts on which all other models say the same and it says something else.",
                    chart: IntervalDots(
                        rows: rows.map {
                            .init(
                                name: $0.name, value: $0.share.value, low: $0.share.low, high: $0.share.high,
                                text: $0.share.value.map(Format.percent) ?? "–")
                        }, domain: 0...Self.roundedUp(top)),
                    note:
                        "Of texts with words that all have judged: how often a model differs while the others agree, with 95\u{202F}% intervals.",
                    table: DataTable(
                        caption: "Alone against all others",
                        columns: ["<Model", "Alone", "Of texts", "Share", "95 %"],
                        rows: rows.map {
                            [
                                .text($0.name), .count($0.count), .count(figures.judgedByAll),
                                .percent($0.share.value), .figure($0.share.percentRange ?? "–"),
                            ]
                        })))
        ]
    }

    /// The end of an axis of shares that holds `value`.
    static func roundedUp(_ value: Double) -> Double {
        [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8].first { $0 >= value } ?? 1
    }

    private var examples: [Block] {
        guard !report.examples.isEmpty else { return [] }
        let quotes = report.examples.map { content in
            Quote(
                title: "content \(content.contentID), contradiction \(Format.decimals(content.contradiction, 2))",
                text: showsTexts ? Self.excerpt(content.text) : nil,
                verdicts: content.verdicts.map {
                    .init(
                        name: names[$0.model], tone: $0.sentiment.tone,
                        text: "\($0.sentiment.rawValue) \(Format.decimals($0.confidence, 2))")
                })
        }
        let shown =
            report.contradicting > quotes.count
            ? "These are the first \(String(quotes.count)) of \(Format.count(report.contradicting, "text")) on which"
            : report.contradicting == 1
                ? "This is the one text on which"
                : "These are all \(Format.grouped(report.contradicting)) texts on which"
        return [
            .paragraph(
                "\(shown) two models say different things that both could say, the surest first. The contradiction is the confidence of the less confident one, halved where one says neutral."
            ),
            .quotes(quotes),
        ]
    }

    /// The beginning of a text on one line.
    private static func excerpt(_ text: String) -> String {
        let line = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        // The database gave the first 200 characters.
        return text.count < 200 ? line : line + "…"
    }
}
