import Foundation
import Inference

/// What one supervisor said about itself, as it said it and as it is understood here.
struct SupervisorReport: Decodable, Sendable {
    /// The quantiles of one kind of duration, in milliseconds. `Distribution` writes them and does not read them back.
    struct Times: Decodable, Sendable {
        var count: Int
        var max_ms: Double
        var p50_ms, p95_ms, p99_ms: Double?
    }

    /// The line of JSON.
    private(set) var json = ""
    let status: SupervisorStatus
    /// From a request's arrival to its worker; from there to its answer; from launch to ready.
    let queueTime, latency, startTime: Times

    /// Reads a supervisor's answer; throws when it is none.
    init(reply: [UInt8]) throws {
        self = try JSONDecoder().decode(Self.self, from: Data(reply))
        json = String(decoding: reply, as: UTF8.self)
    }

    init(from decoder: any Decoder) throws {
        status = try SupervisorStatus(from: decoder)
        let counters = try decoder.container(keyedBy: CodingKeys.self)
            .nestedContainer(keyedBy: CodingKeys.self, forKey: .pool)
            .nestedContainer(keyedBy: CodingKeys.self, forKey: .counters)
        queueTime = try counters.decode(Times.self, forKey: .queueTime)
        latency = try counters.decode(Times.self, forKey: .latency)
        startTime = try counters.decode(Times.self, forKey: .startTime)
    }

    private enum CodingKeys: String, CodingKey {
        case pool, counters, latency
        case queueTime = "queue_time"
        case startTime = "start_time"
    }
}
