import Foundation
import Inference
import Volfefe

/// The measurement itself: every model by itself and all of them together, in turn with the plain ways, round after round.
struct EngineBench: Sendable {
    /// How much is measured.
    struct Plan: Sendable {
        var rounds: Int
        /// Texts per model and round.
        var count: Int
        /// Texts of those that are sent one at a time: a quarter, at least eight.
        var alone: Int { max(8, count / 4) }
        /// Texts per request.
        var batchSize: Int
        /// Requests that are under way at once when all workers work.
        var inFlight: Int
    }

    let pool: WorkerPool
    let plan: Plan
    let models: [String]
    let progress: Progress
    private(set) var tallies: [ModelTally]
    private(set) var supply: TextSupply
    private var wholeRates: [Double] = []
    private var loopRates: [Double] = []
    private var pipelineRates: [Double] = []
    private var resident: UInt64?
    private var proportional: UInt64?

    init(pool: WorkerPool, ready: WorkerReady, plan: Plan, supply: TextSupply, progress: Progress) {
        self.pool = pool
        self.plan = plan
        self.supply = supply
        self.progress = progress
        models = ready.models.map(\.id)
        tallies = ready.models.map(ModelTally.init)
    }

    /// Texts of one round, all phases together.
    static func textsPerRound(_ plan: Plan, models: Int) -> Int { (plan.count + plan.alone) * models + plan.count }

    /// One round: each model in batches, each model one text at a time, all models on all workers, the plain ways.
    mutating func round(loop: ReferenceProcess?, pipeline: ReferenceProcess?) async throws {
        let together = supply.take(plan.count)
        let batched = supply.take(plan.count)
        let alone = supply.take(plan.alone)
        for index in tallies.indices {
            try await measureBatches(index, batched)
            try await measureAlone(index, alone)
            lookAtMemory()
        }
        wholeRates.append(try await Double(together.count) / measureTogether(together))
        lookAtMemory()
        if let loop {
            let judged = try await loop.judge(together)
            loopRates.append(Double(judged.texts) / judged.wallSeconds)
            for index in tallies.indices {
                guard let model = judged.models[models[index]] else { continue }
                tallies[index].loopMs.append(model.wallSeconds * 1000 / Double(judged.texts))
            }
        }
        if let pipeline {
            let judged = try await pipeline.judge(together)
            pipelineRates.append(Double(judged.texts) / judged.wallSeconds)
        }
    }

    /// What the rounds so far say.
    func report(into report: inout BenchReport, workers: Int, threads: Int) {
        report.rounds = wholeRates.count
        report.textsPerRound = plan.count
        report.textsAlone = plan.alone
        report.marked = supply.hasMarked
        report.models = tallies.map { [peaks = report.peaks] in $0.summary(peaks: peaks) }
        report.whole = BenchReport.Whole(
            workers: workers, threads: threads, rate: Spread(wholeRates), loopRate: Spread(loopRates),
            pipelineRate: Spread(pipelineRates), timesLoop: Spread(zip(wholeRates, loopRates).map { $0 / $1 }),
            timesPipeline: Spread(zip(wholeRates, pipelineRates).map { $0 / $1 }), residentBytes: resident,
            proportionalBytes: proportional)
    }

    // MARK: - Phases

    /// One request after the other, so that one worker works at a time.
    private mutating func measureBatches(_ index: Int, _ texts: [String]) async throws {
        var batch = ModelTally.Batch()
        let cpu = cpuOfWorkers()
        for request in requests(texts) {
            let begun = ContinuousClock.now
            let results = try await pool.classify(request, models: [models[index]])
            batch.wallSeconds += (ContinuousClock.now - begun) / .seconds(1)
            tallies[index].count(results, in: &batch)
            progress.advance(request.count)
        }
        if let cpu, let after = cpuOfWorkers(), after > cpu { batch.cpuSeconds = after - cpu }
        tallies[index].batches.append(batch)
    }

    private mutating func measureAlone(_ index: Int, _ texts: [String]) async throws {
        for text in texts {
            let begun = ContinuousClock.now
            _ = try await pool.classify([text], models: [models[index]])
            tallies[index].aloneMs.append((ContinuousClock.now - begun) / .milliseconds(1))
            progress.advance(1)
        }
    }

    /// All models on every text, by all workers at once; seconds.
    private func measureTogether(_ texts: [String]) async throws -> Double {
        let begun = ContinuousClock.now
        var waiting = requests(texts)[...]
        try await withThrowingTaskGroup(of: Int.self) { [pool, models] group in
            func next() {
                guard let request = waiting.popFirst() else { return }
                group.addTask { try await pool.classify(request, models: models).count }
            }
            for _ in 0..<plan.inFlight { next() }
            while let done = try await group.next() {
                progress.advance(done)
                next()
            }
        }
        return (ContinuousClock.now - begun) / .seconds(1)
    }

    private func requests(_ texts: [String]) -> [[String]] {
        stride(from: 0, to: texts.count, by: plan.batchSize).map {
            Array(texts[$0..<min($0 + plan.batchSize, texts.count)])
        }
    }

    // MARK: - Looking

    private var workers: [Int32] { pool.snapshot.workers.compactMap(\.pid) }

    /// CPU seconds of all workers; nil where the kernel keeps no count.
    private func cpuOfWorkers() -> Double? {
        let times = workers.compactMap(WorkerUsage.cpuSeconds)
        return times.isEmpty ? nil : times.reduce(0, +)
    }

    private mutating func lookAtMemory() {
        let sizes = workers.compactMap(WorkerUsage.memory)
        guard !sizes.isEmpty else { return }
        let count = UInt64(sizes.count)
        resident = max(resident ?? 0, sizes.map(\.resident).reduce(0, +) / count)
        proportional = max(proportional ?? 0, sizes.map(\.proportional).reduce(0, +) / count)
    }
}
