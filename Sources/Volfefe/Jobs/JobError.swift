/// What keeps a process from working on queues.
public enum JobError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Others have taken this process for dead, and its jobs from it.
    case lostLease(run: Int64)

    /// A full sentence that says what to do next.
    public var description: String {
        switch self {
        case .lostLease(let run):
            "run \(run) did not renew its lease in time, so its jobs were given to others and nothing of it was stored after "
                + "that. Start `volfefe work` again; when it happens often, set a longer job_lease."
        }
    }

    /// Exit status of a command that ends with this error.
    public var exitCode: Int32 {
        switch self {
        case .lostLease: 75
        }
    }
}
