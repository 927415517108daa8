import Foundation
import Inference
import Pages
import Volfefe

/// Metrics as a document.
struct MetricsDocument {
    private let metrics: CollectionMetrics
    private let focus: SourceMetrics

    init(_ metrics: CollectionMetrics) {
        self.metrics = metrics
        focus = metrics.sources.first ?? SourceMetrics(source: nil)
    }

    /// The whole document.
    var document: Document {
        let when = metrics.computedAt.formatted(
            ReportDocument.style.day().month(.wide).year().hour().minute())
        return Document(
            title: focus.source.map { "Metrics of \($0)" } ?? "Metrics of the collection",
            lead: "\(Format.count(focus.contents, "content")), \(Format.grouped(focus.withText)) with a text.",
            blocks: [tiles, coverage, sentiment, about, volume].joined().map(\.self),
            foot: [
                "Computed by volfefe on \(when) UTC, from one snapshot. \(code: "metrics.json") beside it has all digits."
            ])
    }

    private func name(_ row: SourceMetrics) -> DataTable.Cell { .text(row.source ?? "All together") }

    private var tiles: [Block] {
        var tiles = [
            Tile(
                "Level", focus.processingLevel.words,
                note: focus.lastUpdated.map {
                    "data of \($0.formatted(ReportDocument.style.day().month(.abbreviated).year()))"
                } ?? ""),
            Tile("Contents", Format.grouped(focus.contents), note: "\(Format.grouped(focus.withText)) with a text"),
        ]
        if let topics = focus.topics {
            tiles.append(
                Tile(
                    "Topics", Format.grouped(topics.topics.count),
                    note: topics.coherence.map { "coherence \(Format.decimals($0, 2))" } ?? ""))
        }
        if let stories = focus.stories {
            tiles.append(
                Tile(
                    "Stories", Format.grouped(stories.stories),
                    note: "\(Format.grouped(stories.acrossSources)) across sources"))
        }
        return [.tiles(tiles)]
    }

    private var coverage: [Block] {
        let phases = focus.phases.map(\.phase)
        return [
            .heading("How far each source has come", id: "coverage"),
            .table(
                DataTable(
                    caption: "Coverage by phase",
                    columns: ["<Source", "<Level", "Texts"] + phases.map(\.rawValue.capitalized),
                    rows: metrics.sources.map { row in
                        [name(row), .text(row.processingLevel.words), .count(row.withText)]
                            + row.phases.map { .percent($0.coverage) }
                    })),
            .note(
                "Of the contents with a text, those that a phase has been through as they are now. – where nothing is due: the phase is off, or the collection is too small for topics."
            ),
        ]
    }

    private var sentiment: [Block] {
        guard !focus.models.isEmpty else { return [] }
        let rows = focus.models.map { model in
            StackedBars.Row(
                name: model.modelID,
                parts: [
                    .init(Sentiment.negative.tone, "negative", count: model.negative ?? 0),
                    .init(Sentiment.neutral.tone, "neutral", count: model.neutral ?? 0),
                    .init(Sentiment.positive.tone, "positive", count: model.positive ?? 0),
                ])
        }
        let table = DataTable(
            caption: "Verdicts by source and model",
            columns: ["<Source", "<Model", "Verdicts", "Coverage", "Negative", "Neutral", "Positive"],
            rows: metrics.sources.flatMap { row in
                row.models.map { model in
                    func share(_ count: Int?) -> DataTable.Cell {
                        count.map { .share($0, of: model.verdicts) } ?? .figure("–")
                    }
                    return [
                        name(row), .text("\(model.modelID)@\(model.modelVersion)"), .count(model.verdicts),
                        .percent(model.coverage), share(model.negative), share(model.neutral), share(model.positive),
                    ]
                }
            })
        return [
            .heading("What the models say", id: "sentiment"),
            .figure(
                ChartFigure(
                    id: "sentiment-chart", title: "Verdicts by model",
                    description: "For each model, its negative, neutral and positive verdicts.",
                    chart: StackedBars(rows: rows), note: "On texts as they are now.", table: table)),
        ]
    }

    private var about: [Block] {
        var blocks: [Block] = []
        if !focus.entities.isEmpty {
            blocks.append(
                .table(
                    DataTable(
                        caption: "Named in the most contents", columns: ["<Name", "<Kind", "Contents", "Share"],
                        rows: focus.entities.map {
                            [
                                .text($0.name), .text($0.type), .count($0.contents),
                                .share($0.contents, of: focus.withText),
                            ]
                        })))
        }
        if let topics = focus.topics, !topics.topics.isEmpty {
            blocks.append(
                .table(
                    DataTable(
                        caption: "Topics", columns: ["<Words", "Number", "Contents", "Share"],
                        rows: topics.topics.map {
                            [
                                .text($0.words), .figure(String($0.topic)), .count($0.contents),
                                .share($0.contents, of: focus.withText),
                            ]
                        })))
        }
        if !focus.languages.isEmpty {
            blocks.append(
                .table(
                    DataTable(
                        caption: "Languages", columns: ["<Language", "Contents", "Of them guesses"],
                        rows: focus.languages.map {
                            [.text($0.language ?? "too short to tell"), .count($0.contents), .count($0.guesses)]
                        })))
        }
        return blocks.isEmpty ? [] : [.heading("What it is about", id: "about")] + blocks
    }

    private var volume: [Block] {
        guard focus.weeks.contains(where: { $0.week != nil }) else { return [] }
        let shown = Array(metrics.sources.prefix(9))
        let weeks = focus.weeks.compactMap(\.week)
        let counts = shown.map { row in
            Dictionary(row.weeks.map { ($0.week ?? "", $0.contents) }, uniquingKeysWith: +)
        }
        return [
            .heading("When it was published", id: "volume"),
            .table(
                DataTable(
                    caption: "Contents by week", columns: ["<Monday"] + shown.map { $0.source ?? "All together" },
                    rows: weeks.map { week in [.text(week)] + counts.map { .count($0[week] ?? 0) } })),
        ]
    }
}

extension ProcessingLevel {
    /// As people read it.
    fileprivate var words: String {
        switch self {
        case .none: "stored"
        case .basic: "basic"
        case .sentimentComplete: "sentiment complete"
        case .full: "full"
        }
    }
}
