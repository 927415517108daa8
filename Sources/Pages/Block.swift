/// A part of a document.
public enum Block: Sendable {
    /// The beginning of a section; `id` is what links to it.
    case heading(String, id: String)
    case paragraph(Prose)
    /// What only some readers need.
    case note(Prose)
    case figure(ChartFigure)
    case table(DataTable)
    case tiles([Tile])
    case steps([Step])
    case quotes([Quote])
}

/// A figure that is seen first.
public struct Tile: Sendable {
    let name, figure, note: String

    /// What it is, the figure, and what else there is to know.
    public init(_ name: String, _ figure: String, note: String) {
        self.name = name
        self.figure = figure
        self.note = note
    }
}

/// Something to do.
public struct Step: Sendable {
    let title, reason: Prose
    let command: String

    /// What to do, why, and the command.
    public init(title: Prose, reason: Prose, command: String) {
        self.title = title
        self.reason = reason
        self.command = command
    }
}

/// The beginning of a text with what was said about it.
public struct Quote: Sendable {
    /// What one model said.
    public struct Verdict: Sendable {
        let name: String
        let tone: Tone
        let text: String

        /// Who, how it is coloured, and what in words.
        public init(name: String, tone: Tone, text: String) {
            self.name = name
            self.tone = tone
            self.text = text
        }
    }

    let title: String
    let text: String?
    let verdicts: [Verdict]

    /// A title, the text or nil where texts are left out, and the verdicts.
    public init(title: String, text: String?, verdicts: [Verdict]) {
        self.title = title
        self.text = text
        self.verdicts = verdicts
    }
}
