import Foundation
import GRDB
import Inference

/// Jobs that run a phase over the contents that miss it.
///
/// Two of one phase never run at once, on however many processes: the later one waits. `sentiment` puts in classification jobs.
public struct PhaseHandler: JobHandler {
    /// Runs a phase that is no `sentiment`; throws what its runner throws.
    public typealias Runner = @Sendable (PhaseOrder, JobContext) async throws -> PhaseReport

    /// `phase`.
    public let kind = PhaseOrder.kind
    /// One at a time.
    public let chunk = 1
    private let configuration: Configuration
    private let models: [(id: String, version: String)]
    private let patience: Duration
    private let runner: Runner

    /// Prepares a handler. `models` are those whose verdicts `sentiment` gets, `patience` is how long a job waits for another one of
    /// the same phase.
    public init(
        _ configuration: Configuration, models: [(id: String, version: String)], patience: Duration = .seconds(5),
        runner: @escaping Runner
    ) {
        self.configuration = configuration
        self.models = models
        self.patience = patience
        self.runner = runner
    }

    /// Runs the phases; stopped, it gives jobs back, and the next attempt does the rest.
    public func perform(_ jobs: [Job], in context: JobContext) async throws {
        for job in jobs {
            let outcome = try await outcome(of: job, in: context)
            try await context.settle([JobEnd(job, outcome)])
        }
    }

    private func outcome(of job: Job, in context: JobContext) async throws -> JobOutcome {
        guard !context.stop.isRequested else { return .givenBack }
        guard let order = PhaseOrder(job.arguments) else {
            return .failed(JobFailure(.badText, message: "its arguments name no phase that this volfefe knows"))
        }
        guard try await !context.store.isRunning(order.phase, besides: job) else { return .snoozed(patience) }
        do {
            let report =
                order.phase == .sentiment
                ? try await enqueue(order, job, context) : try await runner(order, context)
            guard !context.stop.isRequested else { return .givenBack }
            return .completed(reason: report.sentence)
        } catch let error as InferenceError where !context.stop.isRequested {
            // Another phase, and the models, may serve all the same.
            return .failed(JobFailure(.error, message: "\(order.phase.rawValue): \(error)"))
        }
    }

    private func enqueue(_ order: PhaseOrder, _ job: Job, _ context: JobContext) async throws -> PhaseReport {
        let jobRun = try await context.store.beginJobRun(command: "phase \(order.name) (job \(job.id))")
        var inserted = 0
        for source in try await sources(order, context.store) {
            let result = try await context.store.enqueueMissing(
                ContentFilter(source: source), models: models,
                JobPlacement(queue: "default", priority: job.priority, maxAttempts: configuration.jobAttempts),
                jobRun: jobRun, isStopped: { context.stop.isRequested || Task.isCancelled })
            inserted += result.inserted
        }
        try await context.store.endEnqueueing(jobRun)
        return PhaseReport(.sentiment, reason: "\(inserted) jobs put in")
    }

    /// The sources to look through; nil stands for all at once.
    private func sources(_ order: PhaseOrder, _ store: Store) async throws -> [String?] {
        var sources: [String?] = []
        for selection in configuration.selections(.sentiment, source: order.source) {
            if selection.besides.isEmpty {
                sources.append(selection.source)
            } else {
                sources += try await store.sourceNames().filter { !selection.besides.contains($0) }
            }
        }
        return sources
    }
}

extension PhaseReport {
    /// What a job that has run the phase ends with.
    fileprivate var sentence: String {
        if done + failed == 0 { return reason ?? "nothing was missing" }
        return "\(done) contents" + (failed > 0 ? ", \(failed) failed" : "") + (reason.map { "; \($0)" } ?? "")
    }
}

extension PhaseOrder {
    /// Reads the arguments of a job; nil when they are none.
    fileprivate init?(_ arguments: String?) {
        guard let arguments, let order = try? JSONDecoder().decode(Self.self, from: Data(arguments.utf8)) else {
            return nil
        }
        self = order
    }
}

extension Store {
    /// Whether a job of the phase that was begun before `job` is executing, of whatever source.
    fileprivate func isRunning(_ phase: Phase, besides job: Job) async throws -> Bool {
        try await read { db in
            try Bool.fetchOne(
                db,
                sql: """
                    SELECT EXISTS (
                        SELECT 1
                        FROM jobs AS other JOIN jobs AS own ON own.id = :id
                        WHERE other.state = 'executing' AND other.kind = :kind AND other.args ->> 'phase' = :phase
                            AND (other.attempted_at, other.id) < (own.attempted_at, own.id))
                    """, arguments: ["id": job.id, "kind": PhaseOrder.kind, "phase": phase.rawValue]) ?? false
        }
    }
}
