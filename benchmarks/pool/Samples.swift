/// Durations in milliseconds, sorted when they are asked.
struct Samples: Sendable {
    private(set) var values: [Double] = []

    init(_ values: [Double] = []) { self.values = values }

    mutating func add(_ value: Double) { values.append(value) }
    mutating func add(_ duration: Duration) { values.append(duration / .milliseconds(1)) }

    var median: Double { quantile(0.5) }
    var p99: Double { quantile(0.99) }
    var least: Double { values.min() ?? .nan }
    var greatest: Double { values.max() ?? .nan }

    /// The smallest value that a share `q` of the values does not exceed.
    private func quantile(_ q: Double) -> Double {
        guard !values.isEmpty else { return .nan }
        let rank = Int((q * Double(values.count)).rounded(.up))
        return values.sorted()[min(max(rank, 1), values.count) - 1]
    }
}

/// Rows of cells under titles, the first column to the left, the others to the right.
struct Columns {
    private var rows: [[String]]

    init(_ titles: String...) { rows = [titles] }

    mutating func add(_ cells: String...) { rows.append(cells) }

    var text: String {
        let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            row.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - row[column].count)
                return column == 0 ? row[column] + space : space + row[column]
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}

extension Double {
    /// With three digits after the point.
    var shown: String {
        guard isFinite else { return "–" }
        let thousandths = Int((self * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000)." + String(repeating: "0", count: 3 - rest.count) + rest
    }
}
