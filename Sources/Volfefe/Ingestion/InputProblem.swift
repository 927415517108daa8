/// Something wrong with one record of an input; the others are kept.
public struct InputProblem: Sendable, Hashable, CustomStringConvertible {
    /// File as the user named it.
    public var file: String
    /// Line, from 1; 0 when the whole file is meant.
    public var line: Int
    /// Column in bytes, from 1, where it is known.
    public var column: Int?
    /// What is wrong and what to do; never the text itself.
    public var message: String
    /// Whether the record was kept all the same.
    public var isWarning: Bool

    /// Creates a problem.
    public init(file: String, line: Int, column: Int? = nil, message: String, isWarning: Bool = false) {
        self.file = file
        self.line = line
        self.column = column
        self.message = message
        self.isWarning = isWarning
    }

    /// `posts.json:12:5: …`
    public var description: String {
        let place = line > 0 ? ":\(line)" + (column.map { ":\($0)" } ?? "") : ""
        return "\(file)\(place): \(message)"
    }
}
