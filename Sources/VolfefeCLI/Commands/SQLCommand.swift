import ArgumentParser
import Foundation
import Volfefe

/// `volfefe sql [QUERY]`: a question in SQL, of a database that it cannot change.
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql",
        abstract: "Ask the database in SQL, read-only.",
        discussion: """
            docs/schema.md describes the views and has queries to begin with. One SELECT,
            WITH, VALUES or EXPLAIN; nothing is ever written. --csv and --json print rows as
            they come, a table needs them all first.

              volfefe sql "SELECT model_id, count(*) FROM model_classifications GROUP BY 1"
              volfefe sql --csv < question.sql

            Exit status: 64 the statement is not one that reads; 65 SQLite cannot run it.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Argument(help: "The query (default: standard input).")
    var query: String?

    func run() async throws {
        try await reportingErrors {
            let store = try Store.reading(global)
            let answer = AnswerPrinter(format)
            try await store.query(
                try query ?? Self.standardInput(), columns: { try answer.begin($0) }, row: { try answer.add($0) })
            try answer.end()
            return .done
        }
    }

    private static func standardInput() throws -> String {
        guard Terminal.hasPipedInput else { return "" }
        return String(decoding: try FileHandle.standardInput.readToEnd() ?? Data(), as: UTF8.self)
    }
}
