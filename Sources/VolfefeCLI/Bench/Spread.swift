/// Median, least and greatest of the rounds.
struct Spread: Codable, Sendable, Hashable {
    let median, min, max: Double

    /// nil without values.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let least = sorted.first, let most = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
        min = least
        max = most
    }

    /// `1.23 (1.20–1.31)`; the median alone where the rounds do not differ.
    func text(_ digits: Int) -> String {
        min == max ? median.digits(digits) : "\(median.digits(digits)) (\(min.digits(digits))–\(max.digits(digits)))"
    }
}

extension [Double] {
    /// The value that a share `share` (0…1) of the values does not exceed, by nearest rank; nil without values.
    func quantile(_ share: Double) -> Double? {
        guard !isEmpty else { return nil }
        let rank = Int((share * Double(count)).rounded(.up))
        return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}
