import ArgumentParser

/// Options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(name: .long, help: "SQLite database (default ./volfefe.db; VOLFEFE_DATABASE, setting `database`).")
    var database: String?

    @Option(name: .long, help: "Settings file to use instead of ./volfefe.yaml.")
    var config: String?

    @Option(name: .long, help: "Set of models to run: default, hub, or one of your own.")
    var profile: String?

    @Option(name: .long, help: "Worker processes (default: as many as cores and memory allow).")
    var workers: Int?

    @Option(name: .long, help: "Python interpreter for the workers.")
    var python: String?

    @Option(name: .long, help: "Folder that holds priv/ml and volfefe.yaml.")
    var root: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Any setting, by its dotted name: gates.backlog=500. May be repeated.", valueName: "key=value"))
    var assignments: [String] = []

    @Flag(name: .shortAndLong, help: "Say more: a line per item, the workers' own messages.")
    var verbose = false

    func validate() throws {
        for assignment in assignments where !assignment.contains("=") {
            throw ValidationError("--set \(assignment): write KEY=VALUE, as in sources.truth_social.mode=full.")
        }
        if let workers, workers < 1 { throw ValidationError("--workers must be at least 1.") }
    }

    /// Settings given as flags, by their key.
    var settings: [String: String] {
        let given: [(String, String?)] = [
            ("database", database), ("profile", profile), ("workers", workers.map(String.init)), ("python", python),
        ]
        return Dictionary(uniqueKeysWithValues: given.compactMap { key, value in value.map { (key, $0) } })
    }
}
