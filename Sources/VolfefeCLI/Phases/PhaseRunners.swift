import Inference
import Volfefe

/// Opens what each phase needs, and runs it. The one place that knows all runners.
struct PhaseRunners: Sendable {
    let settings: LoadedSettings
    let store: Store
    let stop: StopRequest
    let isVerbose: Bool
    /// Who runs the models; nil where `sentiment` is not run.
    var supervisor: Supervisor?

    /// What counts as missing.
    struct Wish: Sendable {
        /// Everything.
        var isForced = false
        /// What another method or revision has done, too.
        var isOutdatedToo = false
    }

    /// Contents that a phase misses; nil where that is not known beforehand.
    func pending(_ phase: Phase, source: String?, _ wish: Wish) async throws -> Int? {
        guard !wish.isOutdatedToo, phase != .analytics else { return nil }
        var total = 0
        for var selection in settings.configuration.selections(phase, source: source) {
            selection.isForced = wish.isForced
            total +=
                phase == .sentiment
                ? try await store.countMissingVerdicts(settings.models, selection)
                : try await store.countPending(phase, selection)
        }
        return total
    }

    /// Runs a phase over what it misses, of one source or of all. Throws what the runner throws.
    func run(
        _ phase: Phase, source: String? = nil, _ wish: Wish = Wish(),
        onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> PhaseReport {
        let selections = settings.configuration.selections(phase, source: source)
        guard !selections.isEmpty else {
            return PhaseReport(phase, reason: source == nil ? "it is off" : "it is off for this source")
        }
        if phase == .sentiment, try await pending(phase, source: source, wish) == 0 { return PhaseReport(phase) }
        return try await withRunner(phase) { runner, method in
            var total = PhaseReport(phase)
            for var selection in selections where !stop.isRequested {
                selection.isForced = wish.isForced
                if wish.isOutdatedToo { selection.method = try await method() }
                let report = try await runner.run(selection, in: store, stop: stop, onProgress: onProgress)
                total.done += report.done
                total.failed += report.failed
                total.reason = total.reason ?? report.reason
            }
            return total
        }
    }

    private typealias Body =
        @Sendable (any PhaseRunner, @Sendable () async throws -> Int64?) async throws -> PhaseReport

    /// Gives `body` the runner of a phase, and a way to ask by which method it runs.
    private func withRunner(_ phase: Phase, _ body: @escaping Body) async throws -> PhaseReport {
        let configuration = settings.configuration
        let chunk = configuration.phases.chunk
        switch phase {
        case .language, .entities, .ner:
            return try await withPool(phase, body) { pool in
                TextPhaseRun(phase, pool: pool, limits: .init(page: chunk * 5, commit: chunk))
            }
        case .resolve:
            return try await withPool(phase, processes: 1, body) { ResolveRun(pool: $0, chunk: chunk) }
        case .topics, .stories:
            let own = configuration.phases.phases[phase]?.worker ?? [:]
            return try await withPool(phase, processes: 1, body) { CorpusRun(phase, pool: $0, settings: own) }
        case .analytics:
            return try await body(AnalyticsRun(MetricsScope(configuration)), { nil })
        case .sentiment:
            return try await withModels(body)
        }
    }

    private func withPool(
        _ phase: Phase, processes: Int? = nil, _ body: Body, _ runner: (PhasePool) -> any PhaseRunner
    ) async throws -> PhaseReport {
        let isVerbose = isVerbose
        return try await withPhasePool(
            settings.phasePool([phase], processes: processes),
            log: { line in if isVerbose { Terminal.say("[\(phase.rawValue)] \(line)") } }
        ) { pool in
            try await body(runner(pool), { try await pool.method(of: phase, in: store) })
        }
    }

    private func withModels(_ body: @escaping Body) async throws -> PhaseReport {
        guard let supervisor else { throw CommandError(.internalError, "nobody runs the models; please report this.") }
        let run = try await supervisor.beginRun(in: store)
        do {
            let workers = supervisor.workerCount
            let report = try await supervisor.withPool(workers: workers, stop: stop) { pool in
                let ready = try await pool.ready()
                try await supervisor.register(ready, with: store)
                try await supervisor.describe(run, ready, in: store)
                let runner = SentimentRun(
                    pool: pool, models: supervisor.modelVersions, limits: supervisor.limits(workers: workers), run: run,
                    reuse: supervisor.configuration.reuse)
                return try await body(runner, { nil })
            }
            try await store.finishRun(run, interrupted: stop.isRequested)
            return report
        } catch {
            try? await store.finishRun(run, interrupted: true)
            throw error
        }
    }
}
