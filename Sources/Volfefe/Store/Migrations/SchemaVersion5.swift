import GRDB

/// What people say of texts, and how models are calibrated on it.
///
/// Nothing that exists is touched. A label belongs to one version of a text, as a verdict does; a trigger keeps what it
/// replaced, whoever writes. A calibration is parameters beside the verdicts and never changes one.
enum SchemaVersion5 {
    static let identifier = "005-gold-calibrations"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: labels)
        try db.execute(sql: views)
        try db.execute(sql: calibrations)
    }

    private static let labels = """
        -- One row per content and annotator; '' is whoever was not named.
        CREATE TABLE gold_labels (
            content_id   INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            annotator    TEXT NOT NULL,
            text_version INTEGER NOT NULL CHECK (text_version >= 1),
            sentiment    INTEGER NOT NULL CHECK (sentiment IN (-1, 0, 1)),
            inserted_at  INTEGER NOT NULL,
            PRIMARY KEY (content_id, annotator)
        ) STRICT, WITHOUT ROWID;

        -- Labels that were replaced, and when.
        CREATE TABLE gold_history (
            id           INTEGER PRIMARY KEY,
            content_id   INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            annotator    TEXT NOT NULL,
            text_version INTEGER NOT NULL CHECK (text_version >= 1),
            sentiment    INTEGER NOT NULL CHECK (sentiment IN (-1, 0, 1)),
            inserted_at  INTEGER NOT NULL,
            replaced_at  INTEGER NOT NULL
        ) STRICT;
        CREATE INDEX gold_history_by_content ON gold_history (content_id, annotator);

        CREATE TRIGGER gold_labels_replaced AFTER UPDATE ON gold_labels
        BEGIN
            INSERT INTO gold_history (content_id, annotator, text_version, sentiment, inserted_at, replaced_at)
            VALUES (OLD.content_id, OLD.annotator, OLD.text_version, OLD.sentiment, OLD.inserted_at, NEW.inserted_at);
        END;
        """

    private static let views = """
        -- What the annotators of a text as it is now say most often; NULL where two sentiments are equally often said.
        CREATE VIEW gold AS
        SELECT
            content_id,
            CASE
                WHEN tie THEN NULL
                WHEN positive = most THEN 'positive'
                WHEN neutral = most THEN 'neutral'
                ELSE 'negative'
            END AS sentiment,
            annotators, positive, neutral, negative, tie
        FROM (
            SELECT *, (positive = most) + (neutral = most) + (negative = most) > 1 AS tie
            FROM (
                SELECT
                    l.content_id AS content_id,
                    count(*) AS annotators,
                    sum(l.sentiment = 1) AS positive,
                    sum(l.sentiment = 0) AS neutral,
                    sum(l.sentiment = -1) AS negative,
                    max(sum(l.sentiment = 1), sum(l.sentiment = 0), sum(l.sentiment = -1)) AS most
                FROM gold_labels AS l
                -- In the order of the labels' key, so that nothing has to be sorted.
                CROSS JOIN contents AS c INDEXED BY contents_with_text
                    ON c.id = l.content_id AND c.text_version = l.text_version AND c.text_hash IS NOT NULL
                GROUP BY l.content_id));

        CREATE VIEW gold_annotations AS
        SELECT
            l.content_id AS content_id,
            nullif(l.annotator, '') AS annotator,
            CASE l.sentiment WHEN 1 THEN 'positive' WHEN 0 THEN 'neutral' ELSE 'negative' END AS sentiment,
            strftime('%Y-%m-%dT%H:%M:%fZ', l.inserted_at / 1000.0, 'unixepoch') AS inserted_at,
            l.text_version < (SELECT c.text_version FROM contents AS c WHERE c.id = l.content_id) AS stale
        FROM gold_labels AS l;
        """

    private static let calibrations = """
        CREATE TABLE calibrations (
            id          INTEGER PRIMARY KEY,
            name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
            method      TEXT NOT NULL CHECK (method = 'temperature'),
            folds       INTEGER NOT NULL CHECK (folds >= 2),
            gold_digest BLOB NOT NULL CHECK (length(gold_digest) = 32), -- SHA-256 of the labels that it was fitted on
            inserted_at INTEGER NOT NULL
        ) STRICT;

        CREATE TABLE calibration_models (
            calibration_id   INTEGER NOT NULL REFERENCES calibrations (id) ON DELETE CASCADE,
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id),
            contents         INTEGER NOT NULL CHECK (contents > 0),
            parameters       TEXT NOT NULL CHECK (json_valid(parameters)), -- {"temperature": T, "fold_temperatures": [T, …]}
            PRIMARY KEY (calibration_id, model_version_id)
        ) STRICT, WITHOUT ROWID;

        CREATE VIEW model_calibrations AS
        SELECT
            a.name AS calibration,
            a.method AS method,
            m.model_id AS model_id,
            v.version AS model_version,
            p.parameters ->> 'temperature' AS temperature,
            p.contents AS contents,
            a.folds AS folds,
            lower(hex(a.gold_digest)) AS gold_digest,
            strftime('%Y-%m-%dT%H:%M:%fZ', a.inserted_at / 1000.0, 'unixepoch') AS inserted_at
        FROM calibration_models AS p
        JOIN calibrations AS a ON a.id = p.calibration_id
        JOIN model_versions AS v ON v.id = p.model_version_id
        JOIN models AS m ON m.id = v.model;
        """
}
