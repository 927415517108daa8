#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Cuts a stream of bytes into lines at `\n`, and nowhere else.
///
/// A line longer than `limit` bytes is dropped up to its end and reported once as `.tooLong`, so memory stays bounded
/// whatever a process prints.
struct LineFramer {
    enum Line: Equatable {
        case bytes([UInt8])
        case tooLong
    }

    private let limit: Int
    private var pending: [UInt8] = []
    private var skipping = false

    init(limit: Int) {
        self.limit = limit
    }

    /// Takes the next chunk of the stream and returns the lines that it completes, without their newline.
    mutating func append(_ chunk: UnsafeRawBufferPointer) -> [Line] {
        var lines: [Line] = []
        var rest = chunk[...]
        while let base = rest.baseAddressIfNotEmpty {
            guard let newline = memchr(base, 0x0A, rest.count) else {
                keep(rest)
                break
            }
            let length = UnsafeRawPointer(newline) - base
            keep(rest.prefix(length))
            lines.append(skipping ? .tooLong : .bytes(pending))
            pending.removeAll(keepingCapacity: pending.capacity <= 1 << 16)
            skipping = false
            rest = rest.dropFirst(length + 1)
        }
        return lines
    }

    private mutating func keep(_ bytes: Slice<UnsafeRawBufferPointer>) {
        guard !skipping else { return }
        if pending.count + bytes.count > limit {
            skipping = true
            pending = []
        } else {
            pending.append(contentsOf: bytes)
        }
    }
}

extension Slice<UnsafeRawBufferPointer> {
    fileprivate var baseAddressIfNotEmpty: UnsafeRawPointer? {
        isEmpty ? nil : base.baseAddress.map { $0 + startIndex }
    }
}
