import Inference

/// Decides which found names are one entity, over the contents that have been through `ner` and miss it.
///
/// A chunk of contents, what became of their names, and their statuses are one commit. It is made only if nobody has decided
/// anything since the names were read; otherwise the process learns what is known now and the chunk, a smaller one, is
/// decided again. So any number of runs, of people and of ingestions beside each other never make one entity two.
public struct ResolveRun: PhaseRunner {
    private let pool: PhasePool
    private let chunk: Int

    /// Prepares a run with `pool`, whose processes must load `resolve`; `chunk` contents are decided on at a time.
    public init(pool: PhasePool, chunk: Int = 5000) {
        self.pool = pool
        self.chunk = max(chunk, 1)
    }

    /// `resolve`.
    public var phase: Phase { .resolve }

    /// Measures how well it decides, then decides until nothing is missing or a stop is requested.
    public func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport {
        let method = try await pool.method(of: .resolve, in: store)
        return try await pool.session { session in
            try await store.record(session.check(), method: method)
            var report = PhaseReport(.resolve)
            var after: Int64 = 0
            var size = chunk
            var known: KnowledgeVersion?
            while !stop.isRequested {
                let work = try await store.resolutionWork(selection, after: after, limit: size, known: known)
                guard let last = work.contents.last else { break }
                if let entities = work.entities {
                    try await session.forget()
                    try await session.know(entities)
                }
                let decisions = work.names.isEmpty ? [] : try await session.resolve(work.names)
                guard let saved = try await store.save(decisions, for: work, method: method) else {
                    // The process has learned what was not stored.
                    (known, size) = (nil, max(size / 4, 10))
                    continue
                }
                // What it has decided it knows.
                if !decisions.isEmpty { known = saved }
                (size, after) = (min(size * 2, chunk), last.id)
                report.done += work.contents.count
                onProgress(work.contents.count)
            }
            return report
        }
    }
}
