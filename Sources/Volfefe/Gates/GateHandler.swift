/// Jobs that look at the gates: what a cron entry of the kind `gates` runs.
public struct GateHandler: JobHandler {
    /// The kind of these jobs; they need no arguments.
    public static let name = "gates"

    /// `gates`.
    public let kind = Self.name
    /// One at a time: each looks at everything.
    public let chunk = 1
    private let look: @Sendable () async throws -> [GateReport]

    /// Prepares a handler; `look` looks at the gates and has changes told.
    public init(look: @escaping @Sendable () async throws -> [GateReport]) { self.look = look }

    /// Looks at the gates; a gate that is missed is no failure of the job.
    public func perform(_ jobs: [Job], in context: JobContext) async throws {
        for job in jobs {
            guard !context.stop.isRequested else {
                try await context.settle([JobEnd(job, .givenBack)])
                continue
            }
            let reports = try await look()
            let missed = reports.filter { $0.verdict == .fail }.map {
                $0.gate.rawValue + ($0.source.map { ":" + $0 } ?? "")
            }
            let reason = missed.isEmpty ? "no gate is missed" : "missed: \(missed.joined(separator: ", "))"
            try await context.settle([JobEnd(job, .completed(reason: reason))])
        }
    }
}
