import Inference

/// What the rounds said about one model, before it is summed up.
struct ModelTally: Sendable {
    /// One batched phase of a round.
    struct Batch: Sendable {
        var texts = 0
        var wallSeconds = 0.0
        /// nil where the kernel keeps no count.
        var cpuSeconds: Double?
        /// Real tokens that the model read.
        var tokens = 0
    }

    let loaded: LoadedModel
    var batches: [Batch] = []
    var aloneMs: [Double] = []
    /// Milliseconds per text of the plain loop, round by round.
    var loopMs: [Double] = []
    var padding = Padding()
    var failures = 0

    init(_ loaded: LoadedModel) {
        self.loaded = loaded
    }

    /// Counts what came back for one request of a batched phase.
    mutating func count(_ results: [ModelResults], in batch: inout Batch) {
        let outcomes = results.compactMap { $0.models[loaded.id] }
        let processing = outcomes.compactMap { outcome in
            if case .prediction(let prediction) = outcome { prediction.meta.processing } else { nil }
        }
        failures += results.count - processing.count
        let before = padding.tokens
        padding.count(processing, limit: loaded.maxTokens)
        batch.texts += results.count
        batch.tokens += padding.tokens - before
    }

    /// The row of the report.
    func summary(peaks: [UnitPeak]) -> BenchReport.Model {
        var model = BenchReport.Model(
            id: loaded.id, engine: loaded.engine, engineVersion: loaded.engineVersion, precision: loaded.precision,
            device: loaded.device, loadMs: loaded.loadMs, firstCallMs: loaded.firstCallMs,
            secondCallMs: loaded.secondCallMs)
        let full = batches.filter { $0.texts > 0 && $0.wallSeconds > 0 }
        model.rate = Spread(full.map { Double($0.texts) / $0.wallSeconds })
        model.cpuMs = Spread(full.compactMap { batch in batch.cpuSeconds.map { $0 * 1000 / Double(batch.texts) } })
        model.aloneMs = BenchReport.Quantiles(aloneMs)
        model.padding = padding.overhead
        model.loopMs = Spread(loopMs)
        model.timesLoop = Spread(zip(full, loopMs).map { $1 * Double($0.texts) / ($0.wallSeconds * 1000) })
        model.failures = failures
        if let perToken = loaded.opsPerToken, perToken > 0 {
            let rates = full.compactMap { batch in
                (batch.cpuSeconds ?? batch.wallSeconds) > 0
                    ? Double(perToken) * Double(batch.tokens) / (batch.cpuSeconds ?? batch.wallSeconds) / 1e9 : nil
            }
            model.gops = Spread(rates)?.median
            model.ofPeak = model.gops.map { PeakShare.shares(of: $0, precision: loaded.precision, peaks: peaks) } ?? []
        }
        return model
    }
}
