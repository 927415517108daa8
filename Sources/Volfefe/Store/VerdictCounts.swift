import GRDB

/// The counts that questions about all verdicts are answered from, as one transaction sees them.
///
/// They follow from `contents`, `classifications` and `reuses`, so they can always be made anew.
struct VerdictCounts {
    /// Stands for the day of contents whose date of publication is unknown.
    static let unknownDay: Int64 = -9_999_999
    /// Confidences are summed up in billionths: as integers, so that no order of additions and subtractions changes a digit.
    static let confidenceUnit = 1e9

    private let db: Database

    init(in db: Database) { self.db = db }

    /// Whether every stored outcome is counted. It is not where somebody else's program has inserted some.
    func areComplete() throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: """
                SELECT (SELECT count(*) FROM classifications) = (SELECT coalesce(sum(verdicts), 0) FROM verdict_counts)
                """) ?? false
    }

    /// How many counts differ from what there is to count; reads everything.
    func wrong() throws -> Int {
        try [
            (
                Self.verdicts, "verdict_counts",
                "verdicts <> 0 OR confidence <> 0 OR perfect <> 0 OR truncated <> 0 OR reused <> 0"
            ),
            (Self.latencies, "latency_counts", "texts <> 0"),
            (Self.contents, "content_counts", "contents <> 0 OR with_text <> 0"),
        ].reduce(0) { sum, count in
            let (truth, table, isSomething) = count
            let wrong = try Int.fetchOne(
                db,
                sql: """
                    WITH truth AS (\(truth)), stored AS (SELECT * FROM \(table) WHERE \(isSomething))
                    SELECT max(
                        (SELECT count(*) FROM (SELECT * FROM truth EXCEPT SELECT * FROM stored)),
                        (SELECT count(*) FROM (SELECT * FROM stored EXCEPT SELECT * FROM truth)))
                    """)
            return sum + (wrong ?? 0)
        }
    }

    /// Makes the counts anew.
    func rebuild() throws {
        for (truth, table) in [
            (Self.verdicts, "verdict_counts"), (Self.latencies, "latency_counts"), (Self.contents, "content_counts"),
        ] {
            try db.execute(sql: "DELETE FROM \(table)")
            try db.execute(sql: "INSERT INTO \(table) \(truth)")
        }
    }

    /// What `verdict_counts` has to be.
    static let verdicts = """
        SELECT
            model_version_id, day, source_id, outcome, count(*) AS verdicts, sum(confidence) AS confidence,
            sum(perfect) AS perfect, sum(truncated) AS truncated, sum(reused) AS reused
        FROM counted_verdicts
        GROUP BY model_version_id, day, source_id, outcome
        """

    private static let latencies = """
        SELECT model_version_id, first_call, bucket, count(*) AS texts
        FROM counted_verdicts
        WHERE bucket IS NOT NULL AND NOT reused
        GROUP BY model_version_id, first_call, bucket
        """

    private static let contents = """
        SELECT day, source_id, count(*) AS contents, sum(has_text) AS with_text
        FROM (
            SELECT
                coalesce((published_at - (published_at % 86400000 + 86400000) % 86400000) / 86400000, -9999999) AS day,
                source_id, text_hash IS NOT NULL AS has_text
            FROM contents)
        GROUP BY day, source_id
        """
}

extension Store {
    /// Makes the counts behind `stats` and the daily views anew, in one transaction.
    public func rebuildCounts() async throws {
        try await write { db in try VerdictCounts(in: db).rebuild() }
    }
}
