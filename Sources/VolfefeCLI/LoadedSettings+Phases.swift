import Foundation
import Inference
import Volfefe

extension LoadedSettings {
    /// Memory that a process of `ner` takes, in bytes: its model and what it works with.
    private static let recogniserMemory: UInt64 = 400 << 20

    /// Processes that run `phases` together. Throws `.noInterpreter` when there is no Python.
    func phasePool(_ phases: [Phase], processes: Int? = nil) throws -> PhasePoolConfiguration {
        PhasePoolConfiguration(
            command: [try installation.python(configuration.python), installation.phaseScript],
            phases: phases.map(\.rawValue), settings: configuration.phases.worker(phases), threads: 1,
            processes: processes ?? configuration.phases.processes.nonZero
                ?? WorkerPoolConfiguration.workerCount(
                    cores: ProcessInfo.processInfo.activeProcessorCount, threadsPerWorker: 1,
                    available: ProcessMemory.available, perWorker: phases.contains(.ner) ? Self.recogniserMemory : 0),
            startTimeout: configuration.startTimeout, requestTimeout: configuration.phases.requestTimeout,
            shutdownGrace: configuration.shutdownGrace,
            terminationGrace: configuration.terminationGrace, maxLineBytes: configuration.maxLineBytes,
            restartPolicy: RestartPolicy(
                initialBackoff: configuration.backoffInitial, maximumBackoff: configuration.backoffMax,
                limit: configuration.restartLimit, window: configuration.restartWindow))
    }
}

extension Int {
    /// Nil for 0, where that stands for "as many as fit".
    fileprivate var nonZero: Int? { self == 0 ? nil : self }
}
