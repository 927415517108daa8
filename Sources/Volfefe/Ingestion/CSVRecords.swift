/// The rows of a CSV file (RFC 4180) under its header, one at a time.
///
/// Delimiter `,`, `;` or tab, whichever the header has most of. A row that a stray quote breaks costs only its first line:
/// reading goes on with the next.
struct CSVRecords: RecordReader {
    private let file: String
    private let limit: Int
    private var source: ByteSource
    private var delimiter = UInt8(ascii: ",")
    private var header: [String]?

    /// `limit` is the longest row in bytes.
    init(_ source: ByteSource, file: String, limit: Int) {
        self.source = source
        self.file = file
        self.limit = limit
    }

    /// The first row of a table.
    enum Header {
        case columns([String])
        case unusable(InputProblem)
    }

    /// Reads the header, once; nil when there is none to read.
    mutating func readHeader() throws -> Header? {
        if let header { return .columns(header) }
        delimiter = Self.sniff(try source.prefix(1 << 16))
        switch try row() {
        case nil: return nil
        case .bad(let problem): return .unusable(problem)
        case .cells(let cells, let line):
            var names: [String] = []
            for cell in cells {
                guard case .success(let name) = cell.utf8Text() else {
                    return .unusable(InputProblem(file: file, line: line, message: InputProblem.notUTF8))
                }
                names.append(HTMLText.collapse(name))
            }
            if let twice = Dictionary(grouping: names, by: \.self).first(where: { $1.count > 1 && !$0.isEmpty })?.key {
                return .unusable(
                    InputProblem(file: file, line: line, message: "the column `\(twice)` stands twice in the header."))
            }
            header = names
            return .columns(names)
        }
    }

    mutating func next() throws -> InputRecord? {
        if header == nil {
            guard let header = try readHeader() else { return nil }
            if case .unusable(let problem) = header {
                while try source.next() != nil {}
                return .problem(problem)
            }
        }
        guard let header, let row = try row() else { return nil }
        switch row {
        case .bad(let problem): return .problem(problem)
        case .cells(let cells, let line):
            guard cells.count == header.count else {
                return .problem(
                    InputProblem(
                        file: file, line: line,
                        message: "this row has \(cells.count) columns, the header has \(header.count); "
                            + "is a text with a delimiter in it not in quotes?"))
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
