import Foundation
import Inference
import Synchronization
import Testing

@testable import Volfefe

/// What exported rows are made of; `Tests/Parity/test_export.py` loads whole files with other programs.
@Suite struct ExportTests {
    @Test func `times are those of ISO 8601, also before 1970 and on leap days`() {
        for (milliseconds, text) in [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_761_430_550_076, "2025-10-25T22:15:50.076Z"), (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)] {
            var bytes: [UInt8] = []
            ISOTime.append(milliseconds, to: &bytes)
            #expect(String(decoding: bytes, as: UTF8.self) == text)
        }
    }

    private func row(isCSV: Bool) -> String {
        let columns: [ExportColumn] = [
            .init("a\"b", .text), .init("n", .integer), .init("x", .real), .init("f", .names), .init("t", .time),
        ]
        var encoder = ExportEncoder(columns: columns, isCSV: isCSV)
        encoder.header(columns)
        encoder.text("q\" \\ \n\r\t\u{1} ü")
        encoder.integer(-7)
        encoder.real(1e-5)
        encoder.names(["a", "b"])
        encoder.time(0)
        encoder.end()
        encoder.text("")
        encoder.null()
        encoder.real(.infinity)
        encoder.names([])
        encoder.time(nil)
        encoder.end()
        return String(decoding: encoder.bytes, as: UTF8.self)
    }

    @Test func `CSV quotes texts and leaves out what is missing`() {
        #expect(
            row(isCSV: true) == """
                "a""b","n","x","f","t"
                "q"" \\ \n\r\t\u{1} ü",-7,1e-05,"a;b",1970-01-01T00:00:00.000Z
                "",,,"",

                """)
    }

    @Test func `JSON Lines is strict JSON with null for what is missing`() throws {
        let lines = row(isCSV: false).split(separator: "\n")
        #expect(
            lines == [
                #"{"a\"b":"q\" \\ \n\r\t\u0001 ü","n":-7,"x":1e-05,"f":["a","b"],"t":"1970-01-01T00:00:00.000Z"}"#,
                #"{"a\"b":"","n":null,"x":null,"f":[],"t":null}"#,
            ])
        for line in lines { _ = try JSONParser.parse(Array(line.utf8)) }
    }

    @Test func `an export goes out in pieces, and ends when nobody wants more`() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let ids = try await store.ingest(
                texts: (0..<2000).map { "text \($0) " + String(repeating: "x", count: 300) })
            let verdict = ModelOutcome.prediction(.of(Records.finance, [0.125, 0.75, 0.125]))
            try await store.save(
                ids.map {
                    .init(contentID: $0, textVersion: 1, results: .init(models: ["finance": verdict], textInfo: nil))
                }, run: run)
            let selection = ExportSelection(layout: .long, models: try await store.analysedModels())
            let sizes = Mutex<[Int]>([])
            let rows = try await store.export(selection, isCSV: true) { bytes in
                sizes.withLock { $0.append(bytes.count) }
                return true
            }
            #expect(rows == 2000)
            let pieces = sizes.withLock { $0 }
            #expect(pieces.count > 2 && pieces.allSatisfy { $0 < 300_000 })
            let few = try await store.export(selection, isCSV: true) { _ in false }
            #expect(few < 2000)
        }
    }
}
