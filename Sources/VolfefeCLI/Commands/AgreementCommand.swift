import ArgumentParser
import Volfefe

/// `volfefe agreement`: how far the models agree.
struct AgreementCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "agreement",
        abstract: "Show how far the models agree, all together and two by two.",
        discussion: """
            A model without "neutral" cannot agree with "neutral", and does not disagree either:
            figures are given on the contents where every verdict is one that all the models can
            express (shared labels), and apart on all. Contents that are nothing but links are
            apart too. Intervals are at 95 %: Wilson's for shares, the large-sample variance for
            Cohen's κ, the jackknife over contents for Fleiss' κ and Krippendorff's α.

              volfefe agreement
              volfefe agreement --models vader,minilm_social@1.0 --json
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions
    @OptionGroup var choice: ModelsOption

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(choice.models?.list)
            let report = AgreementReport(try await store.verdictPatterns(models))
            try format.show(report, grid: AgreementTables(report).grid) { AgreementTables(report).text }
            return .done
        }
    }
}
