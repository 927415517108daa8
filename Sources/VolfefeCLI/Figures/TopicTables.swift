import Foundation
import Volfefe

/// Topics as people and spreadsheets read them.
struct TopicTables {
    private let report: TopicReport
    private let models: [AnalysedModel]

    init(_ report: TopicReport, models: [AnalysedModel]) {
        self.report = report
        // Models that have judged nothing of it have no column.
        let said = Set(report.topics.flatMap(\.moods).map { "\($0.modelID)@\($0.modelVersion)" })
        self.models = models.filter { said.contains($0.name) }
    }

    /// A row per topic, with every word.
    var grid: Grid { grid(words: .max) { model in ["mean sentiment \(model.name)"] } }

    private func grid(words: Int, columns: (AnalysedModel) -> [String]) -> Grid {
        var grid = Grid(
            ["topic", "contents", "share", "coherence"] + models.flatMap(columns) + ["<sources", "<words"])
        for topic in report.topics {
            let moods = models.map { model -> Grid.Cell in
                .figure(
                    topic.moods.first { $0.modelID == model.modelID && $0.modelVersion == model.modelVersion }?
                        .meanSentiment, digits: 2)
            }
            let sources = topic.sources.map { source in
                topic.sources.count > 1 ? "\(source.source) \(source.contents.grouped)" : source.source
            }
            grid.add(
                cells: [.count(topic.topic), .count(topic.size), .share(topic.share), .share(topic.coherence)] + moods
                    + [
                        .text(sources.joined(separator: ", ")),
                        .text(topic.words.prefix(words).map(\.word).joined(separator: " ")),
                    ])
        }
        return grid
    }

    /// For people.
    var text: String {
        guard let run = report.run else { return "topics have not been looked for yet: volfefe phases run topics" }
        let head = heading(run)
        guard !report.topics.isEmpty else { return head }
        var parts = [head, grid(words: 8) { [$0.modelID] }.rendered()]
        if !models.isEmpty { parts.append("under each model: mean of 1 positive, 0 neutral, −1 negative") }
        return parts.joined(separator: "\n\n")
    }

    private func heading(_ run: CorpusSummary) -> String {
        let subject =
            run.source.map { "\(run.contents.grouped) contents of \($0)" } ?? "\(run.contents.grouped) contents"
        let when = "found \(run.foundAt.shown) UTC by \(run.method)"
        if let reason = run.reason { return "no topics in \(subject): \(reason); \(when)" + news(run) }
        var facts = ["coherence \(run.coherence?.digits(3) ?? "–")"]
        if let outliers = run.outliers {
            let share = run.contents > 0 ? " (\((Double(outliers) / Double(run.contents)).digits(3)))" : ""
            let without = run.withoutWords ?? 0
            facts.append(
                "\(outliers.grouped)\(share) of no topic"
                    + (without > 0 ? ", \(without.grouped) of them without words that count" : ""))
        }
        return "\(report.topics.count.grouped) topics in \(subject): \(facts.joined(separator: "; "))\n\(when)"
            + news(run)
    }

    private func news(_ run: CorpusSummary) -> String {
        run.new > 0 ? "; \(run.new.grouped) contents are new or edited since" : ""
    }

    /// One topic for people.
    var details: String {
        guard let topic = report.topics.first else { return text }
        var parts = [
            "topic \(topic.topic): \(topic.size.grouped) contents (\(topic.share.digits(3))), coherence \(topic.coherence?.digits(3) ?? "–")"
        ]
        var words = Grid(["<word", "weight"])
        for word in topic.words { words.add(.text(word.word), .figure(word.weight, digits: 4)) }
        parts.append(words.rendered(indent: "  "))
        var sources = Grid(["<source", "contents", "share"])
        for source in topic.sources {
            sources.add(
                .text(source.source), .count(source.contents),
                .share(topic.size > 0 ? Double(source.contents) / Double(topic.size) : nil))
        }
        if !topic.sources.isEmpty { parts.append(sources.rendered(indent: "  ")) }
        var moods = Grid(["<model", "verdicts", "positive", "neutral", "negative", "mean"])
        for mood in topic.moods {
            moods.add(
                .text("\(mood.modelID)@\(mood.modelVersion)"), .count(mood.verdicts), .count(mood.positive),
                .count(mood.neutral), .count(mood.negative), .figure(mood.meanSentiment, digits: 2))
        }
        if !topic.moods.isEmpty { parts.append(moods.rendered(indent: "  ")) }
        if !topic.examples.isEmpty { parts.append("most like it\n" + examples.rendered(indent: "  ")) }
        return parts.joined(separator: "\n\n")
    }

    /// A row per content of the topics.
    var examples: Grid {
        let hasTexts = report.topics.contains { $0.examples.contains { $0.text != nil } }
        var grid = Grid(["topic", "content", "<source", "likeness", "<stale"] + (hasTexts ? ["<text"] : []))
        for topic in report.topics {
            for example in topic.examples {
                grid.add(
                    cells: [
                        .count(topic.topic), .id(example.contentID), .text(example.source), .share(example.likeness),
                        .text(example.isStale ? "stale" : ""),
                    ] + (hasTexts ? [.text(example.text ?? "")] : []))
            }
        }
        return grid
    }
}
