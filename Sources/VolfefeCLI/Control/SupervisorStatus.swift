import Foundation
import Inference

/// How a running supervisor is: one element of what `volfefe status --json` prints. Unix seconds and milliseconds.
struct SupervisorStatus: Codable, Sendable {
    var pid: Int32
    var version: String
    /// Its command line, without the path of the program.
    var command: String
    /// Absolute path of the database in its settings, whether or not it has opened it.
    var database: String
    var startedAt: Double
    var uptimeMs: Double
    var pool: PoolSnapshot

    enum CodingKeys: String, CodingKey {
        case pid, version, command, database, pool
        case startedAt = "started_at"
        case uptimeMs = "uptime_ms"
    }
}
