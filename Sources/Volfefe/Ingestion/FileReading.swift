/// Reads the drafts of one file in chunks; waits for a slow input without holding anyone else up.
actor FileReading {
    /// Some records of a file.
    struct Chunk: Sendable {
        var drafts: [ContentDraft] = []
        var problems: [InputProblem] = []
        /// Records that repeat an earlier one of the file.
        var duplicates = 0
        /// Whether nothing follows.
        var isLast = false
    }

    private let thread = ReadingThread()
    private let open: @Sendable () throws -> ContentReader
    private var reader: ContentReader?

    /// `open` is called when the first chunk is read.
    init(_ open: @escaping @Sendable () throws -> ContentReader) {
        self.open = open
    }

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// The next `count` drafts, and the problems among them; fewer at the end, or when a stop is requested. Throws
    /// `VolfefeError`.
    func next(_ count: Int, stop: StopRequest) throws -> Chunk {
        var chunk = Chunk()
        var reader = try self.reader ?? open()
        let before = reader.duplicates
        defer { self.reader = reader }
        while chunk.drafts.count < count, chunk.problems.count < count {
            guard !stop.isRequested, let record = try reader.next() else {
                chunk.isLast = true
                break
            }
            switch record {
            case .problem(let problem): chunk.problems.append(problem)
            case .draft(let draft, _): chunk.drafts.append(draft)
            }
        }
        chunk.duplicates = reader.duplicates - before
        return chunk
    }
}
