/// The runs that work on the same selection at the same time: what one of them has tried, no other tries again.
///
/// Runs that began later have greater numbers. No clock is asked.
public struct Effort: Sendable, Hashable {
    /// Number of the run that asks.
    public var run: Int64
    /// Earlier runs that were alive when it began.
    public var others: [Int64]

    /// Nobody's: every failure is worth another attempt.
    static let none = Effort(run: .max, others: [])
}
