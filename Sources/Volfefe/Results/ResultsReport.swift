/// What became of a results file.
public struct ResultsReport: Sendable, Encodable {
    /// File as the user named it.
    public var file: String
    /// SHA-256 of its bytes, in hexadecimal.
    public var sha256 = ""
    /// Number of the run that the verdicts belong to; nil when nothing was stored.
    public var run: Int64?
    /// Records that could be read.
    public var records = 0
    /// Contents that were not there before.
    public var newContents = 0
    /// Verdicts that were not there before.
    public var stored = 0
    /// Verdicts that were there already and are the same.
    public var unchanged = 0
    /// Verdicts that took the place of other ones (`--replace`).
    public var replaced = 0
    /// Verdicts that were left out because another one is stored.
    public var kept = 0
    /// Failures of the file, which are not stored.
    public var failures = 0
    /// Verdicts whose quality figures are not those that follow from their scores; what follows was stored.
    public var qualityDiffers = 0
    /// Records with something wrong.
    public var problems = 0
    /// The first ten problems, by line.
    public var firstProblems: [String] = []
    private var problemLines: [Int] = []
    /// Where the first ten verdicts are that were left out for another one, or whose quality differs.
    public var firstNotes: [String] = []
    /// The model versions of the file, by name.
    public var models: [ImportedModel] = []

    /// An empty report on `file`.
    init(file: String) { self.file = file }

    /// Counts a problem and keeps it if it is among the first. What only the database tells comes a page later than what the
    /// line itself tells.
    mutating func add(_ problem: InputProblem) {
        problems += 1
        let place = problemLines.firstIndex { $0 > problem.line } ?? problemLines.count
        problemLines.insert(problem.line, at: place)
        firstProblems.insert(problem.description, at: place)
        guard firstProblems.count > 10 else { return }
        problemLines.removeLast()
        firstProblems.removeLast()
    }

    /// Keeps a note if it is among the first.
    mutating func note(_ line: Int, _ sentence: String) {
        if firstNotes.count < 10 { firstNotes.append("\(file):\(line): \(sentence)") }
    }

    enum CodingKeys: String, CodingKey {
        case file, sha256, run, records, stored, unchanged, replaced, kept, failures, problems, models
        case newContents = "new_contents"
        case qualityDiffers = "quality_differs"
        case firstProblems = "first_problems"
        case firstNotes = "first_notes"
    }
}
