/// What keeps the pool from answering at all; trouble with a single text is a `ModelFailure` instead.
public enum InferenceError: Error, Sendable, CustomStringConvertible {
    /// A worker says that it can never start: a missing or changed model, a bad configuration.
    case cannotStart(WorkerFatal)
    /// Workers keep dying; restarting has been given up.
    case noWorker(command: String, reason: String, stderr: [String])
    /// Two workers of one pool loaded different weights for a model, or run it in different engines or precisions.
    case mixedRevisions(model: String, first: String, second: String)
    /// A worker that is well refuses a request, or fails at it.
    case refused(request: String, code: String, message: String)
    /// The pool is shutting down.
    case closed

    /// A full sentence that says what to do next.
    public var description: String {
        switch self {
        case .cannotStart(let fatal):
            var sentence = fatal.message
            if let path = fatal.path, !sentence.contains(path) { sentence += " (\(path))" }
            if let remedy = fatal.remedy { sentence += "\n  → \(remedy)" }
            return sentence
        case .noWorker(let command, let reason, let stderr):
            let tail = stderr.isEmpty ? "" : "\nits last words:\n" + stderr.map { "  | \($0)" }.joined(separator: "\n")
            return
                "no worker could serve: \(reason)\ncommand: \(command)\(tail)\n  → try it by hand, or run: volfefe doctor"
        case .mixedRevisions(let model, let first, let second):
            return
                "workers loaded \(model) differently: \(first) and \(second); something replaced the model's "
                + "files while volfefe ran. Run it again."
        case .refused(let request, let code, let message):
            return
                "a phase worker answered `\(request)` with \(code): \(message). docs/phases.md says what it can be asked."
        case .closed:
            return "the worker pool is shutting down"
        }
    }

    /// Exit status of a command that ends with this error.
    public var exitCode: Int32 {
        switch self {
        case .cannotStart(let fatal): fatal.exit
        case .noWorker: 69
        case .mixedRevisions: 78
        case .refused, .closed: 70
        }
    }
}
