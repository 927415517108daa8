/// Bytes of an input one after another, with the line and the column of the next one.
struct ByteSource {
    private let read: () throws -> [UInt8]?
    private var chunk: [UInt8] = []
    private var index = 0
    private var ended = false
    /// Line of the next byte, from 1.
    private(set) var line = 1
    /// Column of the next byte in bytes, from 1.
    private(set) var column = 1
    /// Whether nothing but spaces and tabs came before it in its line.
    private(set) var isAtLineStart = true

    /// `read` gives the next chunk, nil at the end.
    init(read: @escaping () throws -> [UInt8]?) {
        self.read = read
    }

    /// All of `bytes`, which begin at the start of `line`.
    init(_ bytes: [UInt8], line: Int) {
        read = { nil }
        chunk = bytes
        self.line = line
    }

    /// The next byte without taking it; nil at the end.
    mutating func peek() throws -> UInt8? {
        while index == chunk.count {
            guard !ended, let next = try read() else {
                ended = true
                return nil
            }
            chunk = next
            index = 0
        }
        return chunk[index]
    }

    /// Takes the next byte; nil at the end.
    mutating func next() throws -> UInt8? {
        guard let byte = try peek() else { return nil }
        index += 1
        if byte == 0x0A {
            line += 1
            column = 1
            isAtLineStart = true
        } else {
            column += 1
            if byte != 0x20, byte != 0x09 { isAtLineStart = false }
        }
        return byte
    }

    /// Up to `count` bytes from the start of the input, without taking them.
    mutating func prefix(_ count: Int) throws -> ArraySlice<UInt8> {
        while chunk.count - index < count, !ended {
            guard let more = try read() else {
                ended = true
                break
            }
            chunk = Array(chunk[index...]) + more
            index = 0
        }
        return chunk[index...].prefix(count)
    }

    /// Puts back the bytes that were taken last; they begin at the start of `line`.
    mutating func putBack(_ bytes: ArraySlice<UInt8>, line: Int) {
        if index >= bytes.count {
            index -= bytes.count
        } else {
            chunk = Array(bytes) + chunk[index...]
            index = 0
        }
        self.line = line
        column = 1
        isAtLineStart = true
    }

    /// Leaves out `count` bytes without counting columns: a byte order mark.
    mutating func drop(_ count: Int) throws {
        _ = try prefix(count)
        index += count
    }

    /// Gives what is left, chunk by chunk, to another reader.
    func rest() -> () throws -> [UInt8]? {
        var first: [UInt8]? = Array(chunk[index...])
        return { [read, ended] in
            if let chunk = first, !chunk.isEmpty {
                first = nil
                return chunk
            }
            return ended ? nil : try read()
        }
    }

    /// Takes everything up to and including the next line break.
    mutating func skipLine() throws {
        while let byte = try next(), byte != 0x0A {}
    }
}
