import Foundation

/// Jobs that look for contents that miss a verdict and put in a classification job for each: what a cron entry runs.
public struct EnqueueHandler: JobHandler {
    /// The kind of these jobs; their arguments are a `ContentFilter` as JSON.
    public static let name = "enqueue"

    /// `enqueue`.
    public let kind = Self.name
    /// One at a time: each looks through all contents.
    public let chunk = 1
    private let models: [(id: String, version: String)]
    private let maxAttempts: Int

    /// Prepares a handler that looks for verdicts of `models`.
    public init(models: [(id: String, version: String)], maxAttempts: Int) {
        self.models = models
        self.maxAttempts = maxAttempts
    }

    /// Puts in what is missing; stopped, it gives the job back, and the next attempt finds the rest.
    public func perform(_ jobs: [Job], in context: JobContext) async throws {
        for job in jobs {
            let filter = try job.arguments.map { try JSONDecoder().decode(ContentFilter.self, from: Data($0.utf8)) }
            let entry = job.uniqueKey?.split(separator: "@").dropLast().joined(separator: "@")
            let jobRun = try await context.store.beginJobRun(
                command: (entry.map { "cron \($0)" } ?? "enqueue") + " (job \(job.id))")
            let result = try await context.store.enqueueMissing(
                filter ?? ContentFilter(), models: models,
                JobPlacement(queue: job.queue, priority: job.priority, maxAttempts: maxAttempts), jobRun: jobRun,
                isStopped: { context.stop.isRequested || Task.isCancelled })
            try await context.store.endEnqueueing(jobRun)
            // The rest is found by the next attempt: what is in the queue is not put in again.
            guard !context.stop.isRequested else { return try await context.settle([JobEnd(job, .givenBack)]) }
            try await context.settle([JobEnd(job, .completed(reason: "\(result.inserted) jobs put in"))])
        }
    }
}
