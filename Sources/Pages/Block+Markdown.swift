extension Block {
    /// As Markdown, without charts: their tables have the figures.
    var markdown: String {
        switch self {
        case .heading(let title, _): "## " + Markdown.escaped(title)
        case .paragraph(let prose), .note(let prose): prose.markdown()
        case .figure(let figure): figure.markdown
        case .table(let table): table.markdown
        case .tiles(let tiles): tiles.map(\.markdown).joined(separator: "\n")
        case .steps(let steps):
            steps.enumerated().map { number, step in
                "\(number + 1). **\(step.title.markdown())** \(step.reason.markdown())\n   \(Markdown.code(step.command))"
            }.joined(separator: "\n")
        case .quotes(let quotes): quotes.map(\.markdown).joined(separator: "\n")
        }
    }
}

extension Tile {
    fileprivate var markdown: String {
        "- \(Markdown.escaped(name)): **\(Markdown.escaped(figure))**"
            + (note.isEmpty ? "" : ", \(Markdown.escaped(note))")
    }
}

extension Quote {
    fileprivate var markdown: String {
        let said = verdicts.map { "\(Markdown.escaped($0.name)) \(Markdown.escaped($0.text))" }.joined(separator: ", ")
        return "- \(Markdown.escaped(title)): \(said)" + (text.map { "  \n  " + Markdown.code($0) } ?? "")
    }
}

extension ChartFigure {
    fileprivate var markdown: String {
        (["**\(Markdown.escaped(title))**"] + [table?.markdown ?? description, note.markdown()])
            .filter { !$0.isEmpty }.joined(separator: "\n\n")
    }
}
