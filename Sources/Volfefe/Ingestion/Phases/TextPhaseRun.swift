import Inference

/// Runs a phase that looks at one text at a time over the contents that miss it.
///
/// While processes look at texts, the next page is read ahead and finished pieces are committed behind.
public struct TextPhaseRun: PhaseRunner {
    /// How much is read, sent and committed at once.
    public struct Limits: Sendable, Hashable {
        /// Contents per page that is read.
        public var page: Int
        /// Contents per commit.
        public var commit: Int

        /// Creates limits.
        public init(page: Int = 5000, commit: Int = 1000) {
            self.page = max(page, 1)
            self.commit = max(commit, 1)
        }
    }

    /// The phase that it runs.
    public let phase: Phase
    private let pool: PhasePool
    private let limits: Limits

    /// Prepares a run of `phase`, one of `Phase.text`, which the pool's processes must load.
    public init(_ phase: Phase, pool: PhasePool, limits: Limits = Limits()) {
        self.phase = phase
        self.pool = pool
        self.limits = limits
    }

    private typealias Piece = [AnnotatedContent]

    /// Runs until nothing is missing or a stop is requested; what is running then is committed first.
    public func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport {
        var report = PhaseReport(phase)
        var page = try await store.pending(phase, selection, after: 0, limit: limits.page)[...]
        guard !page.isEmpty, !stop.isRequested else { return report }
        let methods = [phase: try await pool.method(of: phase, in: store)]
        var last = page.last?.contentID
        try await withThrowingTaskGroup(of: Piece.self) { group in
            var running = 0
            while true {
                while running < pool.inFlight, !stop.isRequested {
                    if page.isEmpty, let after = last {
                        page = try await store.pending(phase, selection, after: after, limit: limits.page)[...]
                        last = page.last?.contentID
                    }
                    guard !page.isEmpty else { break }
                    let piece = Array(page.prefix(limits.commit))
                    page = page.dropFirst(piece.count)
                    group.addTask { try await annotate(piece) }
                    running += 1
                }
                guard running > 0, let piece = try await group.next() else { break }
                running -= 1
                try await store.save(piece, methods: methods)
                let failed = piece.count { $0.annotations.failure(of: phase.rawValue) != nil }
                report.failed += failed
                report.done += piece.count - failed
                onProgress(piece.count)
            }
        }
        return report
    }

    private func annotate(_ items: [PhaseItem]) async throws -> Piece {
        let found = try await pool.annotate(each: items.map(\.text), phases: [phase])
        return zip(items, found).map { item, annotations in
            AnnotatedContent(
                contentID: item.contentID, textVersion: item.textVersion, annotations: annotations)
        }
    }
}
