import Foundation

/// Computes the figures of every source and of all together in one snapshot, stores them, and has them exported.
///
/// It is a matter of a second, so it has no status per content: it computes everything each time.
public struct AnalyticsRun: PhaseRunner {
    /// analytics.
    public let phase = Phase.analytics
    private let scope: MetricsScope
    private let export: (@Sendable (CollectionMetrics) throws -> Void)?

    /// `scope` says what is on; its source is that of the selection. `export` gets the figures once they are stored.
    public init(_ scope: MetricsScope, export: (@Sendable (CollectionMetrics) throws -> Void)? = nil) {
        self.scope = scope
        self.export = export
    }

    /// Computes and stores them; `done` is the number of contents that they are about.
    public func run(
        _ selection: PhaseSelection, in store: Store, stop: StopRequest, onProgress: @escaping @Sendable (Int) -> Void
    ) async throws -> PhaseReport {
        guard !stop.isRequested else { return PhaseReport(phase) }
        var scope = scope
        scope.source = selection.source
        let models = try await store.analysedModels(nil)
        let metrics = try await store.collectionMetrics(scope, models: models, at: Date())
        try await store.save(metrics)
        try export?(metrics)
        var report = PhaseReport(phase)
        report.done = metrics.sources.first?.contents ?? 0
        onProgress(report.done)
        return report
    }
}
