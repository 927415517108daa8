import ArgumentParser
import Volfefe

/// `volfefe work`: the daemon that does what is in the queues.
struct WorkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "work",
        abstract: "Do what is in the queues, until it is asked to stop.",
        discussion: """
            Any number of them may work on one database. SIGTERM or SIGINT: nothing new is
            begun, what is running is finished within `shutdown_grace`, the rest goes back into
            its queue without an attempt being counted. After a crash the jobs run again as soon
            as another one runs.

              volfefe work
              volfefe work --queues recent=64,default
              volfefe work --until-empty                  ends when nothing is left
              volfefe work --pidfile /run/volfefe.pid

            Under systemd: Type=notify, WatchdogSec as you like.

            Exit status: 0 with --until-empty; 130 or 143 stopped by a signal; 69 no worker could
            serve; 75 the lease was lost, or --pidfile is held.
            """)

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .long, help: "Queues, with commas between them; name=N: N jobs in hand at once (default: all queues).",
        transform: QueueList.init)
    var queues: QueueList?

    @Option(name: .long, help: "File for the process id; refused while another process holds it.")
    var pidfile: String?

    @Flag(name: .customLong("until-empty"), help: "End when nothing is left but what is scheduled for later.")
    var untilEmpty = false

    @Flag(name: .long, help: "Run without models that cannot be loaded.")
    var degraded = false

    func run() async throws {
        try await reportingErrors {
            let supervisor = try Supervisor(global, degraded: degraded)
            try supervisor.requireDatabase()
            let pidFile = try pidfile.map(PIDFile.init)
            defer { pidFile?.release() }
            return try await QueueWork(
                supervisor, queues: queues?.limits ?? [:], untilEmpty: untilEmpty, isVerbose: global.verbose
            ).run()
        }
    }

    /// `a=2,b`.
    struct QueueList: Sendable {
        let limits: [String: Int?]

        init(_ text: String) throws {
            var limits: [String: Int?] = [:]
            for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                let pieces = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                    \.trimmingSpaces)
                let limit = pieces.count == 2 ? Int(pieces[1]) : nil
                guard !pieces[0].isEmpty, pieces.count == 1 || limit.map((1...100_000).contains) == true else {
                    throw ValidationError("\"\(part)\" is no queue; write name or name=N, with N from 1 to 100000.")
                }
                guard !limits.keys.contains(pieces[0]) else {
                    throw ValidationError("the queue \(pieces[0]) is named twice.")
                }
                limits.updateValue(limit, forKey: pieces[0])
            }
            self.limits = limits
        }
    }
}
