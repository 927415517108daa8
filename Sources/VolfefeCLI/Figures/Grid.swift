import Volfefe

/// Rows of figures, printed as an aligned table with rounded figures or as CSV with all their digits.
struct Grid {
    /// One cell.
    enum Cell {
        case text(String)
        case count(Int?)
        /// A number that names something.
        case id(Int64)
        /// A figure, and its digits after the point in a table.
        case figure(Double?, digits: Int)

        /// A share or coefficient, with three digits.
        static func share(_ value: Double?) -> Cell { .figure(value, digits: 3) }
    }

    private let columns: [(title: String, alignment: Table.Alignment)]
    private(set) var rows: [[Cell]] = []

    /// Columns with text begin with `<`; the others are numbers.
    init(_ titles: [String]) {
        columns = titles.map { $0.hasPrefix("<") ? (String($0.dropFirst()), .left) : ($0, .right) }
    }

    mutating func add(_ cells: Cell...) { rows.append(cells) }
    mutating func add(cells: [Cell]) { rows.append(cells) }

    /// For people.
    func rendered(indent: String = "") -> String {
        var table = Table(columns: columns.map { ($0.title, $0.alignment) })
        for row in rows { table.add(cells: row.map(\.rounded)) }
        return table.rendered(indent: indent)
    }

    /// For spreadsheets: a header, then a line per row.
    var csv: String {
        let names = columns.map { $0.title.replacing(" ", with: "_") }
        return ([CSV.line(names)] + rows.map { CSV.line($0.map(\.plain)) }).joined(separator: "\n")
    }
}

extension Grid.Cell {
    fileprivate var rounded: String {
        switch self {
        case .text(let text): text.preview(80)
        case .count(let count): count?.grouped ?? "–"
        case .id(let id): String(id)
        case .figure(let value, let digits): value?.digits(digits) ?? "–"
        }
    }

    fileprivate var plain: String {
        switch self {
        case .text(let text): text
        case .count(let count): count.map(String.init) ?? ""
        case .id(let id): String(id)
        case .figure(let value, _): value.map { "\($0)" } ?? ""
        }
    }
}

/// CSV as RFC 4180 has it, with line feeds.
enum CSV {
    /// One line without its end.
    static func line(_ cells: [String]) -> String { cells.map(quoted).joined(separator: ",") }

    private static func quoted(_ cell: String) -> String {
        guard cell.utf8.contains(where: { [0x22, 0x2C, 0x0A, 0x0D].contains($0) }) else { return cell }
        return "\"" + cell.replacing("\"", with: "\"\"") + "\""
    }
}
