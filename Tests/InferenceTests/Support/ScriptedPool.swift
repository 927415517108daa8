import Foundation
import Inference

/// Path of the fake worker that obeys directives in the texts.
let scriptedWorker = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "priv/ml/selftest/scripted_worker.py").path

/// A pool of scripted workers with short deadlines; `flags` misbehave at boot.
func scripted(
    _ flags: String..., workers: Int = 1, upTo most: Int? = nil, command: [String]? = nil,
    startTimeout: Duration = .seconds(20), requestTimeout: Duration = .seconds(20), maxLineBytes: Int = 1 << 20,
    recycling: RecyclingLimits = .init(), healthInterval: Duration? = nil
) -> WorkerPoolConfiguration {
    let labels = Sentiment.allCases.map { ModelSpecification.Label(name: $0.rawValue, sentiment: $0) }
    return WorkerPoolConfiguration(
        command: command ?? ["python3", scriptedWorker] + flags,
        models: ["a", "b"].map {
            ModelSpecification(
                id: $0, engine: "scripted", source: "none", version: "1.0", labels: labels, hasNeutral: true)
        },
        cacheDirectory: "/tmp", workers: workers...(most ?? workers), threadsPerWorker: 1, startTimeout: startTimeout,
        requestTimeout: requestTimeout, firstRequestTimeout: requestTimeout, shutdownGrace: .seconds(10),
        terminationGrace: .milliseconds(300), maxAttempts: 2, maxLineBytes: maxLineBytes,
        restartPolicy: RestartPolicy(
            initialBackoff: .milliseconds(5), maximumBackoff: .milliseconds(50), limit: 5, window: .seconds(60)),
        recycling: recycling, healthInterval: healthInterval)
}

extension ModelOutcome {
    var failureCode: String? {
        if case .failure(let failure) = self { failure.code } else { nil }
    }
}

extension WorkerPool {
    /// Runs both scripted models on the texts and gives the failure codes of model `a`, nil for a prediction.
    func codes(_ texts: [String]) async throws -> [String?] {
        try await classify(texts, models: ["a", "b"]).map { $0.models["a"]?.failureCode }
    }
}

/// Processes on this machine whose command line holds `needle`.
func processes(holding needle: String) -> [Int32] {
    let entries = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return entries.compactMap { Int32($0) }.filter { pid in
        guard let line = try? Data(contentsOf: URL(filePath: "/proc/\(pid)/cmdline")) else { return false }
        return String(decoding: line, as: UTF8.self).contains(needle)
    }
}

/// Whether the processes are gone, or go at once: a killed process takes the kernel a moment, more on a busy machine.
func areGone(_ processes: () -> Set<Int32>) async -> Bool {
    let deadline = ContinuousClock.now + .seconds(10)
    while !processes().isEmpty {
        guard ContinuousClock.now < deadline else { return false }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return true
}
