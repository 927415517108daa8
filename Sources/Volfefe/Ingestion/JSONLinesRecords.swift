/// A JSON object per line; a broken line costs only itself.
struct JSONLinesRecords: RecordReader {
    private let file: String
    private let limit: Int
    private var lines: ByteLineReader

    /// `limit` is the longest line in bytes.
    init(_ source: ByteSource, file: String, limit: Int) {
        self.file = file
        self.limit = limit
        lines = ByteLineReader(read: source.rest(), limit: limit)
    }

    mutating func next() throws -> InputRecord? {
        while let line = try lines.next() {
            switch line {
            case .tooLong:
                return .problem(
                    InputProblem(file: file, line: lines.number, message: InputProblem.tooLong("the line", limit)))
            case .bytes(let bytes):
                // Empty lines separate, they are no records.
                guard bytes.contains(where: { ![0x20, 0x09, 0x0D].contains($0) }) else { continue }
                do {
                    let value = try JSONParser.parse(bytes, line: lines.number)
                    return InputRecord(value, file: file, line: lines.number, column: 1)
                } catch let failure as JSONParser.Failure {
                    return InputRecord(failure, file: file)
                }
            }
        }
        return nil
    }
}
