/// The elements of a JSON array, or objects one after another, one at a time.
///
/// A scanner that knows only strings and brackets cuts them out; each is parsed alone, so a bad one costs only itself.
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
    private let limit: Int
    private var source: ByteSource
    private var state = State.start

    /// `limit` is the longest element in bytes.
    init(_ source: ByteSource, file: String, limit: Int) {
        self.source = source
        self.file = file
        self.limit = limit
    }

    mutating func next() throws -> InputRecord? {
        while true {
            guard let byte = try peekPastSpace() else { return atEnd() }
            switch (state, byte) {
            case (.start, UInt8(ascii: "[")):
                _ = try source.next()
                state = .element(isFirst: true)
            case (.start, _):
                state = .sequence
            case (.element(let isFirst), UInt8(ascii: "]")):
                let problem = problem("there is no element between the last comma and this bracket.")
                _ = try source.next()
                state = .ended
                if !isFirst { return problem }
            case (.element, UInt8(ascii: ",")):
                let problem = problem("there is no element before this comma.")
                _ = try source.next()
                state = .element(isFirst: false)
                return problem
            case (.element, _):
                state = .separator
                return try element()
            case (.separator, UInt8(ascii: ",")):
                _ = try source.next()
                state = .element(isFirst: false)
            case (.separator, UInt8(ascii: "]")):
                _ = try source.next()
                state = .ended
            case (.separator, _):
                state = .element(isFirst: false)
                return problem("a comma or the closing bracket of the array is expected here.")
            case (.sequence, _):
                return try element()
            case (.ended, _):
                let problem = problem("there is more after the end of the array; it was not read.")
                while try source.next() != nil {}
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
        .problem(InputProblem(file: file, line: source.line, column: source.column, message: message))
    }

    private mutating func peekPastSpace() throws -> UInt8? {
        while let byte = try source.peek() {
            guard [0x20, 0x0A, 0x0D, 0x09].contains(byte) else { return byte }
            _ = try source.next()
        }
        return nil
    }

    /// Cuts out the value that begins here.
    private mutating func element() throws -> InputRecord {
        let (line, column) = (source.line, source.column)
        var bytes: [UInt8] = []
        var length = 0
        var scan = Scan()
        while !scan.isOver, let byte = try source.peek(), scan.accepts(byte) {
            _ = try source.next()
            length += 1
            if length <= limit { bytes.append(byte) }
        }
        if length == 0 {  // a stray bracket: it is no value, and must not be met again
            _ = try source.next()
            return .problem(InputProblem(file: file, line: line, column: column, message: "a value is expected here."))
        }
        guard length <= limit else {
            return .problem(
                InputProblem(
                    file: file, line: line, column: column, message: InputProblem.tooLong("the element", limit)))
        }
        return InputRecord(json: bytes, file: file, line: line, column: column)
    }

    /// Where a value ends, by strings and brackets alone.
    private struct Scan {
        private(set) var isOver = false
        private var depth = 0
        private var isInString = false
        private var isEscaped = false
        private var isScalar = false

        /// Whether `byte` belongs to the value.
        mutating func accepts(_ byte: UInt8) -> Bool {
            if isInString {
                if byte == 0x0A {
                    // No string holds a raw line break: a quote is missing before it, so what follows is none either.
                    isInString = false
                } else if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    isOver = depth == 0
                }
                return true
            }
            switch byte {
            case UInt8(ascii: "\""):
                if isScalar { return false }
                isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                if isScalar { return false }
                depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return false }
                depth -= 1
                isOver = depth == 0
            case UInt8(ascii: ","), 0x20, 0x09, 0x0A, 0x0D:
                return depth > 0
            default:
                if depth == 0 { isScalar = true }
            }
            return true
        }
    }
}
