import ArgumentParser
import Foundation
import Inference
import Volfefe

/// `volfefe list`: verdicts that meet conditions.
struct ListCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List verdicts by sentiment, model, confidence, source and date.",
        discussion: """
            One row per content and model, newest versions, texts as they are now.

              volfefe list --model minilm_finance --sentiment negative --min-confidence 0.9
              volfefe list --source posts --since 2025-10-01 --until 2025-11-01 --csv --limit 100000
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(
        name: .long, help: "One model, as id or id@version (default: the newest version of each).",
        transform: ModelReference.init(argument:))
    var model: ModelReference?

    @Option(name: .long, help: "positive, neutral or negative.")
    var sentiment: Sentiment?

    @Option(name: .long, help: "Least confidence, 0 to 1.")
    var minConfidence: Double?

    @Option(name: .long, help: "Name of the source.")
    var source: String?

    @Option(name: .long, help: "Published then or later: 2025-10-31, or with a time as in 2025-10-31T17:24:49Z.")
    var since: Day?

    @Option(name: .long, help: "Published before then.")
    var until: Day?

    @Option(name: .long, help: "At most so many rows.")
    var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
        if let minConfidence, !(0...1).contains(minConfidence) {
            throw ValidationError("--min-confidence must be between 0 and 1.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            var filter = VerdictFilter(limit: limit)
            filter.sentiment = sentiment
            filter.minimumConfidence = minConfidence
            filter.source = source
            filter.since = since?.date
            filter.until = until?.date
            let models = try await store.analysedModels(model.map { [$0] })
            let verdicts = try await store.verdicts(of: models, matching: filter)
            try format.show(verdicts, grid: Self.grid(verdicts, isShort: false)) {
                Self.grid(verdicts, isShort: true).rendered()
            }
            if verdicts.count == limit { Terminal.say("the first \(limit); --limit shows more.") }
            return .done
        }
    }

    private static func grid(_ verdicts: [ListedVerdict], isShort: Bool) -> Grid {
        var grid = Grid(
            ["content", "<source"] + (isShort ? [] : ["<external id"]) + [
                "<published", "<model", "<version", "<sentiment", "confidence", "<text",
            ])
        for verdict in verdicts {
            let published = verdict.publishedAt?.formatted(.iso8601) ?? ""
            grid.add(
                cells: [.id(verdict.contentID), .text(verdict.source)]
                    + (isShort ? [] : [.text(verdict.externalID)]) + [
                        .text(isShort ? String(published.prefix(10)) : published), .text(verdict.modelID),
                        .text(verdict.modelVersion), .text(verdict.sentiment.rawValue), .share(verdict.confidence),
                        .text(isShort ? verdict.text.preview(60) : verdict.text),
                    ])
        }
        return grid
    }

    /// A day (UTC, its beginning) or a time, as ISO 8601 has it.
    struct Day: ExpressibleByArgument {
        let date: Date

        init?(argument: String) {
            let text = argument.contains("T") ? argument : argument + "T00:00:00Z"
            guard let date = try? Date(text, strategy: .iso8601) else { return nil }
            self.date = date
        }
    }
}

extension Sentiment: ExpressibleByArgument {}
