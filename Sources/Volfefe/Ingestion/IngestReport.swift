/// What became of the records of one input.
public struct IngestReport: Codable, Sendable {
    /// File as the user named it.
    public var file: String
    /// Records that could be used.
    public var read = 0
    /// New contents.
    public var inserted = 0
    /// Contents whose text is another than the stored one; their verdicts are stale now.
    public var edited = 0
    /// Contents that were there already, in the store or earlier in the file.
    public var unchanged = 0
    /// Among those read: contents without text.
    public var withoutText = 0
    /// Records with something wrong.
    public var problems = 0
    /// Records that were kept although something about them was odd, such as a date in no known form.
    public var warnings = 0
    /// The first ten problems and warnings.
    public var firstProblems: [String] = []
    /// What the phases have found; nil where none were to look.
    public var findings: IngestFindings?
    /// Ids of the contents, in the order of the file; empty where phases look at them.
    public var contentIDs: [Int64] = []

    /// Creates an empty report on `file`.
    public init(file: String) {
        self.file = file
    }

    /// Counts a problem and keeps it if it is among the first.
    mutating func add(_ problem: InputProblem) {
        if problem.isWarning { warnings += 1 } else { problems += 1 }
        if firstProblems.count < 10 { firstProblems.append(problem.description) }
    }

    enum CodingKeys: String, CodingKey {
        case file, read, inserted, edited, unchanged, problems, warnings, findings
        case withoutText = "without_text"
        case firstProblems = "first_problems"
    }
}
