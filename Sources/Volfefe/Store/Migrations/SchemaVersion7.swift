import GRDB

/// What questions about all verdicts are answered from without reading them: how many there are of each kind.
///
/// Nothing that exists is rewritten. `counted_verdicts` says what one verdict counts for. Triggers subtract what it says before
/// a change and add what it says afterwards; only new verdicts are added by the transaction that stores them, all at once
/// (`VerdictTally`), because a trigger for each row would make storing a quarter slower.
enum SchemaVersion7 {
    static let identifier = "007-counts"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: tables)
        for bucket in TimeBuckets.all {
            try db.execute(
                sql: "INSERT INTO time_buckets (bucket, from_ms, to_ms) VALUES (?, ?, ?)",
                arguments: [bucket.number, bucket.fromMs, bucket.toMs])
        }
        try db.execute(sql: countedVerdicts)
        try db.execute(sql: verdictTriggers)
        try db.execute(sql: reuseTriggers)
        try db.execute(sql: contentTriggers)
        try db.execute(sql: published)
        try VerdictCounts(in: db).rebuild()
    }

    private static let tables = """
        -- Times in steps of a sixteenth of an octave.
        CREATE TABLE time_buckets (
            bucket  INTEGER PRIMARY KEY CHECK (bucket >= 0),
            from_ms REAL NOT NULL UNIQUE CHECK (from_ms >= 0),
            to_ms   REAL CHECK (to_ms > from_ms)               -- excluded; NULL: no end
        ) STRICT;

        -- Verdicts of a model version on contents of a day and a source, by outcome. A row whose numbers are all 0 counts
        -- for nothing. No CHECK keeps them from being negative, as they may be within a transaction.
        CREATE TABLE verdict_counts (
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
            day              INTEGER NOT NULL,                 -- of publication, UTC, from 1970-01-01; -9999999: unknown
            source_id        INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
            outcome          INTEGER NOT NULL CHECK (outcome BETWEEN -1 AND 3), -- sentiment; 2: failed; 3: stale
            verdicts         INTEGER NOT NULL,
            confidence       INTEGER NOT NULL,                 -- sum in billionths: exact in any order
            perfect          INTEGER NOT NULL,
            truncated        INTEGER NOT NULL,
            reused           INTEGER NOT NULL,
            PRIMARY KEY (model_version_id, day, source_id, outcome)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE content_counts (
            day       INTEGER NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
            contents  INTEGER NOT NULL,
            with_text INTEGER NOT NULL,
            PRIMARY KEY (day, source_id)
        ) STRICT, WITHOUT ROWID;

        -- Latencies of the predictions that were computed for their content, on current texts.
        CREATE TABLE latency_counts (
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
            first_call       INTEGER NOT NULL CHECK (first_call IN (0, 1)),
            bucket           INTEGER NOT NULL REFERENCES time_buckets (bucket),
            texts            INTEGER NOT NULL,
            PRIMARY KEY (model_version_id, first_call, bucket)
        ) STRICT, WITHOUT ROWID;

        -- How long the texts of a run waited for a worker: what happened, whatever becomes of the verdicts.
        CREATE TABLE queue_counts (
            run_id           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
            bucket           INTEGER NOT NULL REFERENCES time_buckets (bucket),
            texts            INTEGER NOT NULL CHECK (texts > 0),
            total_us         INTEGER NOT NULL CHECK (total_us >= 0),   -- their sum in microseconds
            PRIMARY KEY (run_id, model_version_id, bucket)
        ) STRICT, WITHOUT ROWID;
        """

    /// The one place that says in SQL what a verdict counts for; `VerdictTally` says the same of new ones.
    private static let countedVerdicts = """
        CREATE VIEW counted_verdicts AS
        SELECT
            content_id, model_version_id, day, source_id,
            CASE WHEN is_stale THEN 3 WHEN error_code IS NOT NULL THEN 2 ELSE sentiment END AS outcome,
            CASE WHEN counts THEN CAST(confidence * 1e9 + 0.5 AS INTEGER) ELSE 0 END AS confidence,
            CASE WHEN counts THEN flags & 2 <> 0 ELSE 0 END AS perfect,
            CASE WHEN counts THEN truncated ELSE 0 END AS truncated,
            CASE WHEN counts THEN EXISTS (
                    SELECT 1
                    FROM reuses AS u
                    WHERE u.content_id = judged.content_id AND u.model_version_id = judged.model_version_id)
                ELSE 0 END AS reused,
            first_call,
            -- An imported verdict whose file told no latency has 0.
            CASE WHEN counts AND latency_ms > 0
                THEN (SELECT b.bucket FROM time_buckets AS b WHERE b.from_ms <= latency_ms ORDER BY b.from_ms DESC LIMIT 1)
                END AS bucket
        FROM (
            SELECT
                k.*, c.source_id,
                \(day("c")) AS day,
                k.text_version <> c.text_version AS is_stale,
                k.text_version = c.text_version AND k.error_code IS NULL AS counts
            FROM classifications AS k JOIN contents AS c ON c.id = k.content_id
        ) AS judged;
        """

    /// A verdict that is replaced or deleted.
    private static let verdictTriggers = """
        CREATE TRIGGER verdict_counts_before_update BEFORE UPDATE ON classifications BEGIN
            \(count("-", "content_id = OLD.content_id AND model_version_id = OLD.model_version_id"))
        END;
        CREATE TRIGGER verdict_counts_after_update AFTER UPDATE ON classifications BEGIN
            \(count("", "content_id = NEW.content_id AND model_version_id = NEW.model_version_id"))
        END;
        CREATE TRIGGER verdict_counts_before_delete BEFORE DELETE ON classifications BEGIN
            -- While the verdict is still there to be seen by their triggers.
            DELETE FROM reuses WHERE content_id = OLD.content_id AND model_version_id = OLD.model_version_id;
            \(count("-", "content_id = OLD.content_id AND model_version_id = OLD.model_version_id"))
        END;
        """

    /// A verdict that was taken over has no latency of its own.
    private static let reuseTriggers = """
        CREATE TRIGGER reuses_after_insert AFTER INSERT ON reuses BEGIN
            \(reuse("NEW", reused: "1", texts: "-1"))
        END;
        CREATE TRIGGER reuses_after_delete AFTER DELETE ON reuses BEGIN
            \(reuse("OLD", reused: "-1", texts: "1"))
        END;
        """

    /// A content that comes, goes, is edited, or changes its date or source.
    private static let contentTriggers = """
        CREATE TRIGGER contents_after_insert AFTER INSERT ON contents BEGIN
            \(content("NEW", "1"))
        END;
        CREATE TRIGGER contents_before_update BEFORE UPDATE OF text_version, published_at, source_id ON contents
        WHEN \(moved) OR OLD.text_version <> NEW.text_version
        BEGIN
            \(count("-", "content_id = OLD.id"))
        END;
        CREATE TRIGGER contents_after_update AFTER UPDATE OF text_version, published_at, source_id ON contents
        WHEN \(moved) OR OLD.text_version <> NEW.text_version
        BEGIN
            \(count("", "content_id = NEW.id"))
        END;
        CREATE TRIGGER contents_counted_again AFTER UPDATE OF text_hash, published_at, source_id ON contents
        WHEN \(moved) OR (OLD.text_hash IS NULL) <> (NEW.text_hash IS NULL)
        BEGIN
            \(content("OLD", "-1"))
            \(content("NEW", "1"))
        END;
        CREATE TRIGGER contents_before_delete BEFORE DELETE ON contents BEGIN
            -- While the content is still there to be seen by their triggers.
            DELETE FROM classifications WHERE content_id = OLD.id;
            \(content("OLD", "-1"))
        END;
        """

    private static let moved = "OLD.published_at IS NOT NEW.published_at OR OLD.source_id <> NEW.source_id"

    /// Days from 1970-01-01 to a content's publication, rounded down also before 1970.
    private static func day(_ content: String) -> String {
        """
        coalesce(
                    (\(content).published_at - (\(content).published_at % 86400000 + 86400000) % 86400000) / 86400000, -9999999)
        """
    }

    /// Adds what some verdicts count for, or with "-" subtracts it.
    private static func count(_ sign: String, _ condition: String) -> String {
        """
        INSERT INTO verdict_counts
                (model_version_id, day, source_id, outcome, verdicts, confidence, perfect, truncated, reused)
            SELECT
                model_version_id, day, source_id, outcome, \(sign)1, \(sign)confidence, \(sign)perfect, \(sign)truncated,
                \(sign)reused
            FROM counted_verdicts
            WHERE \(condition)
            ON CONFLICT (model_version_id, day, source_id, outcome) DO UPDATE SET
                verdicts = verdicts + excluded.verdicts,
                confidence = confidence + excluded.confidence,
                perfect = perfect + excluded.perfect,
                truncated = truncated + excluded.truncated,
                reused = reused + excluded.reused;
            INSERT INTO latency_counts (model_version_id, first_call, bucket, texts)
            SELECT model_version_id, first_call, bucket, \(sign)1
            FROM counted_verdicts
            WHERE \(condition) AND bucket IS NOT NULL AND NOT reused
            ON CONFLICT (model_version_id, first_call, bucket) DO UPDATE SET texts = texts + excluded.texts;
        """
    }

    private static func reuse(_ row: String, reused: String, texts: String) -> String {
        """
        INSERT INTO verdict_counts
                (model_version_id, day, source_id, outcome, verdicts, confidence, perfect, truncated, reused)
            SELECT model_version_id, day, source_id, outcome, 0, 0, 0, 0, \(reused)
            FROM counted_verdicts
            WHERE content_id = \(row).content_id AND model_version_id = \(row).model_version_id AND outcome < 2
            ON CONFLICT (model_version_id, day, source_id, outcome) DO UPDATE SET reused = reused + excluded.reused;
            INSERT INTO latency_counts (model_version_id, first_call, bucket, texts)
            SELECT model_version_id, first_call, bucket, \(texts)
            FROM counted_verdicts
            WHERE content_id = \(row).content_id AND model_version_id = \(row).model_version_id AND bucket IS NOT NULL
            ON CONFLICT (model_version_id, first_call, bucket) DO UPDATE SET texts = texts + excluded.texts;
        """
    }

    private static func content(_ row: String, _ number: String) -> String {
        """
        INSERT INTO content_counts (day, source_id, contents, with_text)
            VALUES (\(day(row)), \(row).source_id, \(number), \(number) * (\(row).text_hash IS NOT NULL))
            ON CONFLICT (day, source_id) DO UPDATE SET
                contents = contents + excluded.contents, with_text = with_text + excluded.with_text;
        """
    }

    /// What people ask; the tables above are for the store.
    private static let published = """
        CREATE VIEW daily_verdicts AS
        SELECT
            m.model_id AS model_id,
            v.version AS model_version,
            CASE WHEN n.day <> -9999999 THEN date(n.day * 86400, 'unixepoch') END AS day,
            (SELECT s.name FROM sources AS s WHERE s.id = n.source_id) AS source,
            CASE n.outcome WHEN 1 THEN 'positive' WHEN 0 THEN 'neutral' WHEN -1 THEN 'negative' WHEN 2 THEN 'failed'
                ELSE 'stale' END AS outcome,
            n.verdicts AS verdicts,
            n.confidence / 1e9 AS confidence_sum,
            n.perfect AS perfect,
            n.truncated AS truncated,
            n.reused AS reused
        FROM verdict_counts AS n
        JOIN model_versions AS v ON v.id = n.model_version_id
        JOIN models AS m ON m.id = v.model
        WHERE n.verdicts > 0;

        CREATE VIEW daily_contents AS
        SELECT
            CASE WHEN n.day <> -9999999 THEN date(n.day * 86400, 'unixepoch') END AS day,
            s.name AS source,
            n.contents AS contents,
            n.with_text AS with_text
        FROM content_counts AS n
        JOIN sources AS s ON s.id = n.source_id
        WHERE n.contents > 0;

        CREATE VIEW latency_histogram AS
        SELECT
            m.model_id AS model_id, v.version AS model_version, n.first_call AS first_call, b.from_ms AS from_ms,
            b.to_ms AS to_ms, n.texts AS texts
        FROM latency_counts AS n
        JOIN time_buckets AS b ON b.bucket = n.bucket
        JOIN model_versions AS v ON v.id = n.model_version_id
        JOIN models AS m ON m.id = v.model
        WHERE n.texts > 0;

        CREATE VIEW queue_histogram AS
        SELECT
            n.run_id AS run_id, m.model_id AS model_id, v.version AS model_version, b.from_ms AS from_ms, b.to_ms AS to_ms,
            n.texts AS texts, n.total_us / 1000.0 AS total_ms
        FROM queue_counts AS n
        JOIN time_buckets AS b ON b.bucket = n.bucket
        JOIN model_versions AS v ON v.id = n.model_version_id
        JOIN models AS m ON m.id = v.model;
        """
}
