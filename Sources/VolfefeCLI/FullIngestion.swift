import Foundation
import Inference
import Volfefe

/// What `ingest --mode full` does besides: every enabled model's verdict on a chunk before the next is read, and at the end what needs
/// all contents.
struct FullIngestion: Sendable {
    let supervisor: Supervisor
    let store: Store
    let stop: StopRequest
    /// Runs the phases that look at all contents.
    let finishing: PhaseSequence

    /// Opens the models' workers for `body`, which gets what is to be called with the contents of each chunk.
    func run(
        _ body:
            @escaping @Sendable (@escaping @Sendable (String, [Int64]) async throws -> Void) async throws -> ExitStatus
    ) async throws -> ExitStatus {
        let run = try await supervisor.beginRun(in: store)
        let workers = supervisor.workerCount
        do {
            let status = try await supervisor.withPool(workers: workers, stop: stop) { pool in
                let ready = try await pool.ready()
                try await supervisor.register(ready, with: store)
                try await supervisor.describe(run, ready, in: store)
                return try await body { source, contents in
                    guard !stop.isRequested, supervisor.configuration.isOn(.sentiment, source: source) else { return }
                    let tally = try await ClassificationRun(
                        store: store, pool: pool, models: supervisor.modelVersions,
                        limits: supervisor.limits(workers: workers), run: run, stop: stop
                    ).perform(.contents(contents), force: false, reuse: supervisor.configuration.reuse) { _, _ in }
                    if tally.failed > 0 {
                        Terminal.say("\(tally.failed.grouped) verdicts failed; classify --all tries again")
                    }
                }
            }
            try await store.finishRun(run, interrupted: stop.isRequested)
            return try await finish(status)
        } catch {
            try? await store.finishRun(run, interrupted: true)
            throw error
        }
    }

    /// Runs what needs all contents; one phase that fails does not keep the next from its work.
    private func finish(_ status: ExitStatus) async throws -> ExitStatus {
        let endings = try await finishing.run([.resolve, .topics, .stories, .analytics])
        // What is not installed is no failure; what is and does not work, is.
        let isWell = endings.allSatisfy { $0.isWell || $0.isNotInstalled }
        return status == .done && !isWell ? .someFailed : status
    }
}
