import Foundation

/// Why there is no socket, or nobody at it.
enum SocketError: Error, CustomStringConvertible {
    /// The kernel said no: path and `errno`.
    case failed(String, Int32)
    /// More bytes than a socket's path may have.
    case pathTooLong(String)
    /// The folder of sockets is not safe to use: path, and what is wrong as a clause.
    case unsafeFolder(String, String)

    /// Whether nobody listens there: it was left behind by a supervisor that is gone.
    var isRefused: Bool {
        if case .failed(_, ECONNREFUSED) = self { true } else { false }
    }

    /// A full sentence that says what to do next.
    var description: String {
        switch self {
        case .failed(let path, let code):
            "the socket \(path) cannot be used: \(String(cString: strerror(code))). "
                + "The setting `runtime_dir` names another folder."
        case .pathTooLong(let path):
            "the path \(path) is longer than the \(UnixSocket.longestPath) bytes that a socket's may have. "
                + "Name a folder with a shorter path in the setting `runtime_dir`."
        case .unsafeFolder(let path, let clause):
            "the folder \(path) is not used for sockets: \(clause). "
                + "Make it yours alone (chmod 700), or name another one in the setting `runtime_dir`."
        }
    }
}
