import Foundation
import GRDB
import Inference

/// Turns the rows of the two queries of an export into its own.
struct ExportRows {
    var encoder: ExportEncoder
    /// Rows of the export so far.
    private(set) var count = 0
    private let layout: ExportLayout
    /// Id of a model version → its place among the models of a wide row.
    private let places: [Int64: Int]
    private var open: Open?

    /// A wide row that may get more verdicts.
    private struct Open {
        let content: Int64
        var verdicts: [Verdict?]
    }

    /// What a wide row has of a verdict.
    private struct Verdict {
        let sentiment: Int
        let figures: [Double?]

        init(_ row: Row) {
            sentiment = row[10]
            figures = (11...17).map { row[$0] }
        }
    }

    init(_ selection: ExportSelection, isCSV: Bool) {
        layout = selection.layout
        places = Dictionary(selection.models.enumerated().map { ($0.element.id, $0.offset) }) { first, _ in first }
        encoder = ExportEncoder(columns: selection.columns, isCSV: isCSV)
        encoder.header(selection.columns)
    }

    /// Takes the next row of the query.
    mutating func add(_ row: Row) throws {
        switch layout {
        case .long:
            try content(row, source: 29)
            verdict(row)
            encoder.end()
            count += 1
        case .wide:
            let id: Int64 = row[0]
            if open?.content != id {
                end()
                try content(row, source: 18)
                open = Open(content: id, verdicts: Array(repeating: nil, count: places.count))
            }
            if let version = row[9] as Int64?, let place = places[version] { open?.verdicts[place] = Verdict(row) }
        }
    }

    /// Writes what waits for more verdicts.
    mutating func end() {
        guard let row = open else { return }
        open = nil
        for verdict in row.verdicts {
            guard let verdict else {
                for _ in 0..<ExportSelection.wideCount { encoder.null() }
                continue
            }
            encoder.text(Sentiment(code: verdict.sentiment).rawValue)
            for figure in verdict.figures { encoder.real(figure) }
        }
        encoder.end()
        count += 1
    }

    private mutating func content(_ row: Row, source: Int) throws {
        encoder.integer(row[0])
        encoder.text(row[source] as String)
        encoder.text(row[2] as String)
        encoder.time(row[3])
        encoder.text(row[4] as String?)
        encoder.text(row[5] as String?)
        try text(row, 6)
        encoder.integer(row[7])
        encoder.boolean(row[8])
    }

    /// A text as the bytes that it is: as a string it would end at its first NUL.
    private mutating func text(_ row: Row, _ index: Int) throws {
        let isThere = try row.withUnsafeData(atIndex: index) { (data: Data?) -> Bool in
            guard let data else { return false }
            data.withUnsafeBytes { encoder.text($0) }
            return true
        }
        if !isThere { encoder.null() }
    }

    private mutating func verdict(_ row: Row) {
        encoder.text(row[30] as String)
        encoder.text(row[31] as String)
        encoder.text(Sentiment(code: row[10]).rawValue)
        for index in 11...16 { encoder.real(row[index]) }
        let all = row[19] as String?
        encoder.names(
            all.flatMap { try? JSONDecoder().decode([String].self, from: Data($0.utf8)) } ?? QualityFlags.flags(row[18])
        )
        encoder.real(row[17])
        encoder.integer(row[20])
        encoder.integer(row[21])
        encoder.boolean(row[22])
        encoder.boolean(row[23])
        encoder.text(row[24] as String?)
        encoder.text(row[25] as String?)
        encoder.integer(row[26])
        encoder.integer(row[27])
        encoder.time(row[28])
    }
}
