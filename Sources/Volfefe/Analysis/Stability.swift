import Foundation

/// The population stability index of two sets of shares, Σ (q − p) ln (q / p), and what it is usually taken to mean.
///
/// A bin that is empty on one side counts as half a content there, as its logarithm has no value otherwise. The bands are
/// those of Siddiqi, "Credit Risk Scorecards", 2006.
public struct Stability: Sendable, Hashable, Encodable {
    /// What a value is usually taken to mean.
    public enum Band: String, Sendable, Hashable, Encodable {
        /// Below 0.1.
        case stable
        /// From 0.1.
        case moderate
        /// From 0.25.
        case major
    }

    /// Contents of the reference and of now between two limits.
    public struct Bin: Sendable, Hashable, Encodable {
        /// From here on; nil: no lower limit.
        public var low: Double?
        /// Up to here, which is not in it; nil: no upper limit.
        public var high: Double?
        /// Contents.
        public var reference, current: Int

        /// Writes a missing limit as null.
        public func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(low, forKey: .low)
            try container.encode(high, forKey: .high)
            try container.encode(reference, forKey: .reference)
            try container.encode(current, forKey: .current)
        }

        enum CodingKeys: String, CodingKey { case low, high, reference, current }
    }

    /// The index, at least 0; nil where one side is empty.
    public var value: Double?
    /// What it is usually taken to mean.
    public var band: Band?
    /// What it would be on average if nothing had changed: (bins − 1) (1/n + 1/m) (Yurdakul, 2018). It is much for few contents.
    public var byChance: Double?
    /// Its bins; empty for sentiments.
    public var bins: [Bin]

    enum CodingKeys: String, CodingKey {
        case value, band, bins
        case byChance = "by_chance"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(value, forKey: .value)
        try container.encode(band, forKey: .band)
        try container.encode(byChance, forKey: .byChance)
        if !bins.isEmpty { try container.encode(bins, forKey: .bins) }
    }

    /// Of counts bin by bin; a bin that is empty on both sides does not count.
    init(reference: [Int], current: [Int]) {
        bins = []
        let filled = zip(reference, current).filter { $0 + $1 > 0 }
        let (n, m) = (Double(reference.reduce(0, +)), Double(current.reduce(0, +)))
        guard n > 0, m > 0 else { return }
        let index = filled.reduce(0.0) { sum, counts in
            let p = max(Double(counts.0), 0.5) / n
            let q = max(Double(counts.1), 0.5) / m
            return sum + (q - p) * log(q / p)
        }
        value = index
        band = index < 0.1 ? .stable : index < 0.25 ? .moderate : .major
        byChance = Double(filled.count - 1) * (1 / n + 1 / m)
    }

    /// Of ascending values, in ten bins between the deciles of the reference, those that are equal taken once.
    init(reference: [Double], current: [Double]) {
        var limits: [Double] = []
        if !reference.isEmpty {
            for tenth in 1..<10 {
                let limit = LatencyReport.Times.percentile(Double(tenth) / 10, of: reference)
                if limits.last != limit { limits.append(limit) }
            }
        }
        let (before, after) = (Self.counts(reference, limits), Self.counts(current, limits))
        self.init(reference: before, current: after)
        guard value != nil else { return }
        bins = before.indices.map { index in
            Bin(
                low: index > 0 ? limits[index - 1] : nil, high: index < limits.count ? limits[index] : nil,
                reference: before[index], current: after[index])
        }
    }

    /// How many ascending values lie in each bin; a value at a limit lies above it.
    private static func counts(_ values: [Double], _ limits: [Double]) -> [Int] {
        var counts = [Int](repeating: 0, count: limits.count + 1)
        var bin = 0
        for value in values {
            while bin < limits.count, value >= limits[bin] { bin += 1 }
            counts[bin] += 1
        }
        return counts
    }
}
