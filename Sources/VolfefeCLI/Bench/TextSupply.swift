/// Texts that no worker has seen yet.
///
/// Engines that adapt to shapes look faster on texts that come again, so each is handed out once; when all are used up
/// they come again with a mark behind them.
struct TextSupply: Sendable {
    private let texts: [String]
    private var taken = 0

    /// `texts` must not be empty.
    init(_ texts: [String]) {
        self.texts = texts
    }

    /// Whether some were handed out more than once, told apart by a mark.
    var hasMarked: Bool { taken > texts.count }

    /// The next `count` texts.
    mutating func take(_ count: Int) -> [String] {
        defer { taken += count }
        return (taken..<taken + count).map { place in
            let (lap, index) = place.quotientAndRemainder(dividingBy: texts.count)
            return lap == 0 ? texts[index] : "\(texts[index]) (\(lap).\(index))"
        }
    }
}
