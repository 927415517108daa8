import Foundation
import Inference

/// What the parts of the benchmark share: models, workers, the machine.
struct Setup: Sendable {
    let root: String
    let python: String

    /// As many models as volfefe ships.
    static let models = ["a", "b", "c", "d"].map { id in
        ModelSpecification(
            id: id, engine: "none", source: "none", version: "1.0",
            labels: Sentiment.allCases.map { .init(name: $0.rawValue, sentiment: $0) }, hasNeutral: true)
    }

    static var modelIDs: [String] { models.map(\.id) }

    /// `-S -E`: no site packages, so that a restart is not mostly Python's own start.
    var workerCommand: [String] { [python, "-S", "-E", root + "/benchmarks/pool/echo_worker.py"] }

    /// A pool of `workers` such processes that never gives up and never pauses.
    static func pool(_ command: [String], workers: Int) -> WorkerPoolConfiguration {
        WorkerPoolConfiguration(
            command: command, models: models, cacheDirectory: "/tmp", workers: workers...workers, threadsPerWorker: 1,
            startTimeout: .seconds(60), requestTimeout: .seconds(60), firstRequestTimeout: .seconds(60),
            shutdownGrace: .seconds(10), terminationGrace: .seconds(2), maxAttempts: 2, maxLineBytes: 8 << 20,
            restartPolicy: RestartPolicy(
                initialBackoff: .zero, maximumBackoff: .zero, limit: 1_000_000, window: .seconds(60)),
            healthInterval: nil)
    }

    /// One line: processor, cores, kernel.
    static var machine: String {
        let information = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let name = information.split(separator: "\n").first { $0.hasPrefix("model name") }
            .flatMap { $0.split(separator: ":").last }.map { $0.trimmingCharacters(in: .whitespaces) }
        let process = ProcessInfo.processInfo
        return "\(name ?? "unknown processor"), \(process.activeProcessorCount) cores, "
            + process.operatingSystemVersionString
    }

    /// Runs `body` with a folder that is removed afterwards.
    static func inFreshFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "volfefe-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await body(folder)
    }
}
