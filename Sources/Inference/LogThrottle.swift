/// Lets so many lines a second through, and counts the rest. Pure: the time is a parameter.
struct LogThrottle {
    enum Decision: Equatable {
        /// Say the line, after so many that were dropped before it.
        case pass(dropped: Int)
        case drop
    }

    /// Lines per second.
    static let limit = 50

    private var second: ContinuousClock.Instant?
    private var passed = 0
    private var dropped = 0

    mutating func next(at now: ContinuousClock.Instant) -> Decision {
        if second.map({ now - $0 >= .seconds(1) }) ?? true {
            second = now
            passed = 0
        }
        guard passed < Self.limit else {
            dropped += 1
            return .drop
        }
        passed += 1
        defer { dropped = 0 }
        return .pass(dropped: dropped)
    }
}
