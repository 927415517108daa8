import GRDB

/// What computed a verdict, and which verdicts were taken over from an equal text.
///
/// Nothing that exists is rewritten, and a verdict that was computed takes not a byte more. Engine and precision are the same
/// for all verdicts that a run got from a model, so they are written once per run; a verdict that is taken over belongs to a
/// run with the same ones. Old runs have told them too: in the environment that their workers reported.
enum SchemaVersion3 {
    static let identifier = "003-run-models-reuse"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: engines)
        try db.execute(sql: reuse)
        try db.execute(sql: predictionsView)
    }

    private static let engines = """
        -- What really ran a model version in a run. The last run of a version may differ from the first.
        CREATE TABLE run_models (
            run_id           INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
            model_version_id INTEGER NOT NULL REFERENCES model_versions (id),
            engine           TEXT NOT NULL CHECK (engine <> ''),
            precision        TEXT NOT NULL CHECK (precision <> ''),
            PRIMARY KEY (run_id, model_version_id)
        ) STRICT, WITHOUT ROWID;

        INSERT OR IGNORE INTO run_models (run_id, model_version_id, engine, precision)
        SELECT r.id, v.id, r.environment ->> (loaded.fullkey || '.engine'), r.environment ->> (loaded.fullkey || '.precision')
        FROM runs AS r
        JOIN json_each(r.environment, '$.models') AS loaded
        JOIN models AS m ON m.model_id = r.environment ->> (loaded.fullkey || '.id')
        JOIN model_versions AS v ON v.model = m.id AND v.version = r.environment ->> (loaded.fullkey || '.version')
        WHERE r.environment IS NOT NULL;
        """

    private static let reuse = """
        -- Verdicts that were not computed for their content but for another one with an equal text. That one is no foreign
        -- key: a verdict stays true when it is gone.
        CREATE TABLE reuses (
            content_id       INTEGER NOT NULL,
            model_version_id INTEGER NOT NULL,
            reused_from      INTEGER NOT NULL CHECK (reused_from <> content_id),
            PRIMARY KEY (content_id, model_version_id),
            FOREIGN KEY (content_id, model_version_id)
                REFERENCES classifications (content_id, model_version_id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        -- Finds the contents of an equal text.
        CREATE INDEX contents_by_text ON contents (text_hash) WHERE text_hash IS NOT NULL;
        """

    private static let predictionsView = """
        DROP VIEW model_classifications;
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
                'processing', json_patch(
                    json_object(
                        'latency_ms', k.latency_ms,
                        'batch_size', k.batch_size,
                        'tokens', k.tokens,
                        'truncated', json(CASE k.truncated WHEN 1 THEN 'true' ELSE 'false' END),
                        'first_call', json(CASE k.first_call WHEN 1 THEN 'true' ELSE 'false' END)),
                    (
                        SELECT CASE count(*) WHEN 0 THEN '{}' ELSE '{"reused": true}' END
                        FROM reuses AS u
                        WHERE u.content_id = k.content_id AND u.model_version_id = k.model_version_id)),
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
            k.run_id AS run_id,
            (
                SELECT u.reused_from
                FROM reuses AS u
                WHERE u.content_id = k.content_id AND u.model_version_id = k.model_version_id) AS reused_from,
            (
                SELECT e.engine
                FROM run_models AS e
                WHERE e.run_id = k.run_id AND e.model_version_id = k.model_version_id) AS engine,
            (
                SELECT e.precision
                FROM run_models AS e
                WHERE e.run_id = k.run_id AND e.model_version_id = k.model_version_id) AS precision
        FROM classifications AS k
        JOIN model_versions AS v ON v.id = k.model_version_id
        JOIN models AS m ON m.id = v.model
        WHERE k.error_code IS NULL;
        """
}
