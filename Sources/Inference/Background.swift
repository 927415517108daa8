import Foundation

/// How often workers die for reasons of their own, and so how much evidence it takes to call a text deadly. Pure.
///
/// A death is known to be no text's fault when the worker had none, or when the very same texts were answered afterwards.
struct Background: Sendable, Equatable {
    /// Chance of calling an innocent text deadly that is accepted.
    private static let accepted = 1e-5

    private(set) var unexplained = 0
    private(set) var answered = 0

    /// A worker was killed while it had no request.
    mutating func diedIdle() { unexplained += 1 }

    /// Texts were answered, after so many deaths of workers that had exactly them.
    mutating func answered(after deaths: Int) {
        answered += 1
        unexplained += deaths
    }

    /// Deaths in a row that a single text must cause: with share p of requests that die anyway, the n with pⁿ ≤ 10⁻⁵; at
    /// most 20, and 0 while nothing dies by itself.
    var evidence: Int {
        guard unexplained > 0 else { return 0 }
        let share = min(Double(unexplained) / Double(unexplained + answered), 0.9)
        return min(Int((log(Self.accepted) / log(share)).rounded(.up)), 20)
    }
}
