import GRDB

/// Which jobs a person means.
public struct JobFilter: Sendable, Hashable {
    /// These alone.
    public var ids: [Int64]?
    /// In one of these states.
    public var states: [JobState]?
    /// In this queue, of this kind.
    public var queue, kind: String?
    /// Of this run of jobs.
    public var jobRun: Int64?

    /// All of them.
    public init(
        ids: [Int64]? = nil, states: [JobState]? = nil, queue: String? = nil, kind: String? = nil, jobRun: Int64? = nil
    ) {
        self.ids = ids
        self.states = states
        self.queue = queue
        self.kind = kind
        self.jobRun = jobRun
    }

    /// The condition on `jobs AS j`, with `arguments` bound.
    static let condition = """
        (:ids IS NULL OR j.id IN (SELECT value FROM json_each(:ids)))
        AND (:states IS NULL OR j.state IN (SELECT value FROM json_each(:states)))
        AND (:queue IS NULL OR j.queue = :queue)
        AND (:kind IS NULL OR j.kind = :kind)
        AND (:jobRun IS NULL OR j.job_run_id = :jobRun)
        """

    var arguments: StatementArguments {
        [
            "ids": ids.map(jsonArray),
            "states": states.map { "[" + $0.map { "\"\($0.rawValue)\"" }.joined(separator: ",") + "]" },
            "queue": queue, "kind": kind, "jobRun": jobRun,
        ]
    }
}
