import GRDB
import Inference

/// What the new verdicts of one save add to the counts; written at its end, a statement for each cell and not for each verdict.
///
/// A verdict that replaces one is not for here: the triggers of `SchemaVersion7` see both. The counts of a new one are those
/// of the view `counted_verdicts`.
struct VerdictTally {
    /// The content of a verdict, as far as counts care.
    struct Content {
        /// Version of its text.
        let textVersion: Int
        /// Its source.
        let sourceID: Int64
        /// Days from 1970-01-01 to its publication, or `VerdictCounts.unknownDay`.
        let day: Int64

        /// `publishedAt` in unix milliseconds.
        init(textVersion: Int, sourceID: Int64, publishedAt: Int64?) {
            self.textVersion = textVersion
            self.sourceID = sourceID
            day = publishedAt.map(Self.day) ?? VerdictCounts.unknownDay
        }

        /// Rounded down, also before 1970.
        private static func day(_ ms: Int64) -> Int64 {
            let (days, rest) = ms.quotientAndRemainder(dividingBy: 86_400_000)
            return rest < 0 ? days - 1 : days
        }
    }

    private struct Cell: Hashable {
        let version, day, source: Int64
        let outcome: Int
    }

    private struct Sums {
        var verdicts = 0
        var confidence: Int64 = 0
        var perfect = 0
        var truncated = 0
    }

    private struct Step: Hashable {
        let version: Int64
        let isFirstCall: Bool
        let bucket: Int
    }

    private var cells: [Cell: Sums] = [:]
    private var latencies: [Step: Int] = [:]
    private var waits: [Step: (texts: Int, microseconds: Int64)] = [:]

    /// Counts a new prediction on a text of `textVersion`.
    mutating func add(_ row: ClassificationRow, of version: Int64, on content: Content, textVersion: Int) {
        guard textVersion == content.textVersion else { return count(3, of: version, on: content) }
        count(row.sentiment, of: version, on: content) { sums in
            sums.confidence += Int64(row.confidence * VerdictCounts.confidenceUnit + 0.5)
            sums.perfect += row.flags & QualityFlags.perfectScore == 0 ? 0 : 1
            sums.truncated += row.processing.truncated ? 1 : 0
        }
        // An imported verdict whose file told no latency has 0.
        guard row.processing.latencyMs > 0 else { return }
        let bucket = TimeBuckets.number(of: row.processing.latencyMs)
        latencies[Step(version: version, isFirstCall: row.processing.firstCall, bucket: bucket), default: 0] += 1
    }

    /// Counts a new failure on a text of `textVersion`.
    mutating func addFailure(of version: Int64, on content: Content, textVersion: Int) {
        count(textVersion == content.textVersion ? 2 : 3, of: version, on: content)
    }

    /// Counts how long a text waited for its worker, in milliseconds.
    mutating func addWait(_ ms: Double, of version: Int64) {
        let step = Step(version: version, isFirstCall: false, bucket: TimeBuckets.number(of: ms))
        var entry = waits[step] ?? (0, 0)
        entry.texts += 1
        entry.microseconds += Int64((ms * 1000).rounded())
        waits[step] = entry
    }

    private mutating func count(
        _ outcome: Int, of version: Int64, on content: Content, _ body: (inout Sums) -> Void = { _ in }
    ) {
        let cell = Cell(version: version, day: content.day, source: content.sourceID, outcome: outcome)
        cells[cell, default: Sums()].verdicts += 1
        body(&cells[cell, default: Sums()])
    }

    /// Adds everything to the counts, and begins anew.
    mutating func write(run: Int64, in db: Database) throws {
        defer { self = VerdictTally() }
        let counting = try db.cachedStatement(sql: Self.countVerdicts)
        for (cell, sums) in cells {
            try counting.execute(arguments: [
                cell.version, cell.day, cell.source, cell.outcome, sums.verdicts, sums.confidence, sums.perfect,
                sums.truncated,
            ])
        }
        let timing = try db.cachedStatement(sql: Self.countLatencies)
        for (step, texts) in latencies {
            try timing.execute(arguments: [step.version, step.isFirstCall, step.bucket, texts])
        }
        let waiting = try db.cachedStatement(sql: Self.countWaits)
        for (step, wait) in waits {
            try waiting.execute(arguments: [run, step.version, step.bucket, wait.texts, wait.microseconds])
        }
    }

    private static let countVerdicts = """
        INSERT INTO verdict_counts
            (model_version_id, day, source_id, outcome, verdicts, confidence, perfect, truncated, reused)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0)
        ON CONFLICT (model_version_id, day, source_id, outcome) DO UPDATE SET
            verdicts = verdicts + excluded.verdicts,
            confidence = confidence + excluded.confidence,
            perfect = perfect + excluded.perfect,
            truncated = truncated + excluded.truncated
        """

    private static let countLatencies = """
        INSERT INTO latency_counts (model_version_id, first_call, bucket, texts)
        VALUES (?, ?, ?, ?)
        ON CONFLICT (model_version_id, first_call, bucket) DO UPDATE SET texts = texts + excluded.texts
        """

    private static let countWaits = """
        INSERT INTO queue_counts (run_id, model_version_id, bucket, texts, total_us)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (run_id, model_version_id, bucket) DO UPDATE SET
            texts = texts + excluded.texts, total_us = total_us + excluded.total_us
        """
}
