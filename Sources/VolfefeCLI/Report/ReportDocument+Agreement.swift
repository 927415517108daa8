import Inference
import Pages
import Volfefe

extension ReportDocument {
    /// Who agrees.
    var agreement: [Block] {
        guard report.models.count > 1, let all = section(.words, .all), all.contents > 0 else { return [] }
        return [.heading("Who agrees", id: "agreement"), .paragraph(inWords(all)), .figure(heatMap(all))]
            + shared + links
    }

    private func inWords(_ section: AgreementReport.Section) -> Prose {
        guard let share = section.allAgree.value, let range = section.allAgree.percentRange else {
            return
                "No text has been judged by all models yet; pairs of models are compared on the texts that both have judged."
        }
        let alpha = section.krippendorffAlpha
        let chance: Prose =
            alpha.value.map { value in
                " Beyond what their habits alone would give, agreement is \(HeatMap.word(value)): Krippendorff’s α is \(strong: Format.decimals(value, 2))\(alpha.range.map { " (95\u{202F}%: \($0))" } ?? "")."
            } ?? ""
        let everyone = report.models.count == 2 ? "Both models" : "All \(String(report.models.count)) models"
        return
            "\(everyone) say the same of \(strong: Format.percent(share)) of the \(Format.count(section.judgedByAll, "text")) with words that they have all judged (95\u{202F}%: \(range))."
            + chance
    }

    private func heatMap(_ section: AgreementReport.Section) -> ChartFigure {
        let full = report.models.map(\.model.name)
        func pair(_ first: Int, _ second: Int) -> AgreementReport.Pair? {
            section.pairs.first { Set([$0.first, $0.second]) == [full[first], full[second]] }
        }
        let values = full.indices.map { row in
            full.indices.map { column in row == column ? nil : pair(row, column)?.kappa.value }
        }
        let ranked = section.pairs.filter { $0.kappa.value != nil }
            .sorted { ($0.kappa.value ?? 0, $1.first) > ($1.kappa.value ?? 0, $0.first) }
        func words(_ pair: AgreementReport.Pair) -> String {
            "\(names[pair.first]) and \(names[pair.second])"
        }
        var description = "Cohen’s κ of each pair of models on all labels."
        var title = "Cohen’s κ of each pair of models"
        if let most = ranked.first, let least = ranked.last, ranked.count > 1 {
            title =
                "\(words(most)) agree most beyond chance, \(words(least)) least"
            description +=
                " From \(Format.decimals(least.kappa.value ?? 0, 2)) to \(Format.decimals(most.kappa.value ?? 0, 2))."
        }
        return ChartFigure(
            id: "kappa", title: title, description: description,
            chart: HeatMap(names: full.map { names[$0] }, values: values),
            note: "Cohen’s κ: 1 where two models always agree, 0 where they agree as often as chance would have it.",
            table: pairs(section))
    }

    private func pairs(_ section: AgreementReport.Section) -> DataTable {
        DataTable(
            caption: "Pairs of models, all labels",
            columns: ["<First", "<Second", "Texts", "Agree", "95 %", "Cohen’s κ", "95 %"],
            rows: section.pairs.map { pair in
                [
                    .text(names[pair.first]), .text(names[pair.second]), .count(pair.contents),
                    .percent(pair.agreement.value), .figure(pair.agreement.percentRange ?? "–"),
                    .figure(pair.kappa.value.map { Format.decimals($0, 2) } ?? "–"),
                    .figure(pair.kappa.range ?? "–"),
                ]
            })
    }

    /// Agreement on what all can say, where some model cannot say everything.
    private var shared: [Block] {
        guard let section = section(.words, .shared), section.inexpressible > 0 else { return [] }
        let limited = report.models.map(\.model).filter { $0.sentiments.count < Sentiment.allCases.count }
            .map { model in
                let missing = Sentiment.allCases.filter { !model.sentiments.contains($0) }.map(\.rawValue)
                return "\(code: names[model]) cannot say \(missing.joined(separator: " or "))" as Prose
            }
        let who = limited.dropFirst().reduce(limited.first ?? "") { $0 + ", " + $1 }
        let left: Prose =
            section.allAgree.value.map { share in
                " On the \(Format.count(section.judgedByAll, "text")) where every verdict is one that all can express, they agree on \(strong: Format.percent(share))\(section.allAgree.percentRange.map { " (95\u{202F}%: \($0))" } ?? ""); \(Format.grouped(section.inexpressible)) are left out, and those that are left are easier than the average."
            } ?? " There is no text of which every verdict is one that all can express."
        return [
            .paragraph(
                who + ", so \(limited.count == 1 ? "it" : "they") can neither agree with that nor disagree." + left)
        ]
    }

    private var links: [Block] {
        guard let section = section(.links, .all), section.contents > 0 else { return [] }
        let share: Prose =
            section.allAgree.value.map { ", and all say the same of \(Format.percent($0)) of them" } ?? ""
        return [
            .paragraph(
                "\(Format.count(section.contents, "more text")) \(section.contents == 1 ? "is" : "are") nothing but links"
                    + share + ".")
        ]
    }
}
