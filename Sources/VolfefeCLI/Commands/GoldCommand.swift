import ArgumentParser

/// `volfefe gold`: what people say of texts.
struct GoldCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gold",
        abstract: "Import, list and count gold labels, and find out what to label next.",
        discussion: """
            A gold label is what most annotators say of a text. `volfefe evaluate` measures
            the models on them, `volfefe calibrate` makes them as sure as they are right.

              volfefe gold next --top 50 --csv > todo.csv     then fill in the column label
              volfefe gold import todo.csv --annotator kim
              volfefe gold stats
            """,
        subcommands: [
            GoldImportCommand.self, GoldListCommand.self, GoldStatsCommand.self, GoldNextCommand.self,
        ])
}
