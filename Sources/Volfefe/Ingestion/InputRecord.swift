/// One record of an input, before it is known which of its fields is what.
enum InputRecord {
    /// Named values in the order of the input, and the line at which the record begins.
    case fields([JSONValue.Member], line: Int)
    /// Something that is no usable record.
    case problem(InputProblem)

    /// What `value` is, which begins at `line` and `column` of `file`.
    init(_ value: JSONValue, file: String, line: Int, column: Int) {
        guard case .object(let fields) = value else {
            let message = "a record must be an object such as {\"id\": …, \"text\": …}."
            self = .problem(InputProblem(file: file, line: line, column: column, message: message))
            return
        }
        self = .fields(fields, line: line)
    }

    /// What a failure to parse is.
    init(_ failure: JSONParser.Failure, file: String) {
        self = .problem(
            InputProblem(file: file, line: failure.line, column: failure.column, message: failure.message + "."))
    }
}

/// Gives the records of an input in one format, in constant memory.
protocol RecordReader {
    /// The next record, nil at the end. Throws `.inputOutput` when reading fails.
    mutating func next() throws -> InputRecord?
}

extension InputProblem {
    static let notUTF8 = "this byte is not UTF-8; convert the input, for example with: iconv -f windows-1252 -t utf-8"

    static func tooLong(_ what: String, _ limit: Int) -> String {
        "\(what) is longer than \(limit) bytes and was skipped; the setting max_line_bytes allows more."
    }
}
