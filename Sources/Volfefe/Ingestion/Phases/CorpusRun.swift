import Foundation
import Inference

/// Finds topics or stories: of the whole collection, or of one source by itself.
///
/// Every content with a text is looked at, since one content says nothing about what a collection is about. What is found replaces
/// what was found before in one commit; a kill before that leaves nothing that anybody sees, and the next run removes it.
public struct CorpusRun: PhaseRunner {
    /// topics or stories.
    public let phase: Phase
    private let pool: PhasePool
    private let settings: [String: PhaseSetting]
    private let page: Int

    /// A run of `.topics` or `.stories` through a pool that has loaded it. `settings` are those of the phase, as the pool's processes
    /// have them; `page` contents are read at once.
    public init(_ phase: Phase, pool: PhasePool, settings: [String: PhaseSetting] = [:], page: Int = 2000) {
        self.phase = phase
        self.pool = pool
        self.settings = settings
        self.page = page
    }

    /// Fewest contents that topics are found in, and fewest new ones that they are found anew for.
    private var minimum: Int {
        if case .integer(let minimum) = settings["minimum_contents"] { minimum } else { 1000 }
    }

    /// Finds topics or stories when it is time to; the report says why not otherwise.
    public func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport {
        let due = try await store.corpusDue(phase, selection)
        if let reason = due.reason(for: phase, minimum: minimum, isForced: selection.isForced) {
            return PhaseReport(phase, reason: reason)
        }
        let method = try await pool.method(of: phase, in: store)
        switch try await store.beginCorpusRun(phase, selection, method: method, settings: try Self.json(settings)) {
        case .busy(let pid, let since):
            let owner = pid.map { "process \($0)" } ?? "another process"
            return PhaseReport(
                phase, reason: "\(owner) has been at it since \(since.formatted(.iso8601)); run it again after that")
        case .begun(let build):
            let report = try await finish(build, selection, in: store, stop: stop)
            try await store.sweepCorpusRuns()
            if report.done > 0 { onProgress(report.done) }
            return report
        }
    }

    /// Builds, and gives up what cannot be finished.
    private func finish(
        _ build: CorpusBuild, _ selection: PhaseSelection, in store: Store, stop: StopRequest
    ) async throws -> PhaseReport {
        do {
            try await store.sweepCorpusRuns()
            let outcome = try await pool.session { session in
                try await Building(build: build, store: store, session: session, stop: stop, page: page)
                    .run(selection)
            }
            switch outcome {
            case .ended(let reason):
                try await store.abandon(build)
                return PhaseReport(phase, reason: reason)
            // Texts have gone since they were counted.
            case .found(let summary) where summary.reason != nil && summary.contents < minimum:
                try await store.abandon(build)
                return PhaseReport(phase, reason: summary.reason)
            case .found(let summary):
                guard try await store.finish(build, summary) else { return PhaseReport(phase, reason: Building.taken) }
                var report = PhaseReport(phase, reason: summary.reason)
                report.done = summary.contents
                return report
            }
        } catch {
            // Whatever it was: who builds next must not wait for it.
            try? await store.abandon(build)
            try? await store.sweepCorpusRuns()
            throw error
        }
    }

    private static func json(_ settings: [String: PhaseSetting]) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        return String(decoding: try encoder.encode(settings), as: UTF8.self)
    }
}

/// One build, from the first text to what is found.
private struct Building {
    enum Outcome {
        case found(FoundSummary)
        /// It is not to be finished, for that reason.
        case ended(String)
    }

    static let taken = "another process has taken this one for dead and begun anew"

    let build: CorpusBuild
    let store: Store
    let session: PhaseSession
    let stop: StopRequest
    let page: Int

    func run(_ selection: PhaseSelection) async throws -> Outcome {
        let everything = PhaseSelection(source: selection.source, besides: selection.besides, isForced: true)
        var last = Int64.min
        while true {
            guard !stop.isRequested else { return .ended("it was stopped before anything was found") }
            let items = try await store.pending(build.phase, everything, after: last, limit: page)
            guard let end = items.last?.contentID else { break }
            guard try await store.hold(items, in: build) else { return .ended(Self.taken) }
            try await session.hold(items.map { HeldText(key: $0.contentID, text: $0.text, source: $0.source) })
            last = end
        }
        var stories = 0
        var isOurs = true
        let summary = try await session.find(build.phase.rawValue) { part in
            guard isOurs else { return }
            isOurs = try await store.save(part, stories: stories, in: build)
            stories += part.stories.count
        }
        return isOurs ? .found(summary) : .ended(Self.taken)
    }
}
