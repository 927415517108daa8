import Foundation
import Volfefe

/// Metrics as people and spreadsheets read them.
struct MetricsTables {
    private let metrics: CollectionMetrics

    init(_ metrics: CollectionMetrics) { self.metrics = metrics }

    /// What stands for all sources together.
    static let all = "(all)"

    private func name(_ row: SourceMetrics) -> Grid.Cell { .text(row.source ?? Self.all) }

    /// For people.
    var text: String {
        guard metrics.sources.contains(where: { $0.contents > 0 }) else {
            return "there are no contents yet: volfefe ingest FILE"
        }
        var parts = [sources(isShort: true).rendered(), "coverage\n" + coverage.rendered(indent: "  ")]
        let focus = metrics.sources[0]
        if !focus.models.isEmpty { parts.append("what the models say\n" + shares.rendered(indent: "  ")) }
        if !focus.languages.isEmpty {
            let shown = focus.languages.prefix(5).map { "\($0.language ?? "too short to tell") \($0.contents.grouped)" }
            parts.append("languages: " + shown.joined(separator: ", "))
        }
        if !focus.entities.isEmpty {
            let shown = focus.entities.prefix(10).map { "\($0.name) \($0.contents.grouped)" }
            parts.append("named most: " + shown.joined(separator: ", "))
        }
        if let topics = focus.topics {
            let shown = topics.topics.sorted { ($1.contents, $0.topic) < ($0.contents, $1.topic) }.prefix(5)
                .map { "\($0.words) (\($0.contents.grouped))" }
            parts.append("topics: " + (shown + ["none \(topics.outliers.grouped)"]).joined(separator: "; "))
        }
        if let stories = focus.stories {
            parts.append(
                "stories: \(stories.stories.grouped) of \(stories.contents.grouped) contents, \(stories.acrossSources.grouped) across sources"
            )
        }
        let weeks = focus.weeks.suffix(8).map { "\($0.week ?? "no date") \($0.contents.grouped)" }
        parts.append("contents by week: " + weeks.joined(separator: ", "))
        return parts.joined(separator: "\n\n")
    }

    /// A row per source.
    func sources(isShort: Bool = false) -> Grid {
        var grid = Grid([
            "<source", "<level", "contents", "with text", "<first", "<last", "<last updated",
        ])
        for row in metrics.sources {
            grid.add(
                name(row), .text(row.processingLevel.rawValue), .count(row.contents), .count(row.withText),
                .text(moment(row.first, isShort)), .text(moment(row.last, isShort)),
                .text(moment(row.lastUpdated, isShort)))
        }
        return grid
    }

    private func moment(_ date: Date?, _ isShort: Bool) -> String {
        guard let date else { return isShort ? "–" : "" }
        return isShort ? date.shown : date.formatted(.iso8601)
    }

    /// A row per source, a column per phase.
    private var coverage: Grid {
        let phases = metrics.sources.first?.phases.map(\.phase) ?? []
        var grid = Grid(["<source"] + phases.map(\.rawValue))
        for row in metrics.sources {
            grid.add(cells: [name(row)] + row.phases.map { .share($0.coverage) })
        }
        return grid
    }

    private var shares: Grid {
        var grid = Grid(["<source", "<model", "verdicts", "coverage", "positive", "neutral", "negative"])
        for row in metrics.sources {
            for model in row.models {
                func share(_ count: Int?) -> Grid.Cell {
                    .share(count.flatMap { model.verdicts > 0 ? Double($0) / Double(model.verdicts) : nil })
                }
                grid.add(
                    name(row), .text("\(model.modelID)@\(model.modelVersion)"), .count(model.verdicts),
                    .share(model.coverage), share(model.positive), share(model.neutral), share(model.negative))
            }
        }
        return grid
    }

    /// A row per source and phase.
    var phases: Grid {
        var grid = Grid([
            "<source", "<phase", "<on", "due", "done", "failed", "pending", "coverage", "<reason",
        ])
        for row in metrics.sources {
            for phase in row.phases {
                grid.add(
                    name(row), .text(phase.phase.rawValue), .text(phase.isOn ? "1" : "0"), .count(phase.due),
                    .count(phase.done), .count(phase.failed), .count(phase.pending), .share(phase.coverage),
                    .text(phase.reason ?? ""))
            }
        }
        return grid
    }

