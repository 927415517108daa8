/// The elements of a JSON array, or objects one after another, one at a time; a bad one costs only itself.
struct JSONRecords: RecordReader {
    private enum State {
        case start
        /// In the array, before an element.
        case element(isFirst: Bool)
        /// In the array, after an element.
        case separator
        /// No array: objects one after another.
        case sequence
        case ended
    }

    private let file: String
    private var parser: JSONParser
    private var state = State.start

    /// `limit` is the longest element in bytes.
    init(_ source: ByteSource, file: String, limit: Int) {
        self.file = file
        parser = JSONParser(source, limit: limit)
    }

    mutating func next() throws -> InputRecord? {
        while true {
            guard let byte = try peekPastSpace() else { return atEnd() }
            switch (state, byte) {
            case (.start, UInt8(ascii: "[")):
                _ = try parser.source.next()
                state = .element(isFirst: true)
            case (.start, _):
                state = .sequence
            case (.element(let isFirst), UInt8(ascii: "]")):
                let problem = problem("there is no element between the last comma and this bracket.")
                _ = try parser.source.next()
                state = .ended
                if !isFirst { return problem }
            case (.element, UInt8(ascii: ",")):
                let problem = problem("there is no element before this comma.")
                _ = try parser.source.next()
                state = .element(isFirst: false)
                return problem
            case (.element, _), (.sequence, _):
                return try element()
            case (.separator, UInt8(ascii: ",")):
                _ = try parser.source.next()
                state = .element(isFirst: false)
            case (.separator, UInt8(ascii: "]")):
                _ = try parser.source.next()
                state = .ended
            case (.separator, _):
                state = .element(isFirst: false)
                return problem("a comma or the closing bracket of the array is expected here.")
            case (.ended, _):
                let problem = problem("there is more after the end of the array; it was not read.")
                while try parser.source.next() != nil {}
                return problem
            }
        }
    }

    private mutating func atEnd() -> InputRecord? {
        defer { state = .ended }
        switch state {
        case .element, .separator:
            return problem("the input ends before the closing bracket of the array: is it cut off?")
        case .start, .sequence, .ended: return nil
        }
    }

    private func problem(_ message: String) -> InputRecord {
        .problem(InputProblem(file: file, line: parser.source.line, column: parser.source.column, message: message))
    }

    private mutating func peekPastSpace() throws -> UInt8? {
        while let byte = try parser.source.peek() {
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            _ = try parser.source.next()
        }
        return nil
    }

    private mutating func element() throws -> InputRecord {
        let (line, column) = (parser.source.line, parser.source.column)
        do {
            let value = try parser.parse()
            if case .element = state { state = .separator }
            return InputRecord(value, file: file, line: line, column: column)
        } catch let failure as JSONParser.Failure {
            try parser.recover(column: column)
            let next = try peekPastSpace()
            if next == nil {
                state = .ended
            } else if case .element = state, next != UInt8(ascii: "{") {
                state = .separator
            } else if case .sequence = state, (line, column) == (parser.source.line, parser.source.column) {
                _ = try parser.source.next()  // a stray bracket must not be met again
            }
            return InputRecord(failure, file: file)
        }
    }
}
