import Foundation
import Inference
import Synchronization

/// Works on queues until it is asked to stop: claims jobs, hands them to their handlers, and keeps house.
///
/// Any number of them may work on one database. Each needs a run of its own.
public struct WorkLoop: Sendable {
    private let store: Store
    private let run: Int64
    private let handlers: [String: any JobHandler]
    private let settings: WorkSettings
    private let stop: StopRequest
    private let onEvent: @Sendable (WorkEvent) -> Void

    /// Prepares a loop whose jobs belong to `run`.
    public init(
        store: Store, run: Int64, handlers: [any JobHandler], settings: WorkSettings, stop: StopRequest,
        onEvent: @escaping @Sendable (WorkEvent) -> Void = { _ in }
    ) {
        self.store = store
        self.run = run
        self.handlers = Dictionary(handlers.map { ($0.kind, $0) }, uniquingKeysWith: { first, _ in first })
        self.settings = settings
        self.stop = stop
        self.onEvent = onEvent
    }

    /// Works until a stop is requested, or with `endsWhenEmpty` until nothing is left.
    ///
    /// After a request to stop nothing new is claimed, what is running is finished, and what was not begun is given back. Throws
    /// `StoreError`, `InferenceError` when no worker can serve, and `JobError`.
    public func perform() async throws {
        guard try await store.renewLease(of: run, for: settings.lease) else { throw JobError.lostLease(run: run) }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            group.addTask {
                try await work()
                return true
            }
            group.addTask {
                do {
                    try await keepHouse()
                } catch is CancellationError {
                    // The work has ended, or is cancelled too and says so itself.
                }
                return false
            }
            while let isDone = try await group.next() {
                if isDone { group.cancelAll() }
            }
        }
    }

    // MARK: - Work

    private enum Turn: Sendable {
        case waited
        case ended(queue: String, jobs: Int)
    }

    private func work() async throws {
        try await withThrowingTaskGroup(of: Turn.self) { group in
            var inHand: [String: Int] = [:]
            var isWaiting = false
            while true {
                onEvent(.turned)
                if !stop.isRequested {
                    for chunk in try await claim(besides: inHand) {
                        let queue = chunk.jobs[0].queue
                        inHand[queue, default: 0] += chunk.jobs.count
                        group.addTask {
                            try await perform(chunk.jobs, chunk.handler)
                            return .ended(queue: queue, jobs: chunk.jobs.count)
                        }
                    }
                }
                if inHand.isEmpty {
                    if stop.isRequested { break }
                    if settings.endsWhenEmpty, try await !store.hasUnfinishedJobs(in: names) { break }
                }
                if !isWaiting {
                    isWaiting = true
                    group.addTask {
                        try? await Task.sleep(for: settings.poll)
                        return .waited
                    }
                }
                switch try await group.next() {
                case .ended(let queue, let jobs):
                    let rest = inHand[queue, default: 0] - jobs
                    inHand[queue] = rest > 0 ? rest : nil
                case .waited, nil: isWaiting = false
                }
                try Task.checkCancellation()
            }
            group.cancelAll()
        }
    }

    /// Names of the queues; nil for all.
    private var names: [String]? { settings.queues.isEmpty ? nil : settings.queues.keys.sorted() }

    /// Jobs of one queue that go to one handler at once.
    private struct Chunk: Sendable {
        let handler: (any JobHandler)?
        let jobs: [Job]
    }

    /// New jobs, each with those that go to the same handler at once.
    private func claim(besides inHand: [String: Int]) async throws -> [Chunk] {
        let fallback = 2 * (handlers.values.map(\.chunk).max() ?? 1)
        let demands = try await store.queueSettings().compactMap { queue -> JobDemand? in
            guard !queue.isPaused, names?.contains(queue.name) ?? true else { return nil }
            let limit = settings.limit(of: queue, fallback: fallback)
            let free = limit - (inHand[queue.name] ?? 0)
            // Not for every job that ends: a claim is a commit.
            return free * 4 >= limit ? JobDemand(queue: queue.name, limit: free) : nil
        }
        let jobs = try await store.claimJobs(demands, run: run)
        if !jobs.isEmpty { onEvent(.claimed(jobs.count)) }
        var chunks: [Chunk] = []
        for demand in demands {
            let own = Dictionary(grouping: jobs.filter { $0.queue == demand.queue }, by: \.kind)
            for (kind, jobs) in own.sorted(by: { $0.key < $1.key }) {
                let handler = handlers[kind]
                let size = max(handler?.chunk ?? jobs.count, 1)
                for start in stride(from: 0, to: jobs.count, by: size) {
                    chunks.append(
                        Chunk(handler: handler, jobs: Array(jobs[start..<min(start + size, jobs.count)])))
                }
            }
        }
        return chunks
    }

    private func perform(_ jobs: [Job], _ handler: (any JobHandler)?) async throws {
        let context = JobContext(
            jobs, store: store, run: run, policy: settings.policy, stop: stop,
            onSettled: { ends, lost in onEvent(.settled(ends, lost: lost)) })
        guard let handler else {
            let reason = "this volfefe has no handler for jobs of the kind \"\(jobs[0].kind)\""
            return try await context.settleRest(.failed(JobFailure(.error, message: reason)))
        }
        do {
            try await handler.perform(jobs, in: context)
            try await context.settleRest(
                .failed(JobFailure(.error, message: "its handler gave no outcome; please report this")))
        } catch let error where error is CancellationError || error is StoreError || error is InferenceError {
            // Nothing is wrong with the jobs. What the database cannot take back now is rescued later.
            try? await context.settleRest(.givenBack)
            throw error
        } catch {
            try await context.settleRest(.failed(JobFailure(.error, message: "\(error)")))
        }
    }

    // MARK: - House

    /// Renews the lease, returns what dead owners had, runs cron, and prunes; until it is cancelled.
    private func keepHouse() async throws {
        let clock = ContinuousClock()
        var renewal = clock.now + settings.lease / 3
        var rescue = clock.now
        var pruning = clock.now
        while !Task.isCancelled {
            let now = clock.now
            if now >= renewal {
                guard try await store.renewLease(of: run, for: settings.lease) else {
                    throw JobError.lostLease(run: run)
                }
                renewal = now + settings.lease / 3
            }
            if now >= rescue {
                try await store.interruptDeadRuns()
                rescue = now + .seconds(2)
            }
            if !stop.isRequested { try await fireCron() }
            if now >= pruning {
                let pruned = try await store.pruneJobs(
                    completedFor: settings.keepCompleted, cancelledFor: settings.keepCancelled)
                pruning = now + (pruned > 0 ? .seconds(1) : .seconds(30))
            }
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func fireCron() async throws {
        for firing in try await store.fireCron() {
            switch firing.result {
            case .success(let at): onEvent(.fired(entry: firing.entry, at: at))
            case .failure(let error): onEvent(.refused(entry: firing.entry, reason: "\(error)"))
            }
        }
    }
}
