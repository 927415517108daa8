/// The rows of a CSV file (RFC 4180) under its header, one at a time.
///
/// Delimiter `,`, `;` or tab, whichever the header has most of. A row that a stray quote breaks costs only its first line:
/// reading goes on with the next.
struct CSVRecords: RecordReader {
    private let file: String
    private let limit: Int
    private let delimiter: UInt8
    private var source: ByteSource
    /// Names of the columns, from the first row.
    private(set) var header: [String] = []

    /// Reads the header. `limit` is the longest row in bytes. Throws `.badInput` when there is no usable header.
    init(_ source: ByteSource, file: String, limit: Int) throws {
        self.source = source
        self.file = file
        self.limit = limit
        delimiter = Self.sniff(try self.source.prefix(1 << 16))
        switch try row() {
        case nil: throw VolfefeError.badInput("\(file) holds nothing but empty lines: there is nothing to read.")
        case .bad(let problem): throw VolfefeError.badInput(problem.description)
        case .cells(let cells, let line):
            for cell in cells {
                guard case .success(let name) = cell.utf8Text() else {
                    throw VolfefeError.badInput("\(file):\(line): \(InputProblem.notUTF8)")
                }
                header.append(HTMLText.collapse(name))
            }
            let names = Dictionary(grouping: header, by: { $0.lowercased() })
            if let twice = names.first(where: { $1.count > 1 && !$0.isEmpty })?.key {
                throw VolfefeError.badInput(
                    "\(file):\(line): the column `\(twice)` stands twice in the header; rename one.")
            }
        }
    }

    mutating func next() throws -> InputRecord? {
        guard let row = try row() else { return nil }
        switch row {
        case .bad(let problem): return .problem(problem)
        case .cells(let cells, let line):
            guard cells.count == header.count else {
                let message =
                    "this row has \(cells.count) columns, the header has \(header.count); is a text with a delimiter in it "
                    + "not in quotes?"
                return .problem(InputProblem(file: file, line: line, message: message))
            }
            var fields: [JSONValue.Member] = []
            for (name, cell) in zip(header, cells) {
                guard case .success(let text) = cell.utf8Text() else {
                    return .problem(
                        InputProblem(file: file, line: line, message: "column `\(name)`: " + InputProblem.notUTF8))
                }
                fields.append(.init(key: name, value: .string(text)))
            }
            return .fields(fields, line: line)
        }
    }

    private enum Row {
        case cells([[UInt8]], line: Int)
        case bad(InputProblem)
    }

    /// The next row that is not empty.
    private mutating func row() throws -> Row? {
        while let byte = try source.peek() {
            guard byte == 0x0A || byte == 0x0D else { return try cells() }
            _ = try source.next()
        }
        return nil
    }

    private enum Cell {
        case start, plain, quoted
        /// After a quote in a quoted cell: its end, or half of a doubled one.
        case quote
        /// After a quoted cell and a carriage return: only the end of the line may follow.
        case closed
    }

    private mutating func cells() throws -> Row {
        let line = source.line
        var cells: [[UInt8]] = []
        var cell: [UInt8] = []
        var raw: [UInt8] = []
        var state = Cell.start
        var quoteLine = line
        while true {
            let byteLine = source.line
            let byte = try source.next()
            if let byte { raw.append(byte) }
            if raw.count > limit, byte != 0x0A {
                // Without an open quote the row is just long.
                if state == .quoted { try backUp(raw, line) } else { try source.skipLine() }
                return bad(line, InputProblem.tooLong("the row", limit))
            }
            switch (state, byte) {
            case (.quoted, nil):
                try backUp(raw, line)
                return bad(quoteLine, "the quote that opens on this line is never closed.")
            case (.quoted, UInt8(ascii: "\"")):
                state = .quote
            case (.quoted, let byte?):
                cell.append(byte)
            case (.quote, UInt8(ascii: "\"")):
                cell.append(UInt8(ascii: "\""))
                state = .quoted
            case (.start, UInt8(ascii: "\"")):
                quoteLine = byteLine
                state = .quoted
            case (_, nil), (_, 0x0A):
                if state == .plain, cell.last == 0x0D { cell.removeLast() }
                cells.append(cell)
                return .cells(cells, line: line)
            case (.start, delimiter), (.plain, delimiter), (.quote, delimiter):
                cells.append(cell)
                cell = []
                state = .start
            case (.quote, 0x0D):
                state = .closed
            case (.quote, _), (.closed, _):
                try backUp(raw, line)
                return bad(
                    byteLine,
                    "a quoted cell ends here, but more follows before the next delimiter; quotes inside a cell are doubled."
                )
            case (_, let byte?):
                cell.append(byte)
                state = .plain
            }
        }
    }

    private func bad(_ line: Int, _ message: String) -> Row {
        .bad(InputProblem(file: file, line: line, message: message))
    }

    /// Goes on with the line after the first of a broken row.
    private mutating func backUp(_ raw: [UInt8], _ line: Int) throws {
        guard let newline = raw.firstIndex(of: 0x0A) else { return try source.skipLine() }
        source.putBack(raw[(newline + 1)...], line: line + 1)
    }

    /// The delimiter that the first line has most of, outside quotes.
    private static func sniff(_ start: ArraySlice<UInt8>) -> UInt8 {
        var counts: [UInt8: Int] = [:]
        var isQuoted = false
        for byte in start {
            if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
            if isQuoted { continue }
            if byte == 0x0A { break }
            counts[byte, default: 0] += 1
        }
        let candidates = [UInt8(ascii: ","), UInt8(ascii: ";"), 0x09]
        return candidates.max { counts[$0, default: 0] < counts[$1, default: 0] } ?? candidates[0]
    }
}
