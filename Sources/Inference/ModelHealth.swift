import Foundation

/// When each model last did a real forward pass, and what the models have answered. Pure: the time is a parameter.
struct ModelHealth: Sendable {
    private struct Entry {
        var lastForward: ContinuousClock.Instant?
        var predictions = 0
        var failures = 0
    }

    private let specifications: [ModelSpecification]
    private var entries: [String: Entry] = [:]
    private var loaded: WorkerReady?

    init(_ specifications: [ModelSpecification]) {
        self.specifications = specifications
    }

    /// A worker has become ready: each loaded model has just made two forward passes.
    mutating func ready(_ ready: WorkerReady, at now: ContinuousClock.Instant) {
        loaded = loaded ?? ready
        for model in ready.models { entries[model.id, default: Entry()].lastForward = now }
    }

    /// Results have come back; a failure is no proof of anything. Those of a probe are not counted.
    mutating func answered(_ results: [ModelResults], isProbe: Bool, at now: ContinuousClock.Instant) {
        for result in results {
            for (model, outcome) in result.models {
                switch outcome {
                case .prediction:
                    entries[model, default: Entry()].lastForward = now
                    if !isProbe { entries[model, default: Entry()].predictions += 1 }
                case .failure:
                    if !isProbe { entries[model, default: Entry()].failures += 1 }
                }
            }
        }
    }

    /// Ids of the loaded models.
    var loadedModels: [String] { loaded?.models.map(\.id) ?? [] }

    /// Every enabled model as it is now.
    func models(at now: ContinuousClock.Instant) -> [PoolSnapshot.Model] {
        specifications.map { specification in
            var model = PoolSnapshot.Model(id: specification.id, version: specification.version)
            let entry = entries[specification.id] ?? Entry()
            model.predictions = entry.predictions
            model.failures = entry.failures
            if let lastForward = entry.lastForward {
                let age = (now - lastForward) / .seconds(1)
                model.lastForwardAgeMs = age * 1000
                model.lastForwardAt = Date().timeIntervalSince1970 - age
            }
            let found = loaded?.models.first { $0.id == specification.id }
            model.revision = found?.revision
            model.firstCallMs = found?.firstCallMs
            model.secondCallMs = found?.secondCallMs
            model.missing = loaded?.missing?.first { $0.model == specification.id }?.message
            return model
        }
    }
}
