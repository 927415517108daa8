import ArgumentParser
import Foundation
import Volfefe

/// `volfefe report`: everything worth knowing about the verdicts so far, in one document.
struct ReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the insight report: who agrees, when not, and what to do next.",
        discussion: """
            Without --html or --json, prints Markdown. An HTML report is one file that needs no
            network and no script, in light and dark, for a desk, a phone and paper. A file is
            there whole or not at all. Reports quote texts unless --no-texts is given.

              volfefe report
              volfefe report --html report.html
              volfefe report --md report.md --source posts --since 2025-10-01 --until 2025-11-01
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var choice: ModelsOption

    @Option(name: .long, help: "Write a self-contained HTML file (- for stdout).")
    var html: String?

    @Option(
        name: .long, defaultAsFlag: ReportFile.standardOutput,
        help: "Write Markdown: to this file, or to stdout without a name.")
    var md: String?

    @Flag(name: .long, help: "Print JSON on stdout, with all digits.")
    var json = false

    @Flag(name: .long, help: "Leave out the beginnings of texts.")
    var noTexts = false

    @Option(name: .long, help: "Show at most so many contents on which models contradict each other.")
    var examples = 10

    @Option(name: .long, help: "Only contents of this source.")
    var source: String?

    @Option(name: .long, help: "Published then or later: 2025-10-31, or with a time as in 2025-10-31T17:24:49Z.")
    var since: ListCommand.Day?

    @Option(name: .long, help: "Published before then.")
    var until: ListCommand.Day?

    func validate() throws {
        if examples < 0 { throw ValidationError("--examples must not be negative.") }
        if [html, md, json ? ReportFile.standardOutput : nil].count(where: { $0 == ReportFile.standardOutput }) > 1 {
            throw ValidationError("two formats are asked for on stdout; write one of them to a file.")
        }
        if let html, html != ReportFile.standardOutput, html == md {
            throw ValidationError("--html and --md name the same file.")
        }
    }

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let models = try await store.analysedModels(choice.models?.list)
            let scope = ContentScope(source: source, since: since?.date, until: until?.date)
            let report = try await store.insightReport(on: models, in: scope, examples: examples, at: Date())
            try write(noTexts ? report.withoutTexts : report)
            return .done
        }
    }

    private func write(_ report: InsightReport) throws {
        let document = ReportDocument(
            report, showsTexts: !noTexts, options: global.database.map { ["--database", $0] } ?? []
        ).document
        if json { Terminal.show(try JSON.line(report)) }
        if let html { try write(document.html, to: html) }
        if let md { try write(document.markdown, to: md) }
        if !json, html == nil, md == nil { try ReportFile.write(document.markdown, to: ReportFile.standardOutput) }
    }

    private func write(_ text: String, to path: String) throws {
        try ReportFile.write(text, to: path)
        if path != ReportFile.standardOutput { Terminal.say("wrote \(path)") }
    }
}
