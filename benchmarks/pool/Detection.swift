import Foundation
import Inference

/// How soon the pool knows that a worker was killed.
struct Detection {
    let setup: Setup
    private static let kills = 250

    func run() async throws -> String {
        let (busy, idle) = try await Setup.inFreshFolder { folder in
            try await WorkerPool.withPool(Setup.pool(setup.workerCommand, workers: 2)) { pool in
                (try await killedAtWork(pool, folder), try await killedIdle(pool))
            }
        }
        var table = Columns("ms from SIGKILL", "n", "median", "p99", "max")
        for (name, samples) in [
            ("at work, until another worker has answered its text", busy),
            ("idle, until the pool has booked the death", idle),
        ] {
            table.add(
                name, "\(samples.values.count)", samples.median.shown, samples.p99.shown, samples.greatest.shown)
        }
        return table.text
    }

    /// A worker that hangs at a text is killed; the other one, warm and idle, gets the text and answers.
    private func killedAtWork(_ pool: WorkerPool, _ folder: URL) async throws -> Samples {
        var samples = Samples()
        for number in 0..<Self.kills {
            _ = try await servingPIDs(pool, 2)
            let place = folder.appending(path: "\(number)")
            async let answer = pool.classify(["hang:\(place.path)"], models: Setup.modelIDs)
            let pid = try await writtenPID(place)
            let begun = ContinuousClock.now
            kill(pid, SIGKILL)
            let results = try await answer
            samples.add(.now - begun)
            for case .failure in results.flatMap(\.models.values) { throw BenchmarkError.wrongAnswer }
        }
        return samples
    }

    /// Looked at every 0.1 ms, which is in the figure.
    private func killedIdle(_ pool: WorkerPool) async throws -> Samples {
        var samples = Samples()
        var victim: Int32 = 0
        for _ in 0..<Self.kills {
            // The death is counted a moment before the pool forgets the process.
            victim = try await servingPIDs(pool, 2, besides: victim)[0]
            let deaths = pool.counts.deaths
            let begun = ContinuousClock.now
            kill(victim, SIGKILL)
            while pool.counts.deaths == deaths { try await Task.sleep(for: .microseconds(100)) }
            samples.add(.now - begun)
        }
        return samples
    }

    private func servingPIDs(_ pool: WorkerPool, _ count: Int, besides gone: Int32 = 0) async throws -> [Int32] {
        while true {
            let pids = pool.snapshot.workers.filter { $0.state == .idle }.compactMap(\.pid)
            if pids.count == count, !pids.contains(gone) { return pids }
            try await Task.sleep(for: .milliseconds(2))
        }
    }

    private func writtenPID(_ place: URL) async throws -> Int32 {
        while true {
            if let text = try? String(contentsOf: place, encoding: .utf8), text.hasSuffix("\n"),
                let pid = Int32(text.dropLast())
            {
                return pid
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }
}

/// What makes a benchmark worthless.
enum BenchmarkError: Error, CustomStringConvertible {
    case wrongAnswer
    case tooFewRestarts(Int)

    var description: String {
        switch self {
        case .wrongAnswer: "a text got failures where it should have got predictions; the figures would mean nothing"
        case .tooFewRestarts(let count): "only \(count) restarts happened; the figures would mean nothing"
        }
    }
}
