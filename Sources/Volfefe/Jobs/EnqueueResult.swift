/// What became of jobs that were to be put in.
public struct EnqueueResult: Sendable, Hashable, Codable {
    /// The run of jobs; nil when nothing was put in.
    public var jobRun: Int64?
    /// Jobs put in.
    public var inserted = 0
    /// Jobs that were in the queue already.
    public var known = 0
    /// Those of them that are dead letters: they wait for a person.
    public var dead = 0

    /// An empty result.
    public init() {}

    enum CodingKeys: String, CodingKey {
        case inserted, known, dead
        case jobRun = "job_run_id"
    }
}

/// Which contents to put into the queue: those among them that miss a verdict.
public struct ContentFilter: Sendable, Hashable, Codable {
    /// These alone.
    public var ids: [Int64]?
    /// Of the source with this name.
    public var source: String?
    /// Published this many seconds ago at most, as seen when it is asked.
    public var sinceSeconds: Double?
    /// Published at or after, in Unix milliseconds.
    public var sinceMilliseconds: Int64?

    /// Everything.
    public init(
        ids: [Int64]? = nil, source: String? = nil, sinceMilliseconds: Int64? = nil, sinceSeconds: Double? = nil
    ) {
        self.ids = ids
        self.source = source
        self.sinceMilliseconds = sinceMilliseconds
        self.sinceSeconds = sinceSeconds
    }

    enum CodingKeys: String, CodingKey {
        case ids, source
        case sinceSeconds = "since_seconds"
        case sinceMilliseconds = "since_ms"
    }
}
