/// What a soak brought: counts, and every invariant that was broken.
struct SoakTally: Encodable, Sendable {
    var seed: UInt64
    var seconds = 0.0
    var waves = 0
    var texts = 0
    var rows = 0
    var setAside = 0
    var workerDeaths = 0
    var timeouts = 0
    var workerKills = 0
    var supervisorKills = 0
    var supervisorTerminations = 0
    var streamed = 0
    var maxMemoryMB = 0
    var minFiles = 0
    var maxFiles = 0
    var violations: [String] = []

    enum CodingKeys: String, CodingKey {
        case seed, seconds, waves, texts, rows, timeouts, streamed, violations
        case setAside = "set_aside"
        case workerDeaths = "worker_deaths"
        case workerKills = "worker_kills"
        case supervisorKills = "supervisor_kills"
        case supervisorTerminations = "supervisor_terminations"
        case maxMemoryMB = "max_memory_mb"
        case minFiles = "min_files"
        case maxFiles = "max_files"
    }

    /// As a table, with the violations below it.
    var rendered: String {
        var table = Table(("soak", .left), ("", .right))
        let lines: [(String, Int)] = [
            ("waves", waves), ("texts stored", texts), ("rows, each once", rows),
            ("cells set aside, all as due", setAside),
            ("deaths of workers by their texts", workerDeaths), ("of these at a deadline", timeouts),
            ("workers SIGKILLed", workerKills), ("supervisors SIGKILLed", supervisorKills),
            ("supervisors SIGTERMed", supervisorTerminations), ("texts through the long-lived pipe", streamed),
            ("its most memory, MB", maxMemoryMB), ("its fewest open files", minFiles),
            ("its most open files", maxFiles),
        ]
        table.add("seed", "\(seed)")
        table.add("seconds", seconds.digits(0))
        for (name, number) in lines { table.add(name, number.grouped) }
        table.add("violations", violations.isEmpty ? Style.green("0") : Style.red("\(violations.count)"))
        return ([table.rendered()] + violations.map { "  NOT: \($0)" }).joined(separator: "\n")
    }
}
