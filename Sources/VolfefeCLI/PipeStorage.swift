import Foundation
import Inference
import Synchronization
import Volfefe

/// Stores what a pipe brought, when `--store` asks for it: contents, verdicts, and the run that got them.
final class PipeStorage: Sendable {
    private let supervisor: Supervisor
    private let pool: WorkerPool
    private let source: String
    private let store: Store
    private let run = Mutex<Int64?>(nil)

    init(_ supervisor: Supervisor, _ pool: WorkerPool, source: String) throws {
        self.supervisor = supervisor
        self.pool = pool
        self.source = source
        store = try supervisor.openStore()
    }

    /// Stores the texts with their results and gives their content ids, nil where an item has no text.
    func store(_ texts: [StreamRun.Item], _ results: [ModelResults]) async throws -> [Int64?] {
        let run = try await currentRun()
        let usable = texts.indices.filter { texts[$0].text != nil }
        let drafts = usable.map { index in
            ContentDraft(
                externalID: texts[index].id ?? ContentDraft.derivedID(texts[index].text ?? ""), text: texts[index].text)
        }
        let stored = try await store.ingest(drafts, source: source, results: usable.map { results[$0] }, run: run)
        var ids: [Int64?] = Array(repeating: nil, count: texts.count)
        for (index, id) in zip(usable, stored.contentIDs) { ids[index] = id }
        return ids
    }

    /// Closes the run.
    func finish(interrupted: Bool) async throws {
        if let run = run.withLock({ $0 }) { try await store.finishRun(run, interrupted: interrupted) }
    }

    private func currentRun() async throws -> Int64 {
        if let run = run.withLock({ $0 }) { return run }
        let ready = try await pool.ready()
        try await supervisor.register(ready, with: store)
        let number = try await supervisor.beginRun(in: store)
        try await supervisor.describe(number, ready, in: store)
        run.withLock { $0 = number }
        return number
    }
}
