import ArgumentParser
import Inference
import Volfefe

/// `volfefe gold list`: contents with labels.
struct GoldListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List labelled contents with what each annotator says.",
        discussion: """
              volfefe gold list --ties
              volfefe gold list --sentiment negative --csv --limit 100000
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(name: .long, help: "positive, neutral or negative, as most annotators say.")
    var sentiment: Sentiment?

    @Option(name: .long, help: "Name of the source.")
    var source: String?

    @Flag(name: .long, help: "Only contents without a gold label, as their annotators are divided.")
    var ties = false

    @Flag(name: .long, help: "Only contents whose text was edited since somebody labelled it.")
    var stale = false

    @Option(name: .long, help: "At most so many contents.")
    var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            var filter = GoldFilter(limit: limit)
            filter.sentiment = sentiment
            filter.source = source
            filter.tiesOnly = ties
            filter.staleOnly = stale
            let contents = try await store.labelledTexts(matching: filter)
            try format.show(contents, grid: Self.rows(contents)) { Self.table(contents).rendered() }
            if contents.count == limit { Terminal.say("the first \(limit); --limit shows more.") }
            return .done
        }
    }

    /// A row per label, so that the file can be imported again.
    private static func rows(_ contents: [LabelledText]) -> Grid {
        var grid = Grid([
            "content_id", "<source", "<external_id", "<label", "<annotator", "<stale", "<gold", "<text",
        ])
        for content in contents {
            for label in content.labels {
                grid.add(
                    .id(content.contentID), .text(content.source), .text(content.externalID),
                    .text(label.sentiment.rawValue), .text(label.annotator ?? ""), .text(label.isStale ? "1" : "0"),
                    .text(content.gold?.rawValue ?? ""), .text(content.text))
            }
        }
        return grid
    }

    private static func table(_ contents: [LabelledText]) -> Grid {
        var grid = Grid(["content", "<source", "<gold", "<labels", "<text"])
        for content in contents {
            let labels = content.labels.map { label in
                (label.annotator.map { "\($0): " } ?? "") + label.sentiment.rawValue + (label.isStale ? " (stale)" : "")
            }
            grid.add(
                .id(content.contentID), .text(content.source),
                .text(content.gold?.rawValue ?? (content.isTie ? "tie" : "–")),
                .text(labels.joined(separator: ", ")), .text(content.text.preview(60)))
        }
        return grid
    }
}
