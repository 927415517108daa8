import GRDB

/// What the phases of ingestion have done with each content, by which method, and the languages that they found.
///
/// There are no rows for what is still to do: a content with a text is pending in a phase when it has no row of it, or one of an
/// older version of its text. No phase writes another one's rows. Sentiment has none here: its verdicts say it themselves.
enum SchemaVersion9 {
    static let identifier = "009-phases"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: tables)
        try db.execute(sql: views)
    }

    private static let tables = """
        -- What finds things, and in which revision.
        CREATE TABLE phase_methods (
            id          INTEGER PRIMARY KEY,
            phase       TEXT NOT NULL CHECK (phase <> ''),
            method      TEXT NOT NULL,
            revision    TEXT NOT NULL CHECK (revision <> ''),
            inserted_at INTEGER NOT NULL,
            UNIQUE (phase, method, revision)
        ) STRICT;

        CREATE TABLE content_phases (
            content_id    INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            phase         TEXT NOT NULL
                CHECK (phase IN ('language', 'entities', 'ner', 'resolve', 'topics', 'stories')),
            text_version  INTEGER NOT NULL CHECK (text_version >= 1),
            state         TEXT NOT NULL CHECK (state IN ('done', 'failed')),
            attempts      INTEGER NOT NULL CHECK (attempts >= 1),      -- at this text
            method_id     INTEGER NOT NULL REFERENCES phase_methods (id),
            finished_at   INTEGER NOT NULL,
            error_code    TEXT CHECK (error_code <> ''),
            error_message TEXT,
            PRIMARY KEY (content_id, phase),
            CHECK ((state = 'failed') = (error_code IS NOT NULL)),
            CHECK (error_message IS NULL OR state = 'failed')
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE content_languages (
            content_id   INTEGER PRIMARY KEY REFERENCES contents (id) ON DELETE CASCADE,
            text_version INTEGER NOT NULL CHECK (text_version >= 1),
            language     TEXT CHECK (language <> ''),          -- ISO 639; NULL: too few letters to tell
            score        REAL CHECK (score BETWEEN 0 AND 1),
            CHECK ((language IS NULL) = (score IS NULL))
        ) STRICT;
        """

    private static let views = """
        CREATE VIEW phase_status AS
        SELECT
            p.content_id AS content_id,
            p.phase AS phase,
            p.state AS state,
            p.attempts AS attempts,
            p.error_code AS error_code,
            p.error_message AS error_message,
            m.method AS method,
            m.revision AS revision,
            p.text_version <> c.text_version AS stale,
            strftime('%Y-%m-%dT%H:%M:%fZ', p.finished_at / 1000.0, 'unixepoch') AS finished_at
        FROM content_phases AS p
        JOIN contents AS c ON c.id = p.content_id
        JOIN phase_methods AS m ON m.id = p.method_id;
        """
}
