import ArgumentParser
import Volfefe

/// `volfefe consensus`: what the models say taken together.
struct ConsensusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "consensus",
        abstract: "Make one verdict of those of all models, content by content.",
        discussion: """
            Derived from the stored verdicts and never in their place. A model without
            "neutral" is no vote against neutral: a sentiment's score is the votes for
            it among the models that can say it (--labels all counts every model for
            everything). Sentiments with the same score tie: there is no consensus
            then, and the tie is shown.

              majority     votes; the default
              weighted     confidence × weight, of the models that are present
              dawid-skene  the most probable sentiment; each model's errors are
                           estimated from what all say, without any labels
              v1.0         weighted, divided by no less than 1: for parity with an
                           earlier system

            --store keeps it in the database under a name that stands for method,
            parameters and models, and replaces what was there under that name.

              volfefe consensus
              volfefe consensus --method weighted --weights finbert=.2,vader=.1
              volfefe consensus --method dawid-skene --min-models 3 --store
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption
    @OptionGroup var options: ConsensusOptions

    @Flag(name: .long, help: "Keep it in the database.")
    var store = false

    @Option(
        name: [.long, .customLong("top")], help: "List at most so many contents (default: 20 in a table, else all).")
    var limit: Int?

    func validate() throws {
        if let limit, limit < 0 { throw ValidationError("--limit must not be negative.") }
    }

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global).configuration
            let database = try store ? Store.writing(settings) : Store(path: settings.database, mode: .readOnly)
            let models = try await database.analysedModels(choice.models?.list)
            let version = try options.version(of: models, settings: settings.weights)
            var report = try await database.consensus(version, storing: store)
            let isTable = !format.json && !format.csv
            report.contents = Array(report.contents.prefix(limit ?? (isTable ? 20 : .max)))
            let texts = isTable ? try await database.beginnings(of: report.contents.map(\.contentID)) : [:]
            let tables = ConsensusTables(report, texts: texts)
            try format.show(report, grid: tables.contents(isShort: false)) { tables.text }
            try database.close()
            if store { Terminal.say("stored as \(report.name): \(report.summary.judged.grouped) contents.") }
            return .done
        }
    }
}
