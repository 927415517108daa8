import Foundation
import Volfefe

/// Stories as people and spreadsheets read them.
struct StoryTables {
    private let report: StoryReport

    init(_ report: StoryReport) { self.report = report }

    /// A row per story.
    var grid: Grid {
        let hasTexts = report.stories.contains { $0.text != nil }
        var grid = Grid(
            ["story", "contents", "<sources", "<first", "<last", "stale"] + (hasTexts ? ["<text"] : []))
        for story in report.stories {
            grid.add(
                cells: [
                    .count(story.story), .count(story.contents), .text(story.sources.joined(separator: ", ")),
                    .text(story.first?.shown ?? "–"), .text(story.last?.shown ?? "–"), .count(story.stale),
                ] + (hasTexts ? [.text(story.text ?? "")] : []))
        }
        return grid
    }

    /// For people.
    var text: String {
        guard let run = report.run else { return "stories have not been looked for yet: volfefe phases run stories" }
        let subject = run.source.map { "contents of \($0)" } ?? "contents"
        var head =
            "\(report.total.grouped) stories of \(report.inStories.grouped) of \(run.contents.grouped) \(subject)\n"
            + "found \(run.foundAt.shown) UTC by \(run.method)"
        if run.new > 0 { head += "; \(run.new.grouped) contents are new or edited since" }
        return report.stories.isEmpty ? head : head + "\n\n" + grid.rendered()
    }

    /// A row per content of the stories.
    var members: Grid {
        let hasTexts = report.stories.contains { $0.members.contains { $0.text != nil } }
        var grid = Grid(
            ["story", "content", "<source", "<published", "likeness", "<stale"] + (hasTexts ? ["<text"] : []))
        for story in report.stories {
            for content in story.members {
                grid.add(
                    cells: [
                        .count(story.story), .id(content.contentID), .text(content.source),
                        .text(content.publishedAt?.shown ?? "–"), .share(content.likeness),
                        .text(content.isStale ? "stale" : ""),
                    ] + (hasTexts ? [.text(content.text ?? "")] : []))
            }
        }
        return grid
    }

    /// One story for people.
    var details: String { report.run == nil ? text : members.rendered() }
}
