/// The flags of a prediction as a bit mask; `quality_flags` is the same table in the database.
enum QualityFlags {
    /// Names by bit, lowest first.
    static let names = [
        "high_confidence", "perfect_score", "clear_winner", "ambiguous", "low_uncertainty", "high_uncertainty",
    ]

    /// The bit of `perfect_score`.
    static let perfectScore = 2

    /// The mask of the known names among `flags`, and whether it says everything: unknown, repeated or differently ordered
    /// names have to be kept as they are.
    static func mask(_ flags: [String]) -> (mask: Int, isComplete: Bool) {
        let mask = flags.reduce(0) { mask, flag in names.firstIndex(of: flag).map { mask | 1 << $0 } ?? mask }
        return (mask, self.flags(mask) == flags)
    }

    /// The names of a mask.
    static func flags(_ mask: Int) -> [String] {
        names.indices.filter { mask & (1 << $0) != 0 }.map { names[$0] }
    }
}
