import GRDB

/// The first schema: contents, models, runs and classifications. Released: never edited, only followed by another.
///
/// Columns that are long or rarely read come last, so that a scan of the others does not touch their pages.
/// `docs/schema.md` says what every column means.
enum SchemaVersion1 {
    static let identifier = "001-contents-models-classifications"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: contents)
        try db.execute(sql: models)
        try db.execute(sql: runs)
        try db.execute(sql: classifications)
        try db.execute(sql: predictionsView)
        try db.execute(sql: failuresView)
        // "volf": tells our files from other programs'.
        try db.execute(sql: "PRAGMA application_id = \(StoreFile.applicationID)")
    }

    private static let contents = """
        CREATE TABLE sources (
            id          INTEGER PRIMARY KEY,
            name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
            inserted_at INTEGER NOT NULL               -- unix milliseconds, as all times here
        ) STRICT;

        CREATE TABLE contents (
            id           INTEGER PRIMARY KEY,
            source_id    INTEGER NOT NULL REFERENCES sources (id),
            external_id  TEXT NOT NULL CHECK (external_id <> ''),
            text_version INTEGER NOT NULL DEFAULT 1 CHECK (text_version >= 1),
            text_hash    BLOB CHECK (length(text_hash) = 32),     -- SHA-256 of the UTF-8 text
            published_at INTEGER,
            inserted_at  INTEGER NOT NULL,
            updated_at   INTEGER NOT NULL,
            author       TEXT,
            url          TEXT,
            text         TEXT,
            meta         TEXT CHECK (meta IS NULL OR json_valid(meta)),
            UNIQUE (source_id, external_id),
            CHECK ((text IS NULL) = (text_hash IS NULL)),
            CHECK (text <> '')
        ) STRICT;

        -- What can be classified, without touching the texts; and what cannot.
        CREATE INDEX contents_with_text ON contents (id, text_version) WHERE text_hash IS NOT NULL;
        CREATE INDEX contents_without_text ON contents (id) WHERE text_hash IS NULL;

        -- Counted once per text, not once per model.
        CREATE TABLE text_facts (
            content_id   INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            text_version INTEGER NOT NULL CHECK (text_version >= 1),
            chars        INTEGER NOT NULL CHECK (chars >= 0),
            words        INTEGER NOT NULL CHECK (words >= 0),
            lines        INTEGER NOT NULL CHECK (lines >= 0),
            urls         INTEGER NOT NULL CHECK (urls >= 0),
            hashtags     INTEGER NOT NULL CHECK (hashtags >= 0),
            mentions     INTEGER NOT NULL CHECK (mentions >= 0),
            upper_share  REAL NOT NULL CHECK (upper_share BETWEEN 0 AND 1),
            exclamations INTEGER NOT NULL CHECK (exclamations >= 0),
            questions    INTEGER NOT NULL CHECK (questions >= 0),
            url_only     INTEGER NOT NULL CHECK (url_only IN (0, 1)),
            text_hash    BLOB NOT NULL CHECK (length(text_hash) = 32),
            PRIMARY KEY (content_id, text_version)
        ) STRICT, WITHOUT ROWID;
        """

    private static let models = """
        CREATE TABLE models (
            id       INTEGER PRIMARY KEY,
            model_id TEXT NOT NULL UNIQUE CHECK (model_id <> '')
        ) STRICT;

        -- One row per version label; its revision never changes. The limit on id keeps the view's ids unique.
        CREATE TABLE model_versions (
            id          INTEGER PRIMARY KEY CHECK (id BETWEEN 1 AND 9999),
            model       INTEGER NOT NULL REFERENCES models (id),
            version     TEXT NOT NULL CHECK (version <> ''),
            revision    TEXT NOT NULL CHECK (revision <> ''),
            engine      TEXT NOT NULL,
            precision   TEXT NOT NULL,
            has_neutral INTEGER NOT NULL CHECK (has_neutral IN (0, 1)),
            max_tokens  INTEGER CHECK (max_tokens > 0),
            inserted_at INTEGER NOT NULL,
            UNIQUE (model, version)
        ) STRICT;

        -- What the model calls its classes, in the order of its outputs, and what we make of them.
        CREATE TABLE model_labels (
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id) ON DELETE CASCADE,
            position         INTEGER NOT NULL CHECK (position >= 0),
            raw_label        TEXT NOT NULL,
            sentiment        INTEGER NOT NULL CHECK (sentiment IN (-1, 0, 1)),
            PRIMARY KEY (model_version_id, position),
            UNIQUE (model_version_id, raw_label)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE quality_flags (
            bit  INTEGER PRIMARY KEY CHECK (bit > 0),
            name TEXT NOT NULL UNIQUE
        ) STRICT;
        INSERT INTO quality_flags (bit, name) VALUES
            (1, 'high_confidence'), (2, 'perfect_score'), (4, 'clear_winner'),
            (8, 'ambiguous'), (16, 'low_uncertainty'), (32, 'high_uncertainty');
        """

    private static let runs = """
        -- What is the same for all verdicts of a run is written once.
        CREATE TABLE runs (
            id            INTEGER PRIMARY KEY,
            started_at    INTEGER NOT NULL,
            finished_at   INTEGER,
            state         TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'finished', 'interrupted')),
            command       TEXT NOT NULL,
            configuration TEXT NOT NULL CHECK (json_valid(configuration)),
            environment   TEXT CHECK (environment IS NULL OR json_valid(environment)),
            contents      INTEGER NOT NULL DEFAULT 0 CHECK (contents >= 0),
            succeeded     INTEGER NOT NULL DEFAULT 0 CHECK (succeeded >= 0),
            failed        INTEGER NOT NULL DEFAULT 0 CHECK (failed >= 0),
            CHECK ((state = 'running') = (finished_at IS NULL))
        ) STRICT;
        """

    private static let classifications = """
        -- One row per content and model version: a prediction, or why there is none. Use the views to read it.
        CREATE TABLE classifications (
            content_id       INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id),
            text_version     INTEGER NOT NULL CHECK (text_version >= 1),
            sentiment        INTEGER CHECK (sentiment IN (-1, 0, 1)),
            confidence       REAL CHECK (confidence BETWEEN 0 AND 1),
            score_positive   REAL CHECK (score_positive BETWEEN 0 AND 1),
            score_neutral    REAL CHECK (score_neutral BETWEEN 0 AND 1),
            score_negative   REAL CHECK (score_negative BETWEEN 0 AND 1),
            score_margin     REAL CHECK (score_margin BETWEEN 0 AND 1),
            entropy          REAL CHECK (entropy >= 0),
            flags            INTEGER CHECK (flags >= 0),          -- sum of quality_flags.bit
            latency_ms       REAL CHECK (latency_ms >= 0),
            batch_size       INTEGER CHECK (batch_size >= 1),
            tokens           INTEGER CHECK (tokens >= 0),
            truncated        INTEGER CHECK (truncated IN (0, 1)),
            first_call       INTEGER CHECK (first_call IN (0, 1)),
            run_id           INTEGER NOT NULL REFERENCES runs (id),
            attempt          INTEGER NOT NULL DEFAULT 1 CHECK (attempt >= 1),
            inserted_at      INTEGER NOT NULL,
            error_code       TEXT CHECK (error_code <> ''),
            error_message    TEXT,
            raw_output       TEXT CHECK (raw_output IS NULL OR json_valid(raw_output)), -- [[label, score], …]; NULL: follows from the scores
            all_flags        TEXT CHECK (all_flags IS NULL OR json_valid(all_flags)),  -- [name, …]; NULL: follows from flags
            PRIMARY KEY (content_id, model_version_id),
            -- Exactly one of prediction and failure.
            CHECK (CASE WHEN error_code IS NULL
                THEN error_message IS NULL AND sentiment IS NOT NULL AND confidence IS NOT NULL
                    AND coalesce(score_positive, score_neutral, score_negative) IS NOT NULL
                    AND score_margin IS NOT NULL AND entropy IS NOT NULL AND flags IS NOT NULL
                    AND latency_ms IS NOT NULL AND batch_size IS NOT NULL AND truncated IS NOT NULL
                    AND first_call IS NOT NULL
                ELSE error_message IS NOT NULL
                    AND coalesce(sentiment, confidence, score_positive, score_neutral, score_negative, score_margin,
                        entropy, flags, latency_ms, batch_size, tokens, truncated, first_call, raw_output,
                        all_flags) IS NULL
                END)
        ) STRICT, WITHOUT ROWID;

        -- The primary key answers by content; this one by model.
        CREATE INDEX classifications_by_model ON classifications (model_version_id);
        """

    private static let predictionsView = """
        -- Scalar subqueries and not joins: what a query does not select costs nothing.
        CREATE VIEW model_classifications AS
        SELECT
            k.content_id * 10000 + k.model_version_id AS id,
            k.content_id AS content_id,
            m.model_id AS model_id,
            v.version AS model_version,
            CASE k.sentiment WHEN 1 THEN 'positive' WHEN 0 THEN 'neutral' ELSE 'negative' END AS sentiment,
            k.confidence AS confidence,
            json_object(
                -- The patch drops the sentiments that the model does not have.
                'raw_scores', json_patch('{}', json_object(
                    'positive', k.score_positive, 'neutral', k.score_neutral, 'negative', k.score_negative)),
                'raw_model_output', json(CASE WHEN k.raw_output IS NOT NULL
                    THEN (
                        SELECT json_group_array(json_object(
                            'label', json_extract(pair.value, '$[0]'), 'score', json_extract(pair.value, '$[1]')))
                        FROM json_each(k.raw_output) AS pair)
                    ELSE (
                        SELECT json_group_array(json_object('label', raw_label, 'score', score))
                        FROM (
                            SELECT
                                l.raw_label,
                                CASE l.sentiment WHEN 1 THEN k.score_positive WHEN 0 THEN k.score_neutral
                                    ELSE k.score_negative END AS score
                            FROM model_labels AS l
                            WHERE l.model_version_id = k.model_version_id
                            ORDER BY score DESC, l.position))
                    END),
                'processing', json_object(
                    'latency_ms', k.latency_ms,
                    'batch_size', k.batch_size,
                    'tokens', k.tokens,
                    'truncated', json(CASE k.truncated WHEN 1 THEN 'true' ELSE 'false' END),
                    'first_call', json(CASE k.first_call WHEN 1 THEN 'true' ELSE 'false' END)),
                'quality', json_object(
                    'score_margin', k.score_margin,
                    'entropy', k.entropy,
                    'flags', json(CASE WHEN k.all_flags IS NOT NULL THEN k.all_flags
                        ELSE (
                            SELECT json_group_array(name)
                            FROM (SELECT f.name FROM quality_flags AS f WHERE f.bit & k.flags ORDER BY f.bit))
                        END)),
                'text_info', (
                    SELECT json_object(
                        'chars', t.chars, 'words', t.words, 'lines', t.lines, 'urls', t.urls,
                        'hashtags', t.hashtags, 'mentions', t.mentions, 'upper_share', t.upper_share,
                        'exclamations', t.exclamations, 'questions', t.questions,
                        'url_only', json(CASE t.url_only WHEN 1 THEN 'true' ELSE 'false' END),
                        'sha256', lower(hex(t.text_hash)))
                    FROM text_facts AS t
                    WHERE t.content_id = k.content_id AND t.text_version = k.text_version)
            ) AS meta,
            strftime('%Y-%m-%dT%H:%M:%fZ', k.inserted_at / 1000.0, 'unixepoch') AS inserted_at,
            k.text_version < (SELECT c.text_version FROM contents AS c WHERE c.id = k.content_id) AS stale,
            k.run_id AS run_id
        FROM classifications AS k
        JOIN model_versions AS v ON v.id = k.model_version_id
        JOIN models AS m ON m.id = v.model
        WHERE k.error_code IS NULL;
        """

    private static let failuresView = """
        CREATE VIEW classification_failures AS
        SELECT
            k.content_id AS content_id,
            m.model_id AS model_id,
            v.version AS model_version,
            k.error_code AS error_code,
            k.error_message AS error_message,
            k.attempt AS attempt,
            strftime('%Y-%m-%dT%H:%M:%fZ', k.inserted_at / 1000.0, 'unixepoch') AS inserted_at,
            k.text_version < (SELECT c.text_version FROM contents AS c WHERE c.id = k.content_id) AS stale,
            k.run_id AS run_id
        FROM classifications AS k
        JOIN model_versions AS v ON v.id = k.model_version_id
        JOIN models AS m ON m.id = v.model
        WHERE k.error_code IS NOT NULL;
        """
}