    /// A row per source and language.
    var languages: Grid {
        var grid = Grid(["<source", "<language", "contents", "guesses"])
        for row in metrics.sources {
            for language in row.languages {
                grid.add(
                    name(row), .text(language.language ?? ""), .count(language.contents), .count(language.guesses))
            }
        }
        return grid
    }

    /// A row per source and model.
    var models: Grid {
        var grid = Grid([
            "<source", "<model", "<version", "verdicts", "coverage", "positive", "neutral", "negative",
            "mean confidence", "failed", "stale",
        ])
        for row in metrics.sources {
            for model in row.models {
                grid.add(
                    name(row), .text(model.modelID), .text(model.modelVersion), .count(model.verdicts),
                    .share(model.coverage), .count(model.positive), .count(model.neutral), .count(model.negative),
                    .share(model.meanConfidence), .count(model.failed), .count(model.stale))
            }
        }
        return grid
    }

    /// A row per source and entity.
    var entities: Grid {
        var grid = Grid(["<source", "entity", "<type", "<name", "contents"])
        for row in metrics.sources {
            for entity in row.entities {
                grid.add(
                    name(row), .id(entity.entityID), .text(entity.type), .text(entity.name), .count(entity.contents))
            }
        }
        return grid
    }

    /// A row per source and topic; the outliers have no number.
    var topics: Grid {
        var grid = Grid(["<source", "topic", "<words", "contents"])
        for row in metrics.sources {
            guard let topics = row.topics else { continue }
            for topic in topics.topics {
                grid.add(name(row), .count(topic.topic), .text(topic.words), .count(topic.contents))
            }
            grid.add(name(row), .count(nil), .text(""), .count(topics.outliers))
        }
        return grid
    }

    /// A row per source and week.
    var weeks: Grid {
        var grid = Grid(["<source", "<week", "contents", "with text"])
        for row in metrics.sources {
            for week in row.weeks {
                grid.add(name(row), .text(week.week ?? ""), .count(week.contents), .count(week.withText))
            }
        }
        return grid
    }

    /// Every figure in a row of its own.
    var long: Grid {
        var grid = Grid(["<source", "<of", "<name", "<figure", "value", "<text"])
        for row in metrics.sources {
            func add(_ of: String, _ item: String, _ figure: String, _ value: Grid.Cell, _ text: String = "") {
                grid.add(name(row), .text(of), .text(item), .text(figure), value, .text(text))
            }
            add("source", "", "processing_level", .count(nil), row.processingLevel.rawValue)
            add("source", "", "last_updated", .count(nil), row.lastUpdated?.formatted(.iso8601) ?? "")
            add("source", "", "contents", .count(row.contents))
            add("source", "", "with_text", .count(row.withText))
            for phase in row.phases {
                add("phase", phase.phase.rawValue, "due", .count(phase.due))
                add("phase", phase.phase.rawValue, "done", .count(phase.done))
                add("phase", phase.phase.rawValue, "failed", .count(phase.failed))
                add("phase", phase.phase.rawValue, "coverage", .share(phase.coverage), phase.reason ?? "")
            }
            for language in row.languages {
                add("language", language.language ?? "", "contents", .count(language.contents))
            }
            for model in row.models {
                let item = "\(model.modelID)@\(model.modelVersion)"
                add("model", item, "verdicts", .count(model.verdicts))
                add("model", item, "coverage", .share(model.coverage))
                add("model", item, "positive", .count(model.positive))
                add("model", item, "neutral", .count(model.neutral))
                add("model", item, "negative", .count(model.negative))
                add("model", item, "mean_confidence", .share(model.meanConfidence))
            }
            for entity in row.entities {
                add("entity", entity.name, "contents", .count(entity.contents), entity.type)
            }
            if let topics = row.topics {
                add("topics", "", "coherence", .share(topics.coherence))
                add("topics", "", "outliers", .count(topics.outliers))
                for topic in topics.topics {
                    add("topic", String(topic.topic), "contents", .count(topic.contents), topic.words)
                }
            }
            if let stories = row.stories {
                add("stories", "", "stories", .count(stories.stories))
                add("stories", "", "across_sources", .count(stories.acrossSources))
                add("stories", "", "contents", .count(stories.contents))
            }
            for week in row.weeks { add("week", week.week ?? "", "contents", .count(week.contents)) }
        }
        return grid
    }
}
