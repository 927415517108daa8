import Foundation
import Inference
import Volfefe

/// Puts the parts together: settings, store, pool. The only place that knows all of them.
struct Supervisor: Sendable {
    let configuration: Volfefe.Configuration
    let installation: Installation
    /// The models to run, in the registry's order.
    let models: [ModelSpecification]
    /// Whether workers may serve without models that cannot be loaded.
    private let isDegraded: Bool
    private let isVerbose: Bool

    /// Reads the settings. `onlyModels` narrows the active models to these ids; `degraded` allows workers to serve without
    /// those that cannot be loaded.
    init(_ global: GlobalOptions, onlyModels: [String] = [], degraded: Bool = false) throws {
        let loaded = try LoadedSettings(global)
        configuration = loaded.configuration
        installation = loaded.installation
        isDegraded = degraded
        isVerbose = global.verbose
        let active = configuration.activeModels
        for id in onlyModels where !active.contains(where: { $0.id == id }) {
            let known = configuration.models.contains { $0.id == id }
            throw CommandError(
                .usage,
                known
                    ? "the model \"\(id)\" is not active: it is disabled, or not in the profile \"\(configuration.profile)\" (--profile selects another)."
                    : "there is no model \"\(id)\"; known are: \(configuration.models.map(\.id).joined(separator: ", "))."
            )
        }
        models = onlyModels.isEmpty ? active : active.filter { onlyModels.contains($0.id) }
        guard !models.isEmpty else {
            throw CommandError(
                .configuration,
                "no model is enabled in the profile \"\(configuration.profile)\"; `volfefe models list` shows the registry."
            )
        }
    }

    var modelIDs: [String] { models.map(\.id) }
    var modelVersions: [(id: String, version: String)] { models.map { ($0.id, $0.version) } }

    /// Processes for a lot of work.
    var workerCount: Int {
        guard configuration.workers == 0 else { return configuration.workers }
        return WorkerPoolConfiguration.workerCount(
            cores: ProcessInfo.processInfo.activeProcessorCount, threadsPerWorker: configuration.threadsPerWorker,
            available: ProcessMemory.available, perWorker: perWorker)
    }

    /// Processes for `texts` texts: no more than there are requests for.
    func workerCount(texts: Int) -> Int {
        max(1, min(workerCount, (texts + configuration.batchSize - 1) / configuration.batchSize))
    }

    func limits(workers: Int) -> ClassificationRun.Limits {
        // JSON may need six bytes for one byte of text.
        ClassificationRun.Limits(
            batchSize: configuration.batchSize, batchBytes: configuration.maxLineBytes / 8, workers: workers,
            commitEvery: configuration.commitEvery)
    }

    /// Throws when there is no database yet, so that asking for stored contents does not make an empty one.
    func requireDatabase() throws {
        guard FileManager.default.fileExists(atPath: configuration.database) else {
            throw StoreError.noDatabase(path: configuration.database)
        }
    }

    /// Opens the store; `readOnly` neither creates nor changes anything.
    func openStore(readOnly: Bool = false) throws -> Store {
        try Store(
            path: configuration.database, mode: readOnly ? .readOnly : .readWrite,
            busyTimeout: configuration.busyTimeout, syncCommits: configuration.syncCommits)
    }

    /// Opens a pool of `workers` processes for the duration of `body`, which `volfefe status` can ask about meanwhile;
    /// `stop` is the wish that makes it say "draining", `keepsAll` launches every worker at once and keeps it.
    func withPool<Value: Sendable>(
        workers: Int, keepsAll: Bool = false, stop: StopRequest? = nil,
        body: @escaping @Sendable (WorkerPool) async throws -> Value
    ) async throws -> Value {
        let isVerbose = isVerbose
        let settings = try poolConfiguration(workers: workers, atLeast: keepsAll ? workers : configuration.workersMin)
        return try await WorkerPool.withPool(
            settings, log: { worker, line in if isVerbose { Terminal.say("[worker \(worker)] \(line)") } }
        ) { pool in try await serving(pool, stop: stop) { try await body(pool) } }
    }

    /// Writes down that a run of this command line begins, and gives its number.
    func beginRun(in store: Store, lease: Duration? = nil) async throws -> Int64 {
        let command = CommandLine.arguments.dropFirst().joined(separator: " ")
        return try await store.beginRun(command: command, configuration: try JSON.line(models), lease: lease)
    }

    /// Registers what the workers really loaded. A version label whose weights have changed is refused here.
    func register(_ ready: WorkerReady, with store: Store) async throws {
        _ = try await store.register(ready.models.map(ModelVersionRecord.init))
    }

    /// Writes down what the workers of a run are.
    func describe(_ run: Int64, _ ready: WorkerReady, in store: Store) async throws {
        try await store.updateRun(
            run, environment: try JSON.line(ready), models: ready.models.map(ModelVersionRecord.init))
    }

    /// Threads of each of `workers` processes.
    func threads(workers: Int) -> Int {
        guard configuration.threadsPerWorker == 0 else { return configuration.threadsPerWorker }
        return max(ProcessInfo.processInfo.activeProcessorCount / workers, 1)
    }

    /// Bytes that one worker may need.
    private var perWorker: UInt64 { UInt64(configuration.workerMemoryMB) << 20 }

    private var workerScript: String {
        configuration.worker.isEmpty ? installation.workerScript : configuration.worker
    }

    private func poolConfiguration(workers: Int, atLeast: Int) throws -> WorkerPoolConfiguration {
        let settings = configuration
        return WorkerPoolConfiguration(
            command: [try installation.python(settings.python), workerScript],
            environment: ["PYTHONDONTWRITEBYTECODE": nil],
            models: models, cacheDirectory: settings.cacheDirectory,
            workers: min(atLeast, workers)...workers,
            threadsPerWorker: threads(workers: workers), startTimeout: settings.startTimeout,
            requestTimeout: settings.requestTimeout, firstRequestTimeout: settings.firstRequestTimeout,
            shutdownGrace: settings.shutdownGrace, terminationGrace: settings.terminationGrace,
            maxAttempts: settings.maxAttempts,
            maxLineBytes: settings.maxLineBytes,
            restartPolicy: RestartPolicy(
                initialBackoff: settings.backoffInitial, maximumBackoff: settings.backoffMax,
                limit: settings.restartLimit, window: settings.restartWindow),
            recycling: settings.recycling,
            healthInterval: settings.healthInterval > .zero ? settings.healthInterval : nil,
            healthWindow: settings.healthWindow, degraded: isDegraded, memoryPerWorker: perWorker)
    }
}

extension Volfefe.Configuration {
    /// The settings of recycling, where 0 stands for "never" or "in proportion".
    fileprivate var recycling: RecyclingLimits {
        func bytes(_ megabytes: Int) -> UInt64? { megabytes > 0 ? UInt64(megabytes) << 20 : nil }
        return RecyclingLimits(
            requests: maxRequests > 0 ? maxRequests : nil, age: maxAge > .zero ? maxAge : nil,
            idleAge: idleAge > .zero ? idleAge : nil, softMemory: bytes(memorySoftMB), hardMemory: bytes(memoryHardMB))
    }
}
