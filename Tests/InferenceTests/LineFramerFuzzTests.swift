import Foundation
import Testing

@testable import Inference

/// Streams as a misbehaving worker might write them, cut anywhere. CI runs the same cases every time; `scripts/fuzz` runs
/// new ones for as long as it is told to. The seed of a failing case is in the failure: `scripts/fuzz 1 SEED` repeats it.
@Suite struct LineFramerFuzzTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let seed = environment["VOLFEFE_FUZZ_SEED"].flatMap { UInt64($0) } ?? 20_251_121
    private static let seconds = environment["VOLFEFE_FUZZ_SECONDS"].flatMap { Double($0) }
    private static let casesInCI = 3_000

    @Test func `any stream cut anywhere gives the lines of a plain splitter, and its messages come through`() {
        let begun = ContinuousClock.now
        var number: UInt64 = 0
        var messages = 0
        while Self.seconds.map({ .seconds($0) > ContinuousClock.now - begun }) ?? (number < Self.casesInCI) {
            guard let found = check(seed: Self.seed &+ number) else { return }
            messages += found
            number += 1
        }
        #expect(messages > 0)
        if Self.seconds != nil { print("\(number) streams, \(messages) messages in them, from seed \(Self.seed)") }
    }

    /// Messages in the stream of this seed; nil when an expectation failed.
    private func check(seed: UInt64) -> Int? {
        var random = SplitMix(state: seed)
        let stream = FuzzedStream(&random)
        let chunks = stream.bytes.cut(&random)
        var framer = LineFramer(limit: stream.limit)
        var framed: [LineFramer.Line] = []
        // Looking inside is slow: at most about a hundred times per stream.
        let looksEvery = chunks.count / 100 + 1
        for (number, chunk) in chunks.enumerated() {
            framed += chunk.withUnsafeBytes { framer.append($0) }
            guard number.isMultiple(of: looksEvery) else { continue }
            guard framer.heldBytes <= stream.limit else {
                Issue.record("seed \(seed): \(framer.heldBytes) bytes are held, the limit is \(stream.limit)")
                return nil
            }
        }
        let expected = stream.bytes.plainLines(limit: stream.limit)
        guard framed == expected, framed.count == stream.complete.count else {
            Issue.record("seed \(seed): \(framed.count) lines instead of \(expected.count), or other bytes in them")
            return nil
        }
        var messages = 0
        for (line, sent) in zip(framed, stream.complete) {
            guard case .bytes(let bytes) = line else { continue }
            let message = WorkerMessage.decode(bytes)
            switch sent.meaning {
            case .message(let id):
                messages += 1
                guard message?.requestID == id else {
                    Issue.record("seed \(seed): the message \(id) was not read")
                    return nil
                }
            case .noise:
                guard message == nil else {
                    Issue.record("seed \(seed): noise was taken for a message")
                    return nil
                }
            case .mutilated: break
            }
        }
        return messages
    }
}

/// A few lines of every kind, with a newline after each but perhaps the last.
private struct FuzzedStream {
    /// Longest line that the framer may give out, in bytes.
    let limit: Int
    let bytes: [UInt8]
    /// The lines that a newline ends.
    let complete: [FuzzedLine]

    init(_ random: inout SplitMix) {
        limit = [64, 400, 400, 1_000, 5_000].randomElement(using: &random) ?? 400
        let limit = limit
        var lines = (0..<Int.random(in: 0...12, using: &random)).map { _ in FuzzedLine(&random, limit: limit) }
        var bytes = Array(lines.map { $0.bytes + [0x0A] }.joined())
        if !lines.isEmpty, Int.random(in: 0..<3, using: &random) == 0 {
            bytes.removeLast(min(Int.random(in: 1...9, using: &random), lines[lines.count - 1].bytes.count + 1))
            lines.removeLast()
        }
        self.bytes = bytes
        complete = lines
    }
}

/// One line without its newline, and what a reader must make of it.
private struct FuzzedLine {
    enum Meaning {
        /// A valid answer to the request with this id.
        case message(id: String)
        /// No message, whoever reads it.
        case noise
        /// What was a message once: the reader must survive it.
        case mutilated
    }

    let bytes: [UInt8]
    let meaning: Meaning

