/// What keeps a command from doing its work, apart from workers (`InferenceError`) and the database (`StoreError`).
public enum VolfefeError: Error, Sendable, CustomStringConvertible {
    /// Settings that cannot be used; one sentence per problem, each naming its file and line.
    case configuration([String])
    /// A file that must be there is not, or cannot be read.
    case notFound(String)
    /// The program that workers are made of is not there.
    case noInterpreter(String)
    /// Input that cannot be used at all.
    case badInput(String)
    /// Something was asked for that the command does not do.
    case usage(String)
    /// Reading or writing failed.
    case inputOutput(String)

    /// A full sentence that says what to do next.
    public var description: String {
        switch self {
        case .configuration(let problems): problems.joined(separator: "\n")
        case .notFound(let sentence), .noInterpreter(let sentence), .badInput(let sentence), .usage(let sentence),
            .inputOutput(let sentence):
            sentence
        }
    }

    /// Exit status of a command that ends with this error.
    public var exitCode: Int32 {
        switch self {
        case .configuration: 78
        case .notFound: 66
        case .noInterpreter: 69
        case .badInput: 65
        case .usage: 64
        case .inputOutput: 74
        }
    }
}
