/// A stretch of a submission that is given to a worker as one request.
struct RequestPart: Sendable {
    let submission: Submission
    /// When it came, or came back.
    var since = ContinuousClock.now
    /// Which of the submission's texts.
    var range: Range<Int>
    /// Workers that died, or were killed for lateness, while they had these texts.
    var deaths = 0

    /// What to do with a part whose worker has died.
    enum Fate: Equatable {
        /// Try again, as these ranges with that many deaths on their account.
        case retry([Range<Int>], deaths: Int)
        /// One text that keeps killing workers.
        case setAside
    }

    /// Decides by counting: the whole again while `maxAttempts` allows, then halves, then the single text is set aside.
    static func fate(range: Range<Int>, deaths: Int, maxAttempts: Int) -> Fate {
        let deaths = deaths + 1
        if deaths < maxAttempts { return .retry([range], deaths: deaths) }
        guard range.count > 1 else { return .setAside }
        return .retry(halves(of: range), deaths: deaths - 1)
    }

    static func halves(of range: Range<Int>) -> [Range<Int>] {
        let middle = range.lowerBound + (range.count + 1) / 2
        return [range.lowerBound..<middle, middle..<range.upperBound]
    }
}
