import Foundation
import Synchronization
import Volfefe

/// Prints the answer to a query: CSV and JSON row by row, a table when all rows are there.
final class AnswerPrinter: Sendable {
    private enum Shape { case table, csv, json }

    fileprivate struct State {
        var columns: [String] = []
        var table: Table?
        var rows = 0
        var pending: [UInt8] = []
        var hasReader = true
    }

    private let shape: Shape
    private let state = Mutex(State())

    init(_ format: FigureOptions) { shape = format.json ? .json : format.csv ? .csv : .table }

    /// Takes the names of the columns.
    func begin(_ columns: [String]) throws {
        state.withLock { state in
            state.columns = columns
            switch shape {
            case .csv: state.pending += Array((CSV.line(columns) + "\n").utf8)
            case .json: state.pending += Array("[".utf8)
            case .table: break
            }
        }
    }

    /// Takes a row; false when nobody reads any more.
    func add(_ row: [QueryValue]) throws -> Bool {
        try state.withLock { state in
            switch shape {
            case .csv: state.pending += Array((CSV.line(row.map(\.plain)) + "\n").utf8)
            case .json:
                state.pending += Array(((state.rows == 0 ? "" : ",\n ") + (try object(row, state.columns))).utf8)
            case .table:
                // A column is one of numbers when its first value is.
                var table =
                    state.table ?? Table(columns: zip(state.columns, row).map { ($0, $1.isNumber ? .right : .left) })
                table.add(cells: row.map { $0.plain.preview(60) })
                state.table = table
            }
            state.rows += 1
            if state.pending.count > 1 << 16 { state.flush() }
            return state.hasReader
        }
    }

    /// Prints what is left.
    func end() throws {
        state.withLock { state in
            switch shape {
            case .csv: break
            case .json: state.pending += Array("]\n".utf8)
            case .table:
                let table = state.table ?? Table(columns: state.columns.map { ($0, .left) })
                state.pending += Array((table.rendered() + "\n").utf8)
            }
            state.flush()
        }
    }

    /// An object with its members in the order of the columns.
    private func object(_ row: [QueryValue], _ columns: [String]) throws -> String {
        "{" + (try zip(columns, row).map { "\(try JSON.line($0)):\(try JSON.line($1))" }).joined(separator: ",") + "}"
    }
}

extension AnswerPrinter.State {
    fileprivate mutating func flush() {
        hasReader = Terminal.write(pending, to: STDOUT_FILENO)
        pending.removeAll(keepingCapacity: true)
    }
}

extension QueryValue {
    fileprivate var plain: String {
        switch self {
        case .null: ""
        case .integer(let value): String(value)
        case .real(let value): "\(value)"
        case .text(let text): text
        case .blob(let bytes): bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        }
    }

    fileprivate var isNumber: Bool {
        switch self {
        case .integer, .real: true
        case .null, .text, .blob: false
        }
    }
}
