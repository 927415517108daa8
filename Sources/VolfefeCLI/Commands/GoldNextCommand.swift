import ArgumentParser
import Volfefe

/// `volfefe gold next`: what to label next.
struct GoldNextCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next",
        abstract: "List the contents whose labels would tell most.",
        discussion: """
            Strategies: `disagreement` (default) ranks by how far sure models contradict each
            other: entropy of their mean less their mean entropy. `vote-entropy` looks only at
            what they say, `entropy` at how much their mean leaves open. `random` is the only
            one whose labels stand for all texts: measure models on those.

            Probabilities are calibrated by the last calibration, if there is one. --csv has
            whole texts and an empty column `label` to fill in and import.

              volfefe gold next --top 50 --csv > todo.csv
              volfefe gold next --strategy random --source posts
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "List at most so many contents.")
    var top = 20

    @Option(name: .long, help: "disagreement, vote-entropy, entropy or random.")
    var strategy: LabelSuggestions.Strategy = .disagreement

    @Option(name: .long, help: "Only contents of this source.")
    var source: String?

    @Option(name: .long, help: "Name of a calibration, latest, or none (default: latest, if there is one).")
    var calibration: String?

    func validate() throws {
        if top < 1 { throw ValidationError("--top must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(choice.models?.list)
            let found = try await store.labelSuggestions(
                by: strategy, models: models, calibration: try await calibration(in: store), source: source, top: top)
            try format.show(found, grid: Self.rows(found)) {
                "\(found.unlabelled.grouped) contents with words and verdicts, but without a label"
                    + (found.calibration.map { "; calibrated by \($0)" } ?? "") + "\n"
                    + Self.table(found).rendered()
            }
            return .done
        }
    }

    private func calibration(in store: Store) async throws -> Calibration? {
        switch calibration {
        case "none": nil
        case let name?: try await store.calibration(name)
        case nil: try await store.latestCalibration()
        }
    }

    /// To be filled in.
    private static func rows(_ found: LabelSuggestions) -> Grid {
        var grid = Grid(
            ["content_id", "<label", "<text", "score", "disagreement", "vote entropy", "entropy"]
                + found.models.map { "<\($0.name)" })
        for content in found.contents {
            let verdicts = found.models.map { model in
                Grid.Cell.text(content.verdicts.first { $0.model == model.name }?.sentiment.rawValue ?? "")
            }
            grid.add(
                cells: [
                    .id(content.contentID), .text(""), .text(content.text), .share(content.score),
                    .share(content.disagreement), .share(content.voteEntropy), .share(content.entropy),
                ] + verdicts)
        }
        return grid
    }

    private static func table(_ found: LabelSuggestions) -> Grid {
        var grid = Grid(
            ["content", "score", "disagreement", "votes", "entropy"] + found.models.map { "<\($0.name)" } + ["<text"])
        for content in found.contents {
            let verdicts = found.models.map { model -> Grid.Cell in
                let verdict = content.verdicts.first { $0.model == model.name }
                return .text(verdict.map { "\($0.sentiment.rawValue) \($0.confidence.digits(2))" } ?? "–")
            }
            grid.add(
                cells: [
                    .id(content.contentID), .share(content.score), .share(content.disagreement),
                    .share(content.voteEntropy), .share(content.entropy),
                ] + verdicts + [.text(content.text.preview(50))])
        }
        return grid
    }
}

extension LabelSuggestions.Strategy: ExpressibleByArgument {}
