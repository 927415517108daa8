/// A stretch of a submission that is given to a worker as one request.
struct RequestPart: Sendable {
    let submission: Submission
    /// When it came, or came back.
    var since = ContinuousClock.now
    /// Which of the submission's texts.
    var range: Range<Int>
    /// Deaths of workers that speak against it.
    var deaths = 0
    /// Workers that died while they had exactly these texts.
    var ownDeaths = 0

    /// What to do with a part whose worker has died.
    enum Fate: Equatable {
        /// Try it again.
        case retry
        /// Try these apart; each begins with that many deaths against it.
        case split([Half])
        /// One text that keeps killing workers.
        case setAside
    }

    /// Half of a part.
    struct Half: Equatable {
        var range: Range<Int>
        var deaths: Int
    }

    /// Decides by counting, with the new death in `deaths`: the whole again while `maxAttempts` allows, then halves, each of
    /// which another death splits. A text is set aside when it has killed `maxAttempts` workers all by itself, or more where
    /// `evidence` asks for more because workers die anyway.
    static func fate(range: Range<Int>, deaths: Int, maxAttempts: Int, evidence: Int = 0) -> Fate {
        guard range.count > 1 else { return deaths >= max(maxAttempts, evidence) ? .setAside : .retry }
        guard deaths >= maxAttempts else { return .retry }
        return .split(halves(of: range).map { Half(range: $0, deaths: $0.count > 1 ? maxAttempts - 1 : 0) })
    }

    static func halves(of range: Range<Int>) -> [Range<Int>] {
        let middle = range.lowerBound + (range.count + 1) / 2
        return [range.lowerBound..<middle, middle..<range.upperBound]
    }
}
