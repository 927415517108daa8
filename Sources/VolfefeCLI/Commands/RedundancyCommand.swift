import ArgumentParser
import Volfefe

/// `volfefe redundancy`: which model could be dropped.
struct RedundancyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "redundancy",
        abstract: "Show which model could be dropped, at what loss, and what time it would save.",
        discussion: """
            For each model: the share of the contents whose consensus is another one
            without it, how far it agrees with the consensus of the others on what both
            can say, how often it is alone with a sentiment that another could have
            said, and its share of the inference time. The least missed comes first.
            Intervals are at 95 %.

              volfefe redundancy
              volfefe redundancy --method dawid-skene --models finbert,vader,distilbert
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption
    @OptionGroup var options: ConsensusOptions

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global).configuration
            let store = try Store(path: settings.database, mode: .readOnly)
            let models = try await store.analysedModels(choice.models?.list)
            let version = try options.version(of: models, settings: settings.weights)
            let report = try await store.redundancy(version)
            let tables = RedundancyTables(report)
            try format.show(report, grid: tables.grid) { tables.text }
            return .done
        }
    }
}
