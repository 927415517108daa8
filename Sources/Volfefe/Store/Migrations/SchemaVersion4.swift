import GRDB

/// What models say taken together: derived from verdicts, so it can be dropped and computed again at any time.
enum SchemaVersion4 {
    static let identifier = "004-consensus"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: tables)
        try db.execute(sql: view)
    }

    private static let tables = """
        -- A method, its parameters and its models. The name holds a hash of these: what it stands for never changes.
        CREATE TABLE consensus_versions (
            id          INTEGER PRIMARY KEY,
            name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
            method      TEXT NOT NULL CHECK (method <> ''),
            definition  TEXT NOT NULL CHECK (json_valid(definition)),
            details     TEXT CHECK (details IS NULL OR json_valid(details)),
            computed_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE consensus_models (
            consensus_version_id INTEGER NOT NULL REFERENCES consensus_versions (id) ON DELETE CASCADE,
            model_version_id     INTEGER NOT NULL REFERENCES model_versions (id),
            weight               REAL CHECK (weight > 0),
            PRIMARY KEY (consensus_version_id, model_version_id)
        ) STRICT, WITHOUT ROWID;

        -- A sentiment, or NULL with the sentiments that tie, or NULL because too few models have judged the content.
        CREATE TABLE consensus (
            consensus_version_id INTEGER NOT NULL REFERENCES consensus_versions (id) ON DELETE CASCADE,
            content_id           INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            text_version         INTEGER NOT NULL CHECK (text_version >= 1),
            models               INTEGER NOT NULL CHECK (models >= 1),
            sentiment            INTEGER CHECK (sentiment IN (-1, 0, 1)),
            agreement            REAL CHECK (agreement BETWEEN 0 AND 1),
            tied                 INTEGER CHECK (tied IN (3, 5, 6, 7)),   -- 1 positive, 2 neutral, 4 negative
            score_positive       REAL CHECK (score_positive BETWEEN 0 AND 1),
            score_neutral        REAL CHECK (score_neutral BETWEEN 0 AND 1),
            score_negative       REAL CHECK (score_negative BETWEEN 0 AND 1),
            PRIMARY KEY (consensus_version_id, content_id),
            CHECK ((sentiment IS NULL) = (agreement IS NULL)),
            CHECK (sentiment IS NULL OR tied IS NULL),
            CHECK (coalesce(score_positive, score_neutral, score_negative) IS NOT NULL)
        ) STRICT, WITHOUT ROWID;

        -- For a content that is deleted, and for what is said of one content.
        CREATE INDEX consensus_by_content ON consensus (content_id);
        """

    private static let view = """
        CREATE VIEW content_consensus AS
        SELECT
            k.content_id AS content_id,
            v.name AS consensus,
            v.method AS method,
            CASE k.sentiment WHEN 1 THEN 'positive' WHEN 0 THEN 'neutral' WHEN -1 THEN 'negative' END AS sentiment,
            CASE k.sentiment WHEN 1 THEN k.score_positive WHEN 0 THEN k.score_neutral WHEN -1 THEN k.score_negative
                END AS confidence,
            k.agreement AS agreement,
            k.models AS models,
            CASE WHEN k.sentiment IS NOT NULL THEN NULL WHEN k.tied IS NOT NULL THEN 'tie' ELSE 'too_few' END AS reason,
            CASE k.tied WHEN 3 THEN 'positive, neutral' WHEN 5 THEN 'positive, negative'
                WHEN 6 THEN 'neutral, negative' WHEN 7 THEN 'positive, neutral, negative' END AS tied,
            k.score_positive AS score_positive,
            k.score_neutral AS score_neutral,
            k.score_negative AS score_negative,
            k.text_version AS text_version,
            -- The text has been edited, or one of the models has judged it, since.
            k.text_version < (SELECT c.text_version FROM contents AS c WHERE c.id = k.content_id)
                OR EXISTS (
                    SELECT 1
                    FROM consensus_models AS m
                    JOIN classifications AS p
                        ON p.content_id = k.content_id AND p.model_version_id = m.model_version_id
                    WHERE m.consensus_version_id = k.consensus_version_id
                        AND p.error_code IS NULL
                        AND p.inserted_at > v.computed_at) AS stale,
            strftime('%Y-%m-%dT%H:%M:%fZ', v.computed_at / 1000.0, 'unixepoch') AS computed_at
        FROM consensus AS k
        JOIN consensus_versions AS v ON v.id = k.consensus_version_id;
        """
}
