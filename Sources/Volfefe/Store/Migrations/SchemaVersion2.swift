import GRDB

/// Who is at work on what, and the evidence of failures.
///
/// Nothing that exists is rewritten: the new columns are NULL in old rows, and the view of failures gains one column.
/// What only failures have lies in a table of its own, so that it costs the verdicts not a byte.
enum SchemaVersion2 {
    static let identifier = "002-claims-owners-details"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: owners)
        try db.execute(sql: details)
    }

    private static let owners = """
        -- The process that a run belongs to, recognised without a clock: boot, process id, and the process's start in
        -- ticks since that boot. NULL in runs of older versions.
        ALTER TABLE runs ADD COLUMN owner_boot TEXT;
        ALTER TABLE runs ADD COLUMN owner_pid INTEGER CHECK (owner_pid > 0);
        ALTER TABLE runs ADD COLUMN owner_start INTEGER CHECK (owner_start >= 0);
        CREATE INDEX runs_running ON runs (id) WHERE state = 'running';

        -- Contents that a run is at work on, for as long as its owner lives. A page per run at most.
        CREATE TABLE claims (
            content_id INTEGER PRIMARY KEY REFERENCES contents (id) ON DELETE CASCADE,
            run_id     INTEGER NOT NULL REFERENCES runs (id) ON DELETE CASCADE
        ) STRICT;
        """

    private static let details = """
        -- The last words of the worker that died at a text.
        CREATE TABLE failure_details (
            content_id       INTEGER NOT NULL,
            model_version_id INTEGER NOT NULL,
            error_detail     TEXT NOT NULL CHECK (error_detail <> ''),
            PRIMARY KEY (content_id, model_version_id),
            FOREIGN KEY (content_id, model_version_id)
                REFERENCES classifications (content_id, model_version_id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        DROP VIEW classification_failures;
        CREATE VIEW classification_failures AS
        SELECT
            k.content_id AS content_id,
            m.model_id AS model_id,
            v.version AS model_version,
            k.error_code AS error_code,
            k.error_message AS error_message,
            (
                SELECT d.error_detail
                FROM failure_details AS d
                WHERE d.content_id = k.content_id AND d.model_version_id = k.model_version_id) AS error_detail,
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
