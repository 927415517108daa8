import Foundation

/// Times of the wall clock of a zone, around one day, as times of the world. Pure.
struct WallClock {
    private let zone: TimeZone
    /// Seconds that the clock is ahead of UTC a day before and a day after, each once, greatest first.
    private let offsets: [Int]

    init(_ zone: TimeZone, around day: LocalDay) {
        self.zone = zone
        let noon = day.number * 86_400 + 43_200
        let seen = Set([noon - 129_600, noon, noon + 129_600].map { Self.offset(zone, $0) })
        offsets = seen.sorted(by: >)
    }

    /// When the clock shows `local` (seconds since 1970-01-01 00:00 of that clock): no time, one, or two, ascending; and, for
    /// where it shows it at no time, the first moment after the gap.
    func instants(of local: Int) -> (existing: [Int], afterGap: Int) {
        if offsets.count == 1 { return ([local - offsets[0]], local - offsets[0]) }
        let existing = offsets.map { local - $0 }.filter { Self.offset(zone, $0) + $0 == local }
        return (existing, existing.isEmpty ? gapEnd(local) : local)
    }

    /// The clock skips `local`: the moment at which it does, between the times that its offsets before and after would give.
    private func gapEnd(_ local: Int) -> Int {
        var before = local - (offsets.first ?? 0)
        var after = local - (offsets.last ?? 0)
        let old = Self.offset(zone, before)
        while after - before > 1 {
            let middle = (before + after) / 2
            if Self.offset(zone, middle) == old { before = middle } else { after = middle }
        }
        return after
    }

    private static func offset(_ zone: TimeZone, _ time: Int) -> Int {
        zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(time)))
    }
}
