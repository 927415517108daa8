import ArgumentParser
import Inference
import Volfefe

/// `volfefe disagreements`: where confident models contradict each other.
struct DisagreementsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "disagreements",
        abstract: "List the contents on which confident models contradict each other.",
        discussion: """
            A content ranks by its worst pair of models: the confidence of the less confident
            one, halved where one of them says neutral. A model that cannot say neutral does
            not contradict one that does. With --pattern, lists the contents that meet it.

              volfefe disagreements --top 50
              volfefe disagreements --pattern minilm_finance=neutral,minilm_general=negative
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "List at most so many contents.")
    var top = 20

    @Option(
        name: .long, help: "What models must have said: id=sentiment, with commas between them.",
        transform: Pattern.init)
    var pattern: Pattern?

    /// `a=neutral,b=negative`.
    struct Pattern: Sendable {
        let conditions: [(reference: ModelReference, sentiment: Sentiment)]

        init(_ text: String) throws {
            conditions = try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
                let sides = part.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                guard sides.count == 2, let sentiment = Sentiment(rawValue: sides[1]) else {
                    throw ValidationError(
                        "\"\(part)\" is no condition; write id=sentiment, with positive, neutral or negative.")
                }
                return (try ModelReference(argument: sides[0]), sentiment)
            }
            guard Set(conditions.map(\.reference)).count == conditions.count else {
                throw ValidationError("a model is named twice: \(text).")
            }
        }
    }

    func validate() throws {
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let asked = try await store.analysedModels((pattern?.conditions ?? []).map(\.reference))
            let conditions = zip(asked, pattern?.conditions ?? []).map {
                Disagreements.Condition(model: $0, sentiment: $1.sentiment)
            }
            var models = try await store.analysedModels(choice.models?.list)
            // A version that only the pattern names takes the place of the newest, or is added.
            for model in asked where !models.contains(model) {
                if choice.models == nil { models.removeAll { $0.modelID == model.modelID } }
                models.append(model)
            }
            let found = try await store.disagreements(among: models, where: conditions, top: top)
            try format.show(found, grid: Self.grid(found, isShort: false)) {
                "\(found.total.grouped) contents\(found.total > found.contents.count ? "; the first \(found.contents.count.grouped):" : "")\n"
                    + Self.grid(found, isShort: true).rendered()
            }
            return .done
        }
    }

    /// In a table a verdict is one cell, in CSV its sentiment and its confidence are two.
    private static func grid(_ found: Disagreements, isShort: Bool) -> Grid {
        let titles = found.models.flatMap { isShort ? ["<\($0.name)"] : ["<\($0.name)", "\($0.name) confidence"] }
        var grid = Grid(["content", "contradiction"] + titles + ["<text"])
        for content in found.contents {
            let verdicts = found.models.flatMap { model -> [Grid.Cell] in
                let verdict = content.verdicts.first { $0.model == model.name }
                guard isShort else {
                    return [.text(verdict?.sentiment.rawValue ?? ""), .share(verdict?.confidence)]
                }
                return [.text(verdict.map { "\($0.sentiment.rawValue) \($0.confidence.digits(2))" } ?? "–")]
            }
            grid.add(
                cells: [.id(content.contentID), .share(content.contradiction)] + verdicts + [
                    .text(isShort ? content.text.preview(50) : content.text)
                ])
        }
        return grid
    }
}
