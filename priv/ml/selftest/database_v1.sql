-- A database as the first version of volfefe wrote it: six contents of eight with verdicts of two models of three.

PRAGMA application_id = 1987013734;

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

CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);

INSERT INTO grdb_migrations VALUES ('001-contents-models-classifications');

INSERT INTO sources VALUES (1, 'selftest', 1735689600000);

INSERT INTO contents (id, source_id, external_id, text_version, text_hash, inserted_at, updated_at, text) VALUES
    (1, 1, 't1', 1, X'9ffc1e42ae7a92c2b57b1b81719fcf2d6e58ef304f939f3ecc6d54eb190875bf', 1735689600000, 1735689600000, 't1 an old text.'),
    (2, 1, 't2', 1, X'7ea840f7bf9ec0aded921e50210d194d1ac62cb395e5b8a07e9d6b06128091b6', 1735689600000, 1735689600000, 't2 an old text.'),
    (3, 1, 't3', 1, X'963a701981ba1a50d6af5a86d37883c8e3e8cc1dcb7d55c314186220a55f8c34', 1735689600000, 1735689600000, 't3 an old text.'),
    (4, 1, 't4', 1, X'c5817d8c2714b3937818dda06f2a3ef794efac3c1d66687ca69437c1da885acf', 1735689600000, 1735689600000, 't4 an old text.'),
    (5, 1, 't5', 1, X'c1c6d311cf64dbf9e8d1f56a32e1ab56d6ac2fb526aaff177c34766895fed62b', 1735689600000, 1735689600000, 't5 an old text.'),
    (6, 1, 't6', 1, X'92a73b8b13788919a61205ead937e2618e7422d0fdad5af7d82eafad443ff334', 1735689600000, 1735689600000, 't6 an old text.'),
    (7, 1, 't7', 1, X'5ec4f20e834b93026a9aefa8bc0e61d54cdeb4b9a08dcc45f78d698f3f3e827c', 1735689600000, 1735689600000, 't7 an old text.'),
    (8, 1, 't8', 1, X'14c7879c0e753aeebfe659c4be4311400f8b76e39493dfb60c4e0d37342723ae', 1735689600000, 1735689600000, 't8 an old text.');

INSERT INTO models VALUES (1, 'alpha'), (2, 'beta');

INSERT INTO model_versions VALUES
    (1, 1, '1', 'sha256:0000000000000000000000000000000000000000000000000000000000000000', 'lexicon', 'fp32', 1, NULL, 1735689600000),
    (2, 2, '1', 'sha256:0000000000000000000000000000000000000000000000000000000000000000', 'lexicon', 'fp32', 1, NULL, 1735689600000);

INSERT INTO model_labels VALUES
    (1, 0, 'positive', 1),
    (1, 1, 'neutral', 0),
    (1, 2, 'negative', -1),
    (2, 0, 'positive', 1),
    (2, 1, 'neutral', 0),
    (2, 2, 'negative', -1);

INSERT INTO runs (id, started_at, finished_at, state, command, configuration, contents, succeeded) VALUES
    (1, 1735689600000, 1735689605000, 'finished', 'classify --all', '[]', 6, 12);

INSERT INTO classifications (content_id, model_version_id, text_version, sentiment, confidence, score_positive,
    score_neutral, score_negative, score_margin, entropy, flags, latency_ms, batch_size, tokens, truncated, first_call,
    run_id, attempt, inserted_at) VALUES
    (1, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (1, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (2, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (2, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (3, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (3, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (4, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (4, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (5, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (5, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (6, 1, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000),
    (6, 2, 1, -1, 0.80, 0.20, 0.0, 0.80, 0.60, 0.5, 0, 0.1, 1, 4, 0, 0, 1, 1, 1735689600000);
