import ArgumentParser
import Inference
import Volfefe

/// `volfefe compare a b`: two models, or two versions of one.
struct CompareCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Compare two models, or two versions of one, content by content.",
        discussion: """
            Shows what one says where the other says what, whether they differ in one direction
            (McNemar's test, exact below 25 differing contents), and the contents on which they
            differ, the surest first. --csv prints those contents.

              volfefe compare minilm_finance minilm_social
              volfefe compare minilm_social@1.0 minilm_social@1.1 --top 100
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Argument(help: "First model, as id or id@version.")
    var first: String

    @Argument(help: "Second model.")
    var second: String

    @Option(name: .long, help: "List at most so many contents on which they differ.")
    var top = 20

    func validate() throws {
        if top < 0 { throw ValidationError("--top must not be negative.") }
        let references = [try ModelReference(argument: first), try ModelReference(argument: second)]
        if references[0] == references[1] { throw ValidationError("\(first) is the same as itself; name two models.") }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels([
                try ModelReference(argument: first), try ModelReference(argument: second),
            ])
            guard models[0] != models[1] else {
                throw VolfefeError.usage("\(first) and \(second) are both \(models[0].name); name two versions.")
            }
            let comparison = try await store.compare(models[0], models[1], top: top)
            let tables = ComparisonTables(comparison)
            try format.show(comparison, grid: tables.flips(preview: false)) { tables.text }
            return .done
        }
    }
}
