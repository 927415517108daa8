/// Reads the contents of a JSON, JSON Lines or CSV input one by one, in constant memory but for the ids seen.
///
/// A bad record costs only itself. Pull with `next()`; not to be shared between tasks.
public struct ContentReader {
    /// What `next()` gives.
    public enum Record: Sendable {
        /// A content, and the line at which it begins.
        case draft(ContentDraft, line: Int)
        /// Something wrong; whether a record was lost over it is `isWarning`.
        case problem(InputProblem)
    }

    private let file: String
    private let builder: DraftBuilder
    private var records: any RecordReader
    private var waiting: Record?
    /// Hash of an id → hash of its text, and its line.
    private var seen: [Int: (text: Int, line: Int)] = [:]
    /// Records so far that repeat an id with the same text.
    public private(set) var duplicates = 0

    /// Opens `path`; "-" is standard input. `format` nil: by the extension, else by the first byte.
    ///
    /// Lengths in bytes. Throws `.notFound` when it cannot be read, `.badInput` when it is empty or no text at all.
    public init(
        path: String, format: InputFormat? = nil, settings: SourceSettings = SourceSettings(), maxLineBytes: Int,
        maxTextBytes: Int
    ) throws {
        let input = try InputFile(path: path)
        try self.init(
            name: input.name, source: ByteSource { try input.read() }, format: format ?? InputFormat(path: path),
            settings: settings, maxLineBytes: maxLineBytes, maxTextBytes: maxTextBytes)
    }

    /// Reads `source`, which messages call `name`.
    init(
        name: String, source: ByteSource, format: InputFormat?, settings: SourceSettings, maxLineBytes: Int,
        maxTextBytes: Int
    ) throws {
        var source = source
        file = name
        builder = DraftBuilder(mapping: FieldMapping(settings.fields), html: settings.html, maxTextBytes: maxTextBytes)
        try InputEncoding.check(&source, name: name)
        switch try format ?? Self.guess(&source) {
        case .json: records = JSONRecords(source, file: name, limit: maxLineBytes)
        case .jsonl: records = JSONLinesRecords(source, file: name, limit: maxLineBytes)
        case .csv:
            let rows = try CSVRecords(source, file: name, limit: maxLineBytes)
            try builder.mapping.check(header: rows.header, file: name)
            records = rows
        }
    }

    /// The next content or problem; nil at the end. Throws `.inputOutput` when reading fails.
    public mutating func next() throws -> Record? {
        if let record = waiting.take() { return record }
        while let record = try records.next() {
            switch record {
            case .problem(let problem): return .problem(problem)
            case .fields(let fields, let line):
                switch builder.build(fields) {
                case .problem(let message): return problem(line, message)
                case .draft(let draft, let warning):
                    if let first = repeated(draft, line) {
                        if let problem = first { return problem }
                        continue
                    }
                    guard let warning else { return .draft(draft, line: line) }
                    waiting = .draft(draft, line: line)
                    return .problem(InputProblem(file: file, line: line, message: warning, isWarning: true))
                }
            }
        }
        return nil
    }

    private func problem(_ line: Int, _ message: String) -> Record {
        .problem(InputProblem(file: file, line: line, message: message))
    }

    /// nil: the id is new. Otherwise the problem with it, or none when the record only repeats an earlier one.
    private mutating func repeated(_ draft: ContentDraft, _ line: Int) -> Record?? {
        let (id, text) = (draft.externalID.hashValue, draft.text.hashValue)
        guard let first = seen[id] else {
            seen[id] = (text, line)
            return nil
        }
        guard first.text != text else {
            duplicates += 1
            return .some(nil)
        }
        return problem(line, "the id is that of line \(first.line), whose text is another; the first was kept.")
    }

    /// An array or objects over several lines are JSON, an object that ends on its line is JSON Lines, the rest is CSV.
    static func guess(_ source: inout ByteSource) throws -> InputFormat {
        let start = try source.prefix(1 << 16).drop { [0x20, 0x09, 0x0A, 0x0D].contains($0) }
        switch start.first {
        case UInt8(ascii: "["): return .json
        case UInt8(ascii: "{"):
            let line = start.prefix { $0 != 0x0A && $0 != 0x0D }
            let isCutOff = line.endIndex == start.endIndex
            return isCutOff || (try? JSONParser.parse(Array(line))) != nil ? .jsonl : .json
        default: return .csv
        }
    }
}
