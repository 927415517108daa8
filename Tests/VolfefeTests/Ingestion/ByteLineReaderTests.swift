import Foundation
import Testing

@testable import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

@Suite struct ByteLineReaderTests {
    private func lines(_ bytes: [UInt8], limit: Int = 100, piece: Int) throws -> [ByteLineReader.Line] {
        var reader = ByteLineReader(read: source(bytes, piece: piece).rest(), limit: limit)
        var lines: [ByteLineReader.Line] = []
        while let line = try reader.next() { lines.append(line) }
        #expect(reader.number == lines.count)
        return lines
    }

    @Test(arguments: 1...12)
    func linesEndAtLineFeedsOnly(piece: Int) throws {
        let text = "\u{FEFF}one\r\n\ntwo\u{2028}\u{0B}\u{0C}\r still\u{FEFF}\n\r\nlast"
        let expected = ["one", "", "two\u{2028}\u{0B}\u{0C}\r still\u{FEFF}", "", "last"]
        #expect(try lines(Array(text.utf8), piece: piece) == expected.map { .bytes(Array($0.utf8)) })
    }

    @Test(arguments: 1...12)
    func aLongLineIsSkippedToItsEnd(piece: Int) throws {
        let text = "ab\nabcdefghijklm\nabcdef\nabcdefg\r\nabcdefghijklm"
        let expected: [ByteLineReader.Line] = [
            .bytes(Array("ab".utf8)), .tooLong, .bytes(Array("abcdef".utf8)), .tooLong, .tooLong,
        ]
        #expect(try lines(Array(text.utf8), limit: 6, piece: piece) == expected)
    }

    @Test func nothingIsNoLine() throws {
        #expect(try lines([], piece: 1).isEmpty)
        #expect(try lines([0x0A], piece: 1) == [.bytes([])])
    }

    @Test func aHundredMegabyteLineThroughAPipeNeedsLittleMemory() throws {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let writer = Thread { [output = ends[1]] in
            let piece = [UInt8](repeating: 0x61, count: 1 << 16)
            for _ in 0..<1600 { _ = piece.withUnsafeBytes { Glibc.write(output, $0.baseAddress, $0.count) } }
            _ = "\nnext\n".utf8CString.withUnsafeBytes { Glibc.write(output, $0.baseAddress, 6) }
            close(output)
        }
        let before = residentBytes()
        writer.start()
        var reader = ByteLineReader(descriptor: ends[0], limit: 1 << 20)
        #expect(try reader.next() == .tooLong)
        #expect(residentBytes() - before < 32 << 20)
        #expect(try reader.next() == .bytes(Array("next".utf8)))
        #expect(try reader.next() == nil)
        close(ends[0])
    }

    private func residentBytes() -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
    }
}
