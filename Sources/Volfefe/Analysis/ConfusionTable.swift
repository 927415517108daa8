import Inference

/// How often one rater said a sentiment (row) while another said the same or another one (column).
public struct ConfusionTable: Sendable, Hashable, Encodable {
    /// Sentiments of rows and columns, in their order.
    public let labels: [Sentiment]
    /// Contents by row and column.
    public private(set) var counts: [[Int]]

    /// An empty table over these sentiments.
    public init(labels: [Sentiment] = Sentiment.allCases) {
        self.labels = labels
        counts = Array(repeating: Array(repeating: 0, count: labels.count), count: labels.count)
    }

    /// A table of counts by row and column.
    init(labels: [Sentiment] = Sentiment.allCases, counts: [[Int]]) {
        self.labels = labels
        self.counts = counts
    }

    /// Counts `count` contents; ignored when a sentiment is not among the labels.
    mutating func add(_ first: Sentiment, _ second: Sentiment, count: Int = 1) {
        guard let row = labels.firstIndex(of: first), let column = labels.firstIndex(of: second) else { return }
        counts[row][column] += count
    }

    /// All contents.
    public var total: Int { counts.reduce(0) { $0 + $1.reduce(0, +) } }
    /// Contents on which both say the same.
    public var agreeing: Int { labels.indices.reduce(0) { $0 + counts[$1][$1] } }
    /// Share of contents on which both say the same, with Wilson's interval.
    public var agreement: Estimate { .share(agreeing, of: total) }
    /// Contents by row.
    var rowTotals: [Int] { counts.map { $0.reduce(0, +) } }
    /// Contents by column.
    var columnTotals: [Int] { labels.indices.map { column in counts.reduce(0) { $0 + $1[column] } } }

    /// Cohen's κ: agreement beyond chance, κ = (Po − Pe) / (1 − Pe) with Pe = Σ p(i·) p(·i).
    ///
    /// Cohen, Educational and Psychological Measurement 20 (1960). The interval is κ ± 1.96 standard errors, with the
    /// large-sample variance of Fleiss, Cohen and Everitt, Psychological Bulletin 72 (1969), clipped to −1…1.
    public var cohenKappa: Estimate {
        let n = Double(total)
        guard n > 0 else { return .undefined("no contents") }
        let rows = rowTotals.map { Double($0) / n }
        let columns = columnTotals.map { Double($0) / n }
        let observed = Double(agreeing) / n
        let expected = zip(rows, columns).reduce(0) { $0 + $1.0 * $1.1 }
        guard rowTotals.indices.allSatisfy({ rowTotals[$0] < total || columnTotals[$0] < total }) else {
            return .undefined("only one sentiment was ever said")
        }
        let kappa = (observed - expected) / (1 - expected)
        var spread = 0.0
        for (i, row) in counts.enumerated() {
            for (j, count) in row.enumerated() {
                let share = Double(count) / n
                let weight =
                    i == j ? 1 - (rows[i] + columns[i]) * (1 - kappa) : (1 - kappa) * (columns[i] + rows[j])
                spread += share * weight * weight
            }
        }
        let offset = kappa - expected * (1 - kappa)
        let variance = (spread - offset * offset) / ((1 - expected) * (1 - expected)) / n
        return .coefficient(kappa, variance: total > 1 ? variance : nil)
    }
}
