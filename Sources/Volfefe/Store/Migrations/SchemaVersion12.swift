import GRDB

/// What the gates said when they were last looked at, so that a change is noticed once.
enum SchemaVersion12 {
    static let identifier = "012-gates"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: states)
        try db.execute(sql: views)
    }

    private static let states = """
        CREATE TABLE gate_states (
            id         INTEGER PRIMARY KEY,
            gate       TEXT NOT NULL CHECK (gate <> ''),
            source_id  INTEGER REFERENCES sources (id) ON DELETE CASCADE,   -- NULL: of all contents
            verdict    TEXT NOT NULL CHECK (verdict IN ('pass', 'fail', 'unknown')),
            value      REAL,
            threshold  REAL NOT NULL,
            changed_at INTEGER NOT NULL,               -- since when it has said so
            checked_at INTEGER NOT NULL,
            CHECK ((verdict = 'unknown') = (value IS NULL)),
            CHECK (checked_at >= changed_at)
        ) STRICT;
        CREATE UNIQUE INDEX gate_states_once ON gate_states (gate, coalesce(source_id, 0));
        """

    private static let views = """
        CREATE VIEW gates AS
        SELECT
            g.gate AS gate,
            (SELECT s.name FROM sources AS s WHERE s.id = g.source_id) AS source,
            g.verdict AS verdict,
            g.value AS value,
            g.threshold AS threshold,
            strftime('%Y-%m-%dT%H:%M:%fZ', g.changed_at / 1000.0, 'unixepoch') AS changed_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', g.checked_at / 1000.0, 'unixepoch') AS checked_at
        FROM gate_states AS g;
        """
}
