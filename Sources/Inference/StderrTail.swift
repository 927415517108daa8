import Synchronization

/// The last lines that a worker wrote to standard error, at most 64 KiB of them.
final class StderrTail: Sendable {
    private let bytes = Mutex<[UInt8]>([])
    private static let limit = 64 << 10

    func append(_ chunk: UnsafeRawBufferPointer) {
        bytes.withLock { bytes in
            bytes.append(contentsOf: chunk.suffix(Self.limit))
            if bytes.count > 2 * Self.limit { bytes.removeFirst(bytes.count - Self.limit) }
        }
    }

    /// The last `count` lines, without empty ones.
    func lines(_ count: Int = 20) -> [String] {
        bytes.withLock { bytes in
            bytes.suffix(Self.limit).split(whereSeparator: { $0 == 0x0A || $0 == 0x0D })
                .suffix(count).map { String(decoding: $0, as: UTF8.self) }
        }
    }
}
