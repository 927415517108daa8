/// From values to places along an axis.
struct Scale {
    /// How values are spread.
    enum Kind { case linear, logarithmic }

    let kind: Kind
    let low, high: Double
    let start, end: Double

    /// `low` lies at `start`, `high` at `end`; a logarithmic scale needs a positive `low`.
    init(_ kind: Kind = .linear, from low: Double, to high: Double, at start: Double, _ end: Double) {
        self.kind = kind
        self.low = low
        self.high = high > low ? high : low + 1
        self.start = start
        self.end = end
    }

    /// Where a value lies; those beyond the ends lie at the ends.
    func callAsFunction(_ value: Double) -> Double {
        let share =
            switch kind {
            case .linear: (value - low) / (high - low)
            case .logarithmic: Decades.log10(max(value, low) / low) / Decades.log10(high / low)
            }
        return start + min(max(share, 0), 1) * (end - start)
    }

    /// About `count` round values between the ends.
    func ticks(_ count: Int) -> [Double] {
        switch kind {
        case .linear: Self.roundTicks(low, high, count)
        case .logarithmic: Self.decadeTicks(low, high, count)
        }
    }

    private static func roundTicks(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        let rough = (high - low) / Double(max(count, 1))
        let power = Decades.power(Int(Decades.log10(rough).rounded(.down)))
        let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.999 } ?? 10 * power
        let first = Int((low / step - 1e-9).rounded(.up))
        let last = Int((high / step + 1e-9).rounded(.down))
        // Products, not sums: no tick is 0.30000000000000004.
        return first <= last ? (first...last).map { Double($0) * step } : []
    }

    private static func decadeTicks(_ low: Double, _ high: Double, _ count: Int) -> [Double] {
        let decades = Int(Decades.log10(low).rounded(.down))...Int(Decades.log10(high).rounded(.up))
        for factors in [[1.0, 2, 5], [1, 3], [1]] {
            let ticks = decades.flatMap { decade in factors.map { $0 * Decades.power(decade) } }
                .filter { $0 >= low * 0.9999 && $0 <= high * 1.0001 }
            if ticks.count <= count || factors.count == 1 {
                let stride = (ticks.count + count - 1) / max(count, 1)
                return ticks.enumerated().filter { $0.offset % max(stride, 1) == 0 }.map(\.element)
            }
        }
        return []
    }
}
