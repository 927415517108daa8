import Foundation

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Reads lines from a file descriptor in bounded memory. A line ends at `\n` and nowhere else; one `\r` before it is dropped.
public struct ByteLineReader {
    /// A line of the input.
    public enum Line: Equatable, Sendable {
        /// Its bytes, without the line ending.
        case bytes([UInt8])
        /// It was longer than the limit and has been skipped.
        case tooLong
    }

    private let read: () throws -> [UInt8]?
    private let limit: Int
    private var buffer: [UInt8] = []
    private var start = 0
    private var scanned = 0
    private var ended = false
    /// Number of the line that `next` returned last, from 1.
    public private(set) var number = 0

    /// Reads from `descriptor`, which stays open. `limit` is the longest line in bytes.
    public init(descriptor: Int32, limit: Int) {
        self.init(read: { try readChunk(descriptor) }, limit: limit)
    }

    /// Reads from `read`, which gives the next chunk, nil at the end.
    init(read: @escaping () throws -> [UInt8]?, limit: Int) {
        self.read = read
        self.limit = limit
    }

    /// The next line, or nil at the end. Blocks until a line is complete. Throws `.inputOutput` when reading fails.
    public mutating func next() throws -> Line? {
        var skipping = false
        while true {
            if let newline = indexOfNewline() {
                let line = buffer[start..<newline]
                start = newline + 1
                scanned = start
                number += 1
                return skipping ? .tooLong : finish(line)
            }
            if buffer.count - start > limit {
                skipping = true
                buffer.removeAll(keepingCapacity: true)
                start = 0
            }
            scanned = buffer.count
            guard try fill() else {
                guard start < buffer.count || skipping else { return nil }
                let line = buffer[start...]
                start = buffer.count
                number += 1
                return skipping ? .tooLong : finish(line)
            }
        }
    }

    /// Whether a whole line can be had without reading, so without waiting.
    public mutating func hasBufferedLine() -> Bool { indexOfNewline() != nil }

    private func finish(_ line: ArraySlice<UInt8>) -> Line {
        var line = line
        if line.last == 0x0D { line = line.dropLast() }
        if number == 1, line.starts(with: [0xEF, 0xBB, 0xBF]) { line = line.dropFirst(3) }
        return line.count > limit ? .tooLong : .bytes(Array(line))
    }

    private mutating func indexOfNewline() -> Int? {
        let from = max(scanned, start)
        let found: Int? = buffer.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, from < bytes.count else { return nil }
            return memchr(base + from, 0x0A, bytes.count - from).map { UnsafeRawPointer($0) - base }
        }
        if found == nil { scanned = buffer.count }
        return found
    }

    /// Reads what is there; false at the end of the input.
    private mutating func fill() throws -> Bool {
        guard !ended else { return false }
        if start > 0 {
            buffer.removeFirst(start)
            scanned -= start
            start = 0
        }
        guard let chunk = try read() else {
            ended = true
            return false
        }
        buffer += chunk
        return true
    }
}

/// Reads up to 64 KiB; nil at the end. Throws `.inputOutput`.
func readChunk(_ descriptor: Int32) throws -> [UInt8]? {
    while true {
        var count = 0
        let chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { space, filled in
            count = read(descriptor, space.baseAddress, space.count)
            filled = max(count, 0)
        }
        if count > 0 { return chunk }
        if count == 0 { return nil }
        guard errno == EINTR else {
            throw VolfefeError.inputOutput("reading failed: \(String(cString: strerror(errno))).")
        }
    }
}

extension [UInt8] {
    /// The bytes as text, or the offset of the first byte that is not UTF-8.
    func utf8Text() -> Result<String, NotUTF8> {
        if let text = String(validating: self, as: UTF8.self) { return .success(text) }
        var decoder = UTF8()
        var iterator = makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return .failure(NotUTF8(offset: offset))
    }
}

/// Where bytes stop being UTF-8.
struct NotUTF8: Error {
    let offset: Int
}
