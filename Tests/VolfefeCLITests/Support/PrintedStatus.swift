import Foundation

/// What `volfefe status --json` promises, as far as tests look at it.
struct PrintedStatus: Decodable {
    struct Pool: Decodable {
        struct Worker: Decodable {
            let slot: Int
            let state: String
            let pid: Int32?
            let generation: Int?
            let requests, texts: Int
            let restarts: [String: Int]
        }
        struct Model: Decodable {
            let id, version: String
            let revision: String?
            let last_forward_age_ms: Double?
            let predictions: Int
        }
        struct Counters: Decodable {
            struct Times: Decodable {
                let count: Int
                let p99_ms: Double?
            }
            let texts: Int
            let latency, queue_time: Times
        }
        let state: String
        let running: Int
        let reasons: [String]
        let workers: [Worker]
        let models: [Model]
        let counters: Counters
    }
    let pid: Int32
    let version, command, database: String
    let started_at, uptime_ms: Double
    let pool: Pool

    var workerPIDs: Set<Int32> { Set(pool.workers.compactMap(\.pid)) }

    static func all(_ json: String) throws -> [PrintedStatus] {
        try JSONDecoder().decode([PrintedStatus].self, from: Data(json.utf8))
    }
}

extension Program {
    /// Asks for the status again and again until it is as `condition` wants it; nil when it is not within `limit`.
    ///
    /// The condition gets the exit status and the supervisors.
    func status(
        within limit: Duration = .seconds(30), until condition: (Int32, [PrintedStatus]) -> Bool
    ) async throws -> [PrintedStatus]? {
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let finished = try await run("status", "--json")
            let supervisors = try PrintedStatus.all(finished.output)
            if condition(finished.status, supervisors) { return supervisors }
        }
        return nil
    }
}
