import Foundation
import Inference
import Pages
import Volfefe

/// An insight report as a document: what is said, in which order. The sections are in files of their own.
struct ReportDocument {
    let report: InsightReport
    let names: ModelNames
    /// Whether beginnings of texts are quoted.
    let showsTexts: Bool
    /// Options that commands need to find the same database.
    let options: [String]

    init(_ report: InsightReport, showsTexts: Bool, options: [String]) {
        self.report = report
        names = ModelNames(report.models.map(\.model))
        self.showsTexts = showsTexts
        self.options = options
    }

    /// The whole document.
    var document: Document {
        Document(
            title: report.models.isEmpty
                ? "What models said" : "What \(Format.count(report.models.count, "model")) said", lead: lead,
            blocks: [
                tiles, steps, agreement, disagreement, verdicts, gold, sources, redundancy, latency, volume, data,
                methods,
            ].joined().map(\.self), foot: foot)
    }

    private var lead: Prose {
        let contents = report.contents
        var parts: [Prose] = ["\(Format.count(contents.withText, "text"))"]
        switch report.sources.count {
        case 0: break
        case 1: parts.append(" of \(code: report.sources[0].source)")
        default: parts.append(" of \(Format.count(report.sources.count, "source"))")
        }
        if let first = contents.first, let last = contents.last {
            parts.append(", published \(Self.range(first, last))")
        }
        return parts.reduce("") { $0 + $1 } + "."
    }

    /// `22 to 25 October 2025`.
    private static func range(_ first: Date, _ last: Date) -> String {
        func day(_ date: Date, _ format: Date.FormatStyle) -> String { date.formatted(format) }
        let full = style.day().month(.wide).year()
        let one = day(first, full)
        let other = day(last, full)
        return one == other ? one : "\(one) to \(other)"
    }

    /// Dates in English and UTC, wherever the report is made.
    static var style: Date.FormatStyle {
        Date.FormatStyle(
            locale: Locale(identifier: "en_GB"), calendar: Calendar(identifier: .gregorian), timeZone: .gmt)
    }

    private var tiles: [Block] {
        let words = section(.words, .all)
        var tiles = [
            Tile(
                "Texts", Format.grouped(report.contents.withText),
                note: report.contents.withoutText > 0
                    ? "and \(Format.count(report.contents.withoutText, "content")) without one" : ""),
            Tile(
                "Verdicts", Format.grouped(report.models.reduce(0) { $0 + $1.verdicts }),
                note: "of \(Format.count(report.models.count, "model"))"),
        ]
        if let words, report.models.count > 1 {
            tiles.append(
                Tile(
                    "All models agree", words.allAgree.value.map(Format.percent) ?? "–",
                    note: words.allAgree.percentRange.map { "95\u{202F}%: \($0)" } ?? words.allAgree.reason ?? ""))
            tiles.append(
                Tile(
                    "Krippendorff’s α", words.krippendorffAlpha.value.map { Format.decimals($0, 2) } ?? "–",
                    note: words.krippendorffAlpha.value.map { _ in "1: always, 0: by chance" }
                        ?? words.krippendorffAlpha.reason ?? ""))
        }
        return [.tiles(tiles)]
    }

    private var steps: [Block] {
        let steps = report.nextSteps.map { step in
            Step(title: step.title(names), reason: step.reason(names), command: step.commandLine(options))
        }
        return [
            .heading("What to do next", id: "next"),
            steps.isEmpty ? .paragraph("Nothing in these figures asks for anything.") : .steps(steps),
        ]
    }

    /// The figures of some texts and labels.
    func section(_ texts: AgreementReport.Texts, _ labels: AgreementReport.Labels) -> AgreementReport.Section? {
        report.agreement.sections.first { $0.texts == texts && $0.labels == labels }
    }

    private var methods: [Block] {
        [
            .heading("How to read this", id: "notes"),
            .note(
                "A verdict counts on the text as it is now, of the newest version of each model unless others were asked for. Agreement is that of texts with words; those of links only are counted and left out. Intervals are at 95\u{202F}%: Wilson’s for shares, the large-sample variance for Cohen’s κ, the jackknife over texts for Krippendorff’s α. They treat texts as drawn independently, so reposts make them too narrow. Words for κ are those of Landis and Koch (1977), a convention and no more."
            ),
            .note(
                "Every figure has its formula and source in \(code: "docs/analysis.md"); \(code: "volfefe report --json") has all digits."
            ),
        ]
    }

    private var foot: [Prose] {
        let when = report.generatedAt.formatted(Self.style.day().month(.wide).year().hour().minute())
        var scope: [String] = []
        if let source = report.scope.source { scope.append("source \(source)") }
        if let since = report.scope.since { scope.append("since \(since.formatted(.iso8601))") }
        if let until = report.scope.until { scope.append("until \(until.formatted(.iso8601))") }
        let limits = scope.isEmpty ? "" : " Only contents of: \(scope.joined(separator: ", "))."
        let quoted =
            showsTexts && !report.examples.isEmpty
            ? " It quotes texts of the database; \(code: "--no-texts") leaves them out." as Prose : ""
        return ["Made by volfefe on \(when) UTC.\(limits)" + quoted]
    }
}

extension Estimate {
    /// `53 % to 82 %`; nil without an interval.
    var percentRange: String? {
        guard let low, let high else { return nil }
        return "\(Format.percent(low)) to \(Format.percent(high))"
    }

    /// `0.31 to 0.57`; nil without an interval.
    var range: String? {
        guard let low, let high else { return nil }
        return "\(Format.decimals(low, 2)) to \(Format.decimals(high, 2))"
    }
}

extension Sentiment {
    /// How it is coloured.
    var tone: Tone {
        switch self {
        case .positive: .positive
        case .neutral: .neutral
        case .negative: .negative
        }
    }
}

extension DataTable.Cell {
    /// A number of things; `–` for none that could be.
    static func count(_ number: Int?) -> DataTable.Cell { .figure(number.map(Format.grouped) ?? "–") }
    /// A share in percent.
    static func percent(_ share: Double?) -> DataTable.Cell { .figure(share.map(Format.percent) ?? "–") }
    /// A part of a whole in percent.
    static func share(_ part: Int, of whole: Int) -> DataTable.Cell {
        .percent(whole > 0 ? Double(part) / Double(whole) : nil)
    }
}
