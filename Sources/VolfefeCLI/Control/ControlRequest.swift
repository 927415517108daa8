import Foundation

/// What a running supervisor can be asked over its socket.
struct ControlRequest: Codable, Sendable {
    /// `status` is answered with a `SupervisorStatus`, `reset` replaces the workers and is answered with `accepted`.
    enum Command: String, Codable {
        case status, reset
    }

    var command: Command
    /// With `reset`: one worker after the other, each when its successor is ready.
    var rolling: Bool?
}

/// The answers that are not a status.
enum ControlReply {
    /// The request will be carried out.
    struct Acceptance: Codable {
        var accepted: Bool
    }

    private struct Refusal: Codable {
        var error: String
    }

    /// An answer that says why nothing was done.
    static func refusal(_ sentence: String) -> [UInt8] {
        bytes(Refusal(error: sentence))
    }

    /// One line of JSON without its newline.
    static func bytes(_ value: some Encodable) -> [UInt8] {
        (try? JSON.line(value)).map { Array($0.utf8) } ?? []
    }
}
