import Foundation
import Inference

/// How many restarts a second the pool can do, and what ten thousand of them leave behind in its process.
///
/// The worker is a shell script that becomes ready and dies of its first request, so that nearly all of the time and all
/// of the memory are the supervisor's.
struct Restarts {
    let count: Int
    private static let workers = 2

    func run() async throws -> String {
        let command = ["/bin/sh", "-c", Self.script]
        let (before, after, deaths, seconds) = try await WorkerPool.withPool(
            Setup.pool(command, workers: Self.workers)
        ) { [count] pool in
            try await Self.kill(pool, atLeast: 200)  // whatever is allocated once is there now
            let (before, deathsBefore) = (Footprint.now, pool.counts.deaths)
            let begun = ContinuousClock.now
            try await Self.kill(pool, atLeast: deathsBefore + count)
            let seconds = (ContinuousClock.now - begun) / .seconds(1)
            return (before, Footprint.now, pool.counts.deaths - deathsBefore, seconds)
        }
        guard deaths >= count else { throw BenchmarkError.tooFewRestarts(deaths) }
        var table = Columns("\(deaths) restarts", "before", "after")
        table.add("resident memory, MB", before.residentMB.shown, after.residentMB.shown)
        table.add("open files", "\(before.openFiles)", "\(after.openFiles)")
        table.add("threads", "\(before.threads)", "\(after.threads)")
        table.add("peak memory, MB", before.peakMB.shown, after.peakMB.shown)
        return table.text + "\nrestarts per second, \(Self.workers) workers: \((Double(deaths) / seconds).shown)"
    }

    /// Each text kills its worker until it is set aside.
    private static func kill(_ pool: WorkerPool, atLeast deaths: Int) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    while pool.counts.deaths < deaths {
                        _ = try await pool.classify(["deadly"], models: Setup.modelIDs)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private static var script: String {
        let labels = Sentiment.allCases.map { #"{"name":"\#($0.rawValue)","sentiment":"\#($0.rawValue)"}"# }
        let models = Setup.modelIDs.map { id in
            #"{"id":"\#(id)","version":"1.0","engine":"none","engine_version":"0","precision":"fp32","device":"cpu","#
                + #""revision":"sha256:0","labels":[\#(labels.joined(separator: ","))],"has_neutral":true,"#
                + #""load_ms":0,"first_call_ms":0,"second_call_ms":0}"#
        }
        let list = "[\(models.joined(separator: ","))]"
        let environment = #"{"python":"none","platform":"none","volfefe_ml":"0","packages":{}}"#
        return """
            read -r start
            printf '{"type":"ready","protocol":1,"pid":%d,"threads":1,"load_ms":0,"environment":%s,"models":%s}\\n' \
            $$ '\(environment)' '\(list)'
            read -r request && exit 9
            """
    }
}

/// What this process holds.
struct Footprint: Sendable {
    let residentMB, peakMB: Double
    let openFiles, threads: Int

    static var now: Footprint {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        func field(_ name: String) -> Int {
            status.split(separator: "\n").first { $0.hasPrefix(name + ":") }
                .flatMap { $0.split(whereSeparator: \.isWhitespace).dropFirst().first }.flatMap { Int($0) } ?? 0
        }
        let files = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd"))?.count ?? 0
        return Footprint(
            residentMB: Double(field("VmRSS")) / 1000, peakMB: Double(field("VmHWM")) / 1000, openFiles: files,
            threads: field("Threads"))
    }
}
