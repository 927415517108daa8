/// What `volfefe bench` found. Times are milliseconds, memory bytes, rates texts per second.
struct BenchReport: Codable, Sendable {
    /// The machine.
    struct Hardware: Codable, Sendable {
        let cpu: String
        let cores: Int
    }

    /// One model on one worker.
    struct Model: Codable, Sendable {
        let id, engine, engineVersion, precision, device: String
        /// Loading, and the first and second call in a process.
        let loadMs, firstCallMs, secondCallMs: Double
        /// In requests of `batch_size` texts, to one worker.
        var rate: Spread?
        /// CPU time of the worker per text, all its threads.
        var cpuMs: Spread?
        /// One text, nothing beside it: from the request to its answer.
        var aloneMs: Quantiles?
        /// Computed ÷ real tokens.
        var padding: Double?
        /// Operations per second of CPU time, 10⁹; nil where the model does not tell its size.
        var gops: Double?
        var ofPeak: [PeakShare] = []
        /// The same in the plain loop, per text, and how many times as long that takes.
        var loopMs: Spread?
        var timesLoop: Spread?
        var failures = 0

        enum CodingKeys: String, CodingKey {
            case id, engine, precision, device, padding, gops, failures
            case engineVersion = "engine_version"
            case loadMs = "load_ms"
            case firstCallMs = "first_call_ms"
            case secondCallMs = "second_call_ms"
            case rate = "texts_per_s"
            case cpuMs = "cpu_ms_per_text"
            case aloneMs = "alone_ms"
            case ofPeak = "of_peak"
            case loopMs = "loop_ms_per_text"
            case timesLoop = "times_loop"
        }
    }

    struct Quantiles: Codable, Sendable, Hashable {
        let p50, p95, p99: Double

        init?(_ values: [Double]) {
            guard let p50 = values.quantile(0.5), let p95 = values.quantile(0.95), let p99 = values.quantile(0.99)
            else { return nil }
            self.p50 = p50
            self.p95 = p95
            self.p99 = p99
        }
    }

    /// All models on every text, by all workers; nothing is stored.
    struct Whole: Codable, Sendable {
        let workers, threads: Int
        var rate: Spread?
        /// The plain loop in one process, and the pipeline, where they run.
        var loopRate, pipelineRate: Spread?
        var timesLoop, timesPipeline: Spread?
        /// Greatest mean of the workers, resident and proportional.
        var residentBytes, proportionalBytes: UInt64?

        enum CodingKeys: String, CodingKey {
            case workers, threads
            case rate = "texts_per_s"
            case loopRate = "loop_texts_per_s"
            case pipelineRate = "pipeline_texts_per_s"
            case timesLoop = "times_loop"
            case timesPipeline = "times_pipeline"
            case residentBytes = "rss_bytes"
            case proportionalBytes = "pss_bytes"
        }
    }

    let hardware: Hardware
    /// What one core can do, per precision and unit.
    let peaks: [UnitPeak]
    var rounds = 0
    /// Texts that each model and the whole set judge in a round, and those that are sent alone.
    var textsPerRound = 0
    var textsAlone = 0
    /// Whether there were too few texts, so that some came again with a mark.
    var marked = false
    var models: [Model] = []
    var whole: Whole?
    /// Why a comparison is missing.
    var notes: [String] = []

    var failures: Int { models.map(\.failures).reduce(0, +) }

    enum CodingKeys: String, CodingKey {
        case hardware, peaks, rounds, marked, models, whole, notes
        case textsPerRound = "texts_per_round"
        case textsAlone = "texts_alone"
    }
}
