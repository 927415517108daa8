import GRDB

/// Entities, the names under which phases found them, where these stand in the texts, and what was decided about them.
///
/// A mention belongs to a name, a name to an entity or to none yet. Names move between entities; mentions never do, so that every
/// decision can be taken back by giving its names back.
enum SchemaVersion10 {
    static let identifier = "010-entities"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: entities)
        try db.execute(sql: mentions)
        try db.execute(sql: decisions)
        try db.execute(sql: views)
    }

    private static let entities = """
        CREATE TABLE entities (
            id          INTEGER PRIMARY KEY,
            type        TEXT NOT NULL CHECK (type IN ('company', 'organisation', 'person', 'place', 'asset')),
            name        TEXT NOT NULL CHECK (name <> ''),
            ticker      TEXT CHECK (ticker <> ''),
            state       TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'merged', 'rejected')),
            merged_into INTEGER REFERENCES entities (id),
            inserted_at INTEGER NOT NULL,
            updated_at  INTEGER NOT NULL,
            CHECK ((state = 'merged') = (merged_into IS NOT NULL)),
            CHECK (merged_into <> id)
        ) STRICT;
        CREATE INDEX entities_by_name ON entities (name, type);

        -- A version of an entity: its name as one phase finds it, with how sure that phase is.
        CREATE TABLE entity_names (
            id         INTEGER PRIMARY KEY,
            phase      TEXT NOT NULL CHECK (phase IN ('entities', 'ner')),
            type       TEXT NOT NULL CHECK (type IN ('company', 'organisation', 'person', 'place', 'asset')),
            name       TEXT NOT NULL CHECK (name <> ''),
            entity_id  INTEGER REFERENCES entities (id),
            -- open: nobody has looked yet; review: a person has to; rejected: names nothing.
            state      TEXT NOT NULL CHECK (state IN ('open', 'linked', 'review', 'rejected')),
            method_id  INTEGER NOT NULL REFERENCES phase_methods (id),
            confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),   -- the highest of its mentions
            score      REAL CHECK (score BETWEEN 0 AND 1),                 -- likeness to the entity it was merged into
            why        TEXT,
            candidates TEXT CHECK (candidates IS NULL OR json_valid(candidates)), -- [{"entity_id", "score", "why"}, …]
            decided_at INTEGER,
            UNIQUE (phase, type, name),
            CHECK ((state = 'linked') = (entity_id IS NOT NULL)),
            CHECK ((state = 'open') = (decided_at IS NULL))
        ) STRICT;
        CREATE INDEX entity_names_by_entity ON entity_names (entity_id) WHERE entity_id IS NOT NULL;
        CREATE INDEX entity_names_undecided ON entity_names (state) WHERE state IN ('open', 'review');
        """

    private static let mentions = """
        -- Of the version of the text that content_phases names for the phase. Offsets count Unicode code points, as substr() does.
        CREATE TABLE mentions (
            content_id INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            phase      TEXT NOT NULL CHECK (phase IN ('entities', 'ner')),
            start      INTEGER NOT NULL CHECK (start >= 0),
            "end"      INTEGER NOT NULL CHECK ("end" > start),
            name_id    INTEGER NOT NULL REFERENCES entity_names (id),
            rule       TEXT NOT NULL,
            confidence REAL NOT NULL CHECK (confidence BETWEEN 0 AND 1),
            PRIMARY KEY (content_id, phase, start)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX mentions_by_name ON mentions (name_id, content_id);
        """

    private static let decisions = """
        -- The log: one row per name or entity that a decision changed, with its state before and after; one batch per decision.
        CREATE TABLE entity_decisions (
            id            INTEGER PRIMARY KEY AUTOINCREMENT,
            batch         INTEGER NOT NULL CHECK (batch >= 1),     -- id of the first row of the decision
            decided_at    INTEGER NOT NULL,
            actor         TEXT NOT NULL CHECK (actor <> ''),       -- a phase, or the user who gave the command
            action        TEXT NOT NULL
                CHECK (action IN ('new', 'merge', 'review', 'accept', 'reject', 'split', 'rename', 'undo')),
            name_id       INTEGER REFERENCES entity_names (id),
            entity_id     INTEGER REFERENCES entities (id),
            from_state    TEXT,
            to_state      TEXT,
            from_entity   INTEGER REFERENCES entities (id),
            to_entity     INTEGER REFERENCES entities (id),
            score         REAL,
            why           TEXT,
            undone_by     INTEGER,                                 -- batch that took it back; NULL: it stands
            CHECK ((name_id IS NULL) <> (entity_id IS NULL))
        ) STRICT;
        CREATE INDEX entity_decisions_by_batch ON entity_decisions (batch);
        CREATE INDEX entity_decisions_by_name ON entity_decisions (name_id) WHERE name_id IS NOT NULL;
        CREATE INDEX entity_decisions_by_entity ON entity_decisions (entity_id) WHERE entity_id IS NOT NULL;
        """

    private static let views = """
        CREATE VIEW content_entities AS
        SELECT
            m.content_id AS content_id,
            s.name AS source,
            m.phase AS phase,
            n.type AS found_type,
            n.name AS found_name,
            n.state AS state,
            e.id AS entity_id,
            e.type AS type,
            e.name AS entity,
            e.ticker AS ticker,
            m.start AS start,
            m."end" AS "end",
            m.rule AS rule,
            m.confidence AS confidence,
            p.text_version <> c.text_version AS stale
        FROM mentions AS m
        JOIN contents AS c ON c.id = m.content_id
        JOIN sources AS s ON s.id = c.source_id
        JOIN content_phases AS p ON p.content_id = m.content_id AND p.phase = m.phase
        JOIN entity_names AS n ON n.id = m.name_id
        LEFT JOIN entities AS e ON e.id = n.entity_id;
        """
}
