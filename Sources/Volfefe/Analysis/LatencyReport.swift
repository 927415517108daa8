import GRDB

/// How long a model version takes for a text: wall time of its batch ÷ texts of the batch, in milliseconds.
public struct LatencyReport: Sendable, Hashable, Encodable {
    /// Mean and percentiles of some calls.
    public struct Times: Sendable, Hashable, Encodable {
        /// Texts.
        public var count: Int
        /// Mean.
        public var meanMs: Double
        /// Half of the texts took at most this; percentiles are interpolated between neighbours, as NumPy's are.
        public var p50Ms: Double
        /// 95 % took at most this.
        public var p95Ms: Double
        /// 99 % took at most this.
        public var p99Ms: Double
        /// The slowest.
        public var maxMs: Double

        /// Nil without any.
        init?(ascending values: [Double]) {
            guard let last = values.last else { return nil }
            count = values.count
            meanMs = values.reduce(0, +) / Double(values.count)
            p50Ms = Self.percentile(0.5, of: values)
            p95Ms = Self.percentile(0.95, of: values)
            p99Ms = Self.percentile(0.99, of: values)
            maxMs = last
        }

        /// The value at the place q·(n − 1) of the ascending values, linearly between its neighbours
        /// (Hyndman and Fan, The American Statistician 50 (1996), definition 7).
        static func percentile(_ q: Double, of values: [Double]) -> Double {
            let place = q * Double(values.count - 1)
            let below = Int(place)
            let above = min(below + 1, values.count - 1)
            return values[below] + (values[above] - values[below]) * (place - Double(below))
        }

        /// From counts by `TimeBuckets`, ascending: percentiles and maximum are the ends of their steps, so at most 4.5 % too
        /// high and never too low. `totalMs` is the sum of all. Nil without any.
        init?(steps: [(bucket: Int, texts: Int)], totalMs: Double) {
            count = steps.reduce(0) { $0 + $1.texts }
            guard count > 0 else { return nil }
            meanMs = totalMs / Double(count)
            func end(_ q: Double, _ count: Int) -> Double {
                let rank = max(Int((q * Double(count)).rounded(.up)), 1)
                var seen = 0
                for step in steps {
                    seen += step.texts
                    if seen >= rank { return TimeBuckets.end(of: step.bucket) }
                }
                return 0
            }
            p50Ms = end(0.5, count)
            p95Ms = end(0.95, count)
            p99Ms = end(0.99, count)
            maxMs = end(1, count)
        }

        enum CodingKeys: String, CodingKey {
            case count = "n"
            case meanMs = "mean_ms"
            case p50Ms = "p50_ms"
            case p95Ms = "p95_ms"
            case p99Ms = "p99_ms"
            case maxMs = "max_ms"
        }
    }

    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// Every call but the first of the model in its process; nil without any.
    public var steady: Times?
    /// The first calls, which are slower; nil without any.
    public var firstCalls: Times?
    /// How long texts waited for a worker before, in all runs that noted it: rounded up by at most 4.5 %; nil without any.
    public var queue: Times?
    /// Verdicts that were taken over from equal texts: nobody computed them, they have no latency.
    public var reused: Int

    enum CodingKeys: String, CodingKey {
        case steady, queue, reused
        case modelID = "model_id"
        case modelVersion = "model_version"
        case firstCalls = "first_calls"
    }

    /// Writes what there is none of as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(modelID, forKey: .modelID)
        try container.encode(modelVersion, forKey: .modelVersion)
        try container.encode(steady, forKey: .steady)
        try container.encode(firstCalls, forKey: .firstCalls)
        try container.encode(queue, forKey: .queue)
        try container.encode(reused, forKey: .reused)
    }
}

extension Store {
    /// Latencies of these model versions, in their order; failures, reused verdicts and edited texts do not count.
    public func latencies(of models: [AnalysedModel]) async throws -> [LatencyReport] {
        try await read { db in
            try models.map { model in
                var reused = 0
                var steady: [Double] = []
                var first: [Double] = []
                let rows = try Row.fetchCursor(
                    db,
                    sql: """
                        SELECT k.latency_ms, k.first_call, u.content_id IS NOT NULL
                        FROM contents AS c INDEXED BY contents_with_text
                        CROSS JOIN classifications AS k
                            ON k.content_id = c.id AND k.model_version_id = :version AND k.text_version = c.text_version
                        LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
                        WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL
                            -- 0: imported, and nobody has told how long it took.
                            AND (k.latency_ms > 0 OR u.content_id IS NOT NULL)
                        """,
                    arguments: ["version": model.id])
                while let row = try rows.next() {
                    if row[2] { reused += 1 } else if row[1] { first.append(row[0]) } else { steady.append(row[0]) }
                }
                return LatencyReport(
                    modelID: model.modelID, modelVersion: model.modelVersion, steady: .init(ascending: steady.sorted()),
                    firstCalls: .init(ascending: first.sorted()), queue: try Self.queue(of: model, in: db),
                    reused: reused)
            }
        }
    }

    private static func queue(of model: AnalysedModel, in db: Database) throws -> LatencyReport.Times? {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT bucket, sum(texts) AS texts, sum(total_us) AS total_us
                FROM queue_counts
                WHERE model_version_id = ?
                GROUP BY bucket
                ORDER BY bucket
                """,
            arguments: [model.id])
        return .init(
            steps: rows.map { ($0["bucket"], $0["texts"]) },
            totalMs: Double(rows.reduce(0) { $0 + ($1["total_us"] as Int64) }) / 1000)
    }
}
