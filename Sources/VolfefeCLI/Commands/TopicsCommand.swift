import ArgumentParser
import Volfefe

/// `volfefe topics`: what the collection is about.
struct TopicsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topics",
        abstract: "Show what the collection is about, and what the models say of it.",
        discussion: """
            Topics come from `volfefe phases run topics`, which looks at all contents and
            needs 1,000. They are numbered by size; numbers do not carry over from one run
            to the next. Coherence tells how often a topic's words stand together: about .3
            for random words, .6 and more for what a reader would call a topic.

              volfefe topics
              volfefe topics show 3 --texts
            """,
        subcommands: [ListTopics.self, ShowTopic.self], defaultSubcommand: ListTopics.self)
}

/// What both forms of the question have.
struct TopicsOptions: ParsableArguments {
    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "Topics that were found in this source by itself.")
    var source: String?
}

/// `volfefe topics list`.
struct ListTopics: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List topics with their words, coherence, share and mean sentiment.")

    @OptionGroup var options: TopicsOptions

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(options.global)
            let models = try await store.analysedModels(options.choice.models?.list)
            let report = try await store.topics(of: options.source, models: models)
            let tables = TopicTables(report, models: models)
            try options.format.show(report, grid: tables.grid) { tables.text }
            return .done
        }
    }
}

/// `volfefe topics show`.
struct ShowTopic: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the words of a topic with their weights, and its typical contents.")

    @OptionGroup var options: TopicsOptions

    @Argument(help: "Number of the topic.")
    var topic: Int

    @Flag(name: .long, help: "Show the beginnings of the texts.")
    var texts = false

    @Option(name: .long, help: "Show at most so many contents, those that are most like it.")
    var top = 10

    func validate() throws {
        if top < 0 { throw ValidationError("--top must not be negative.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(options.global)
            let models = try await store.analysedModels(options.choice.models?.list)
            let report = try await store.topics(
                of: options.source, only: topic, models: models, examples: top, withTexts: texts)
            let tables = TopicTables(report, models: models)
            try options.format.show(report, grid: tables.examples) { tables.details }
            return .done
        }
    }
}
