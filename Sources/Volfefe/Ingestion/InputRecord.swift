/// One record of an input, before it is known which of its fields is what.
enum InputRecord {
    /// Named values in the order of the input, and the line at which the record begins.
    case fields([JSONValue.Member], line: Int)
    /// Something that is no usable record.
    case problem(InputProblem)

    /// The JSON object that `bytes` are, which begin at `line` and `column` of `file`.
    init(json bytes: [UInt8], file: String, line: Int, column: Int) {
        func problem(at offset: Int, _ message: String) -> InputRecord {
            let before = bytes.prefix(offset)
            let breaks = before.count { $0 == 0x0A }
            let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
            return .problem(
                InputProblem(
                    file: file, line: line + breaks, column: offset - start + (breaks == 0 ? column : 1),
                    message: message))
        }
        if case .failure(let failure) = bytes.utf8Text() {
            self = problem(at: failure.offset, InputProblem.notUTF8)
            return
        }
        do {
            let value = try JSONParser.parse(bytes)
            guard case .object(let fields) = value else {
                self = problem(at: 0, "a record must be an object such as {\"id\": …, \"text\": …}.")
                return
            }
            self = .fields(fields, line: line)
        } catch {
            self = problem(at: error.offset, error.message + ".")
        }
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
        "\(what) is longer than \(limit) bytes and was skipped; if that is intended, raise the setting max_line_bytes."
    }
}
