/// One row of the self-test: a fault, what is asked of volfefe when it happens, and how to make it happen.
struct Fault: Sendable {
    /// `R1`…`R36`, as in docs/operations.md.
    let id: String
    /// What is done to the program.
    let injected: String
    /// What it has to do then.
    let required: String
    /// Makes it happen on a bench of its own and looks at what is left.
    let run: @Sendable (Bench) async throws -> Seen

    /// Every row, in the order of its number.
    static let all: [Fault] =
        (deaths + deadlines + launches + wire + replies + resources + supervisors + databases + models)
        .sorted { $0.number < $1.number }

    private var number: Int { Int(id.dropFirst()) ?? 0 }
}

/// What a row came to.
enum Verdict: String, Encodable, Sendable {
    case ok
    case failed = "FAILED"
    case skipped

    /// The word in its colour.
    var coloured: String {
        switch self {
        case .ok: Style.green(rawValue)
        case .failed: Style.red(rawValue)
        case .skipped: Style.yellow(rawValue)
        }
    }
}

/// What was seen when a fault happened: figures, and whatever is not as it has to be.
struct Seen: Sendable {
    private(set) var figures: [String] = []
    private(set) var violations: [String] = []
    private(set) var skips: [String] = []

    /// A figure for the table.
    mutating func note(_ figure: String) { figures.append(figure) }

    /// Something that has to hold; `otherwise` says what was seen instead.
    mutating func require(_ holds: Bool, _ otherwise: @autoclosure () -> String) {
        if !holds { violations.append(otherwise()) }
    }

    /// A part that cannot be injected on this machine: the row is not ok, whatever else was seen.
    mutating func skip(_ reason: String) { skips.append(reason) }

    var verdict: Verdict { !violations.isEmpty ? .failed : skips.isEmpty ? .ok : .skipped }

    /// One line for the table.
    var text: String {
        let wrong = violations.map { "NOT: \($0)" }
        let left = skips.map { "skipped: \($0)" }
        return (wrong + left + figures).joined(separator: "; ")
    }
}
