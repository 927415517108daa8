import Foundation
import Synchronization
import Volfefe

/// What the queue can carry: jobs put in, claimed and completed per second, with and without waiting for the disk, and what a
/// backlog of a million jobs changes. `scripts/bench queue` runs it beside huey; README.md says how it measures.
///
/// Arguments: a folder on the disk that is meant, jobs per round, rounds, jobs of the backlog. Prints one JSON object.
@main
struct QueueBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments.dropFirst()
        let numbers = arguments.dropFirst().compactMap { Int($0) }
        guard let folder = arguments.first, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else {
            show("usage: QueueBenchmark FOLDER JOBS ROUNDS BACKLOG; scripts/bench queue gives all four")
            exit(64)
        }
        let (jobs, rounds, backlog) = (numbers[0], numbers[1], numbers[2])
        var report = Report(fsyncMs: try fsyncTime(in: folder))
        for round in 0..<rounds {
            for sync in [true, false] {
                for batch in [1, 100, 500] {
                    // One job per commit is a commit's time over again: fewer of them tell as much.
                    let count = batch == 1 ? max(jobs / 20, 100) : jobs
                    let queue = try await Bench(folder: folder, name: "\(round)-\(sync)-\(batch)", sync: sync)
                    let put = try await queue.enqueue(count, batch: batch)
                    let done = try await queue.workOff(count, batch: batch)
                    report.rates.append(.init(sync: sync, batch: batch, enqueued: put, done: done))
                    try queue.remove()
                }
            }
        }
        try await measure(backlog, jobs: jobs, rounds: rounds, folder, &report)
        show(String(decoding: try JSONEncoder().encode(report), as: UTF8.self))
    }

    /// Claims from a queue with a backlog and from one without, in turn.
    private static func measure(
        _ backlog: Int, jobs: Int, rounds: Int, _ folder: String, _ report: inout Report
    ) async throws {
        let full = try await Bench(folder: folder, name: "backlog", sync: false)
        let empty = try await Bench(folder: folder, name: "empty", sync: false)
        report.backlogEnqueued = try await full.enqueue(backlog, batch: 10_000)
        for _ in 0..<rounds {
            _ = try await full.enqueue(jobs, batch: 500)
            _ = try await empty.enqueue(jobs, batch: 500)
            let slow = try await full.workOff(jobs, batch: 500)
            let fast = try await empty.workOff(jobs, batch: 500)
            report.backlogRatios.append(fast.perCPUSecond / slow.perCPUSecond)
        }
        report.backlog = backlog
        try full.remove()
        try empty.remove()
    }

    /// Milliseconds that 4 KiB and an fsync take on this disk: the median of two hundred.
    private static func fsyncTime(in folder: String) throws -> Double {
        let path = folder + "/fsync"
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC, 0o600)
        guard descriptor >= 0 else { throw CocoaError(.fileWriteUnknown) }
        defer {
            close(descriptor)
            unlink(path)
        }
        let page = [UInt8](repeating: 1, count: 4096)
        let times = (0..<200).map { _ in
            let begun = ContinuousClock.now
            _ = write(descriptor, page, page.count)
            fsync(descriptor)
            return (ContinuousClock.now - begun) / .milliseconds(1)
        }
        return times.sorted()[times.count / 2]
    }

    private static func show(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}

/// What was measured.
private struct Report: Encodable {
    struct Rate: Encodable {
        var sync: Bool
        var batch: Int
        var enqueued, done: Speed
    }
    var fsyncMs: Double
    var rates: [Rate] = []
    var backlog = 0
    var backlogEnqueued: Speed?
    /// CPU time per job with the backlog ÷ without it, of each round.
    var backlogRatios: [Double] = []
}

/// Jobs per second by the clock, and per second of this process's CPU time: what other work on the machine leaves alone.
private struct Speed: Encodable {
    var perSecond, perCPUSecond: Double

    /// Measures `body`, which does `count` jobs.
    static func of(_ count: Int, _ body: () async throws -> Void) async throws -> Speed {
        let begun = (clock: ContinuousClock.now, cpu: clock())
        try await body()
        let cpu = Double(clock() - begun.cpu) / Double(CLOCKS_PER_SEC)
        return Speed(
            perSecond: Double(count) / ((ContinuousClock.now - begun.clock) / .seconds(1)),
            perCPUSecond: Double(count) / max(cpu, 1e-6))
    }
}

/// Hands out numbers, each once.
private final class Counter: Sendable {
    private let next = Mutex<Int64>(1)

    /// The first of `count` new ones.
    func take(_ count: Int) -> Int64 {
        next.withLock { next in
            defer { next += Int64(count) }
            return next
        }
    }
}

/// A queue in a database of its own.
private struct Bench {
    private let store: Store
    private let run: Int64
    private let path: String
    /// Contents that were put in.
    private let put = Counter()

    init(folder: String, name: String, sync: Bool) async throws {
        path = "\(folder)/\(name).db"
        store = try Store(path: path, syncCommits: sync)
        run = try await store.beginRun(command: "bench", configuration: "[]")
    }

    /// Puts in jobs as `volfefe enqueue` does.
    func enqueue(_ count: Int, batch: Int) async throws -> Speed {
        let first = put.take(count)
        let drafts = (0..<count).map { JobDraft.classification(of: first + Int64($0), textVersion: 1) }
        return try await Speed.of(count) {
            for start in stride(from: 0, to: count, by: batch) {
                _ = try await store.enqueue(Array(drafts[start..<min(start + batch, count)]))
            }
        }
    }

    /// Claims and completes so many jobs. Each batch is two commits.
    func workOff(_ count: Int, batch: Int) async throws -> Speed {
        try await Speed.of(count) {
            var left = count
            while left > 0 {
                let jobs = try await store.claimJobs([.init(queue: "default", limit: min(batch, left))], run: run)
                guard !jobs.isEmpty else { break }
                try await store.settle(jobs.map { JobEnd($0, .completed()) }, run: run)
                left -= jobs.count
            }
        }
    }

    func remove() throws {
        try store.close()
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    }
}