    init(_ random: inout SplitMix, limit: Int) {
        let id = "g\(Int.random(in: 1...99, using: &random))-\(Int.random(in: 1...999, using: &random))"
        let message = Self.message(id, &random)
        switch Int.random(in: 0..<13, using: &random) {
        case 0...3: (bytes, meaning) = (message, .message(id: id))
        case 4: (bytes, meaning) = ([], .noise)
        case 5: (bytes, meaning) = (Self.garbage(Int.random(in: 1...300, using: &random), &random), .noise)
        case 6: (bytes, meaning) = (Array("  50%|#####     | 1/2\r\u{2028}loading\u{85}".utf8), .noise)
        case 7:  // about as long as allowed, on both sides of the limit
            let length = limit + Int.random(in: -2...2, using: &random)
            (bytes, meaning) = ([UInt8](repeating: 0x7A, count: max(length, 0)), .noise)
        case 8: (bytes, meaning) = ([UInt8](repeating: 0, count: limit * Int.random(in: 1...2, using: &random)), .noise)
        case 9:
            let bad = ["NaN", "Infinity", "-Infinity", "1e999"].randomElement(using: &random) ?? "NaN"
            (bytes, meaning) = (Array(#"{"type":"result","id":"\#(id)","items":[\#(bad)]}"#.utf8), .noise)
        case 10:
            let depth = Int.random(in: 1...4_000, using: &random)
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            (bytes, meaning) = (Array(#"{"type":"result","id":"\#(id)","items":\#(nested)}"#.utf8), .mutilated)
        case 11: (bytes, meaning) = (Array(message.prefix(Int.random(in: 0..<message.count, using: &random))), .noise)
        default: (bytes, meaning) = (Self.mutilated(message, &random), .mutilated)
        }
    }

    private static func message(_ id: String, _ random: inout SplitMix) -> [UInt8] {
        let separators = ["", "\u{2028}", "\u{85}", "\r", "\u{0}", "é😀"].map { Data($0.utf8) }
        let text = separators.randomElement(using: &random).flatMap { String(data: $0, encoding: .utf8) } ?? ""
        if Bool.random(using: &random) {
            let line = try? WorkerMessage.encode(ErrorLine(id: id, code: "bad_request", message: "no\(text)"))
            return line?.dropLast() ?? []
        }
        let cells = (0..<Int.random(in: 0...4, using: &random)).map { number in
            #"{"models":{"m\#(number)":{"error":{"code":"model_error","message":"\#(number)"}}},"text_info":null}"#
        }
        return Array(#"{"items":[\#(cells.joined(separator: ","))],"id":"\#(id)","type":"result"}"#.utf8)
    }

    /// Random bytes that cannot be JSON: the first one is never that of a value.
    private static func garbage(_ count: Int, _ random: inout SplitMix) -> [UInt8] {
        [UInt8(ascii: "#")]
            + (1..<max(count, 1)).map { _ in
                let byte = UInt8.random(in: 0...255, using: &random)
                return byte == 0x0A ? 0x0D : byte
            }
    }

    /// A few bytes replaced by any other but a newline: bad UTF-8, broken strings, other numbers.
    private static func mutilated(_ message: [UInt8], _ random: inout SplitMix) -> [UInt8] {
        var bytes = message
        for _ in 0..<Int.random(in: 1...8, using: &random) {
            let byte = UInt8.random(in: 0...255, using: &random)
            bytes[Int.random(in: bytes.indices, using: &random)] = byte == 0x0A ? 0xFF : byte
        }
        return bytes
    }

    private struct ErrorLine: Encodable {
        let type = "error"
        let id, code, message: String
    }
}

extension [UInt8] {
    /// The bytes in chunks of random sizes, some of one byte, some empty; about two thousand of them at most.
    fileprivate func cut(_ random: inout SplitMix) -> [[UInt8]] {
        let wanted = [1, 7, 100, 4_096, 1 << 16].randomElement(using: &random) ?? 100
        let longest = Swift.max(wanted, count / 1_000)
        var chunks: [[UInt8]] = []
        var start = 0
        while start < count {
            let end = Swift.min(start + Int.random(in: 0...longest, using: &random), count)
            chunks.append(Array(self[start..<end]))
            start = end
        }
        return chunks
    }

    /// What `LineFramer` must find, in the plainest way.
    fileprivate func plainLines(limit: Int) -> [LineFramer.Line] {
        split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
            .map { $0.count > limit ? .tooLong : .bytes(Array($0)) }
    }
}

extension LineFramer {
    /// Bytes of the unfinished line. They are private, as they should be; a mirror sees them all the same.
    fileprivate var heldBytes: Int {
        Mirror(reflecting: self).children.compactMap { ($0.value as? [UInt8])?.count }.reduce(0, +)
    }
}
