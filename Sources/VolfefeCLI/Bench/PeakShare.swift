/// How much of a unit's peak a model reaches.
struct PeakShare: Codable, Sendable, Hashable {
    /// Name of the unit.
    let unit: String
    /// 0…1.
    let share: Double

    /// Shares of the best vector unit of a precision, and of its tiles where there are any: two yardsticks, as a library may
    /// use either.
    static func shares(of gops: Double, precision: String, peaks: [UnitPeak]) -> [PeakShare] {
        let own = peaks.filter { $0.precision == precision && $0.gops > 0 }
        let vector = own.filter { $0.unit != "amx" }.max { $0.gops < $1.gops }
        let tiles = own.first { $0.unit == "amx" }
        return [vector, tiles].compactMap { $0 }.map { PeakShare(unit: $0.unit, share: gops / $0.gops) }
    }
}
