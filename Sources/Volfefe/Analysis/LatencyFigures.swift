import Foundation
import GRDB

/// How long a model version took for a text, and for all of them.
public struct LatencyFigures: Sendable, Hashable, Encodable {
    /// Calls within a range of latencies.
    public struct Bin: Sendable, Hashable, Encodable {
        /// From so many milliseconds.
        public var fromMs: Double
        /// To less than so many.
        public var toMs: Double
        /// Texts.
        public var count: Int

        enum CodingKeys: String, CodingKey {
            case count
            case fromMs = "from_ms"
            case toMs = "to_ms"
        }
    }

    /// The model version.
    public var model: AnalysedModel
    /// Every call but the first of the model in its process; nil without any.
    public var steady: LatencyReport.Times?
    /// Texts whose call was the first of the model in its process; they are in `totalMs` only.
    public var firstCalls: Int
    /// What all computed verdicts took, in milliseconds.
    public var totalMs: Double
    /// Share of `totalMs` in that of all models; nil when nothing was computed.
    public var timeShare: Double?
    /// Steady calls by latency, eight bins for each power of ten, empty ones between two others too.
    public var bins: [Bin]

    /// Bins for each power of ten.
    static let binsPerDecade = 8
    /// What is faster is counted as this fast: a logarithm needs more than nothing.
    static let fastest = 0.001

    init(_ model: AnalysedModel, steady values: [Double], first: [Double]) {
        let ascending = values.sorted()
        self.model = model
        steady = .init(ascending: ascending)
        firstCalls = first.count
        totalMs = ascending.reduce(0, +) + first.sorted().reduce(0, +)
        bins = Self.bins(ascending)
    }

    /// Counts ascending values.
    static func bins(_ ascending: [Double]) -> [Bin] {
        let places = ascending.map { Int((log10(max($0, fastest)) * Double(binsPerDecade)).rounded(.down)) }
        guard let first = places.first, let last = places.last else { return [] }
        var counts = [Int](repeating: 0, count: last - first + 1)
        for place in places { counts[place - first] += 1 }
        return counts.enumerated().map { index, count in
            func edge(_ place: Int) -> Double { pow(10, Double(place) / Double(binsPerDecade)) }
            return Bin(fromMs: edge(first + index), toMs: edge(first + index + 1), count: count)
        }
    }

    enum CodingKeys: String, CodingKey {
        case steady, bins
        case modelID = "model_id"
        case modelVersion = "model_version"
        case firstCalls = "first_calls"
        case totalMs = "total_ms"
        case timeShare = "time_share"
    }

    /// Writes what is not defined as null.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(model.modelID, forKey: .modelID)
        try container.encode(model.modelVersion, forKey: .modelVersion)
        try container.encode(steady, forKey: .steady)
        try container.encode(firstCalls, forKey: .firstCalls)
        try container.encode(totalMs, forKey: .totalMs)
        try container.encode(timeShare, forKey: .timeShare)
        try container.encode(bins, forKey: .bins)
    }
}

extension [LatencyFigures] {
    /// With the share of each in the time of all.
    func withShares() -> [LatencyFigures] {
        let total = reduce(0) { $0 + $1.totalMs }
        return map { figures in
            var figures = figures
            figures.timeShare = total > 0 ? figures.totalMs / total : nil
            return figures
        }
    }
}

extension Store {
    /// Latencies of these model versions, in one pass; failures, reused verdicts and edited texts do not count.
    static func latencyFigures(
        _ models: [AnalysedModel], scope: StatementArguments, in db: Database
    ) throws -> [LatencyFigures] {
        var steady = [[Double]](repeating: [], count: models.count)
        var first = steady
        let rows = try Row.fetchCursor(
            db,
            sql: """
                WITH wanted AS MATERIALIZED (SELECT value AS version, key AS place FROM json_each(:versions))
                SELECT w.place, k.latency_ms, k.first_call
                FROM contents AS c INDEXED BY contents_with_text
                CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                CROSS JOIN wanted AS w ON w.version = k.model_version_id
                LEFT JOIN reuses AS u ON u.content_id = k.content_id AND u.model_version_id = k.model_version_id
                WHERE c.text_hash IS NOT NULL AND k.error_code IS NULL AND u.content_id IS NULL
                    -- 0: imported, and nobody has told how long it took.
                    AND k.latency_ms > 0
                    AND \(ContentScope.condition)
                """,
            arguments: ["versions": jsonArray(models.map(\.id))] &+ scope)
        while let row = try rows.next() {
            let place: Int = row[0]
            if row[2] { first[place].append(row[1]) } else { steady[place].append(row[1]) }
        }
        return models.indices.map { LatencyFigures(models[$0], steady: steady[$0], first: first[$0]) }.withShares()
    }
}
