import ArgumentParser
import Volfefe

/// `volfefe stories`: contents that tell the same.
struct StoriesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stories",
        abstract: "Show contents that tell the same in nearly the same words.",
        discussion: """
            Reposts, corrected versions, quotations; from `volfefe phases run stories`. They
            are numbered by size; numbers do not carry over from one run to the next.

              volfefe stories --across --texts
              volfefe stories show 0 --texts
            """,
        subcommands: [ListStories.self, ShowStory.self], defaultSubcommand: ListStories.self)
}

/// `volfefe stories list`.
struct ListStories: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List stories, the largest first.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Flag(name: .long, help: "Only stories of several sources.")
    var across = false

    @Option(name: .long, help: "Stories that were found in this source by itself.")
    var source: String?

    @Flag(name: .long, help: "Show the beginning of the first text of each.")
    var texts = false

    @Option(name: .long, help: "At most so many stories.")
    var limit = 50

    func validate() throws {
        if limit < 1 { throw ValidationError("--limit must be at least 1.") }
    }

    func run() async throws {
        try await reportingErrors {
            let report = try await Store.reading(global).stories(
                StoryFilter(source: source, acrossSources: across, limit: limit, withTexts: texts))
            let tables = StoryTables(report)
            try format.show(report, grid: tables.grid) { tables.text }
            if report.total > report.stories.count {
                Terminal.say("the first \(report.stories.count) of \(report.total.grouped); --limit shows more.")
            }
            return .done
        }
    }
}

/// `volfefe stories show`.
struct ShowStory: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show the contents of a story.")

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Argument(help: "Number of the story.")
    var story: Int

    @Option(name: .long, help: "Of the stories that were found in this source by itself.")
    var source: String?

    @Flag(name: .long, help: "Show the beginnings of the texts.")
    var texts = false

    func run() async throws {
        try await reportingErrors {
            let report = try await Store.reading(global).stories(
                StoryFilter(source: source, only: story, withTexts: texts))
            let tables = StoryTables(report)
            try format.show(report, grid: tables.members) { tables.details }
            return .done
        }
    }
}
