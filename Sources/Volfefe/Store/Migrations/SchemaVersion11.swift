import GRDB

/// What the phases find that look at all contents at once: topics and stories, of the newest run; and figures per source.
///
/// A run is built in many commits that nobody sees, and becomes current in one. At most one of a phase and a source is being
/// built: the index is the lock. What a run was about is written down with the version of each text, so that an edit meanwhile
/// leaves its content to do.
enum SchemaVersion11 {
    static let identifier = "011-topics-stories-metrics"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: runs)
        try db.execute(sql: found)
        try db.execute(sql: metrics)
        try db.execute(sql: views)
    }

    private static let runs = """
        CREATE TABLE corpus_runs (
            id            INTEGER PRIMARY KEY,
            phase         TEXT NOT NULL CHECK (phase IN ('topics', 'stories')),
            source_id     INTEGER REFERENCES sources (id) ON DELETE CASCADE,   -- NULL: the whole collection
            besides       TEXT NOT NULL CHECK (json_valid(besides)),           -- [name of a source that is left out, …]
            -- building becomes current or abandoned, current becomes superseded. Only the current one has contents for long.
            state         TEXT NOT NULL DEFAULT 'building'
                CHECK (state IN ('building', 'current', 'superseded', 'abandoned')),
            run_id        INTEGER NOT NULL REFERENCES runs (id),               -- whose life decides whether it is still built
            method_id     INTEGER NOT NULL REFERENCES phase_methods (id),
            settings      TEXT NOT NULL CHECK (json_valid(settings)),
            started_at    INTEGER NOT NULL,
            finished_at   INTEGER,
            contents      INTEGER CHECK (contents >= 0),
            without_words INTEGER CHECK (without_words >= 0),                  -- topics: nothing but links and stop words
            outliers      INTEGER CHECK (outliers >= 0),                       -- topics: of no topic, those without words too
            coherence     REAL CHECK (coherence BETWEEN 0 AND 1),              -- topics: mean of theirs
            reason        TEXT CHECK (reason <> ''),                           -- why nothing was found
            CHECK ((finished_at IS NOT NULL) = (state IN ('current', 'superseded'))),
            CHECK ((contents IS NOT NULL) = (finished_at IS NOT NULL))
        ) STRICT;
        CREATE UNIQUE INDEX corpus_runs_building ON corpus_runs (phase, coalesce(source_id, 0)) WHERE state = 'building';
        CREATE UNIQUE INDEX corpus_runs_current ON corpus_runs (phase, coalesce(source_id, 0)) WHERE state = 'current';
        """

    private static let found = """
        -- Every content that a run has looked at, and the topic or story that it belongs to: NULL for none.
        CREATE TABLE corpus_contents (
            corpus_run_id INTEGER NOT NULL REFERENCES corpus_runs (id) ON DELETE CASCADE,
            content_id    INTEGER NOT NULL REFERENCES contents (id) ON DELETE CASCADE,
            text_version  INTEGER NOT NULL CHECK (text_version >= 1),
            member_of     INTEGER CHECK (member_of >= 0),
            likeness      REAL CHECK (likeness BETWEEN 0 AND 1),
            PRIMARY KEY (corpus_run_id, content_id),
            CHECK (member_of IS NULL OR likeness IS NOT NULL)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX corpus_contents_by_content ON corpus_contents (content_id);
        CREATE INDEX corpus_contents_by_member ON corpus_contents (corpus_run_id, member_of, likeness)
            WHERE member_of IS NOT NULL;

        CREATE TABLE topics (
            corpus_run_id INTEGER NOT NULL REFERENCES corpus_runs (id) ON DELETE CASCADE,
            topic         INTEGER NOT NULL CHECK (topic >= 0),                 -- by size; another one in the next run
            size          INTEGER NOT NULL CHECK (size >= 0),
            coherence     REAL CHECK (coherence BETWEEN 0 AND 1),              -- NULL: it has one word only
            words         TEXT NOT NULL CHECK (json_valid(words)),             -- [{"word", "weight"}, …], heaviest first
            typical       TEXT NOT NULL CHECK (json_valid(typical)),           -- [content id, …], most alike first
            PRIMARY KEY (corpus_run_id, topic)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE stories (
            corpus_run_id INTEGER NOT NULL REFERENCES corpus_runs (id) ON DELETE CASCADE,
            story         INTEGER NOT NULL CHECK (story >= 0),                 -- by size; another one in the next run
            contents      INTEGER NOT NULL CHECK (contents >= 2),
            sources       INTEGER NOT NULL CHECK (sources >= 1),
            PRIMARY KEY (corpus_run_id, story)
        ) STRICT, WITHOUT ROWID;
        """

    private static let metrics = """
        -- Figures as the phase analytics last computed them, from one snapshot for all sources.
        CREATE TABLE source_metrics (
            id               INTEGER PRIMARY KEY,
            source_id        INTEGER REFERENCES sources (id) ON DELETE CASCADE, -- NULL: all together
            computed_at      INTEGER NOT NULL,
            last_updated     INTEGER,                                          -- newest of what they were computed from
            processing_level TEXT NOT NULL CHECK (processing_level IN ('none', 'basic', 'sentiment_complete', 'full')),
            coverage         TEXT NOT NULL CHECK (json_valid(coverage)),       -- {"phase": share or null, …}
            metrics          TEXT NOT NULL CHECK (json_valid(metrics))
        ) STRICT;
        CREATE UNIQUE INDEX source_metrics_by_source ON source_metrics (coalesce(source_id, 0));
        """

    private static let views = """
        CREATE VIEW current_topics AS
        SELECT
            t.topic AS topic,
            (SELECT s.name FROM sources AS s WHERE s.id = r.source_id) AS of_source,
            t.size AS size,
            CAST(t.size AS REAL) / r.contents AS share,
            t.coherence AS coherence,
            (SELECT group_concat(w.value ->> 'word', ' ') FROM json_each(t.words) AS w) AS words,
            t.typical AS typical,
            strftime('%Y-%m-%dT%H:%M:%fZ', r.finished_at / 1000.0, 'unixepoch') AS found_at
        FROM corpus_runs AS r
        JOIN topics AS t ON t.corpus_run_id = r.id
        WHERE r.phase = 'topics' AND r.state = 'current';

        CREATE VIEW content_topic AS
        SELECT
            k.content_id AS content_id,
            (SELECT s.name FROM sources AS s WHERE s.id = r.source_id) AS of_source,
            k.member_of AS topic,
            k.likeness AS likeness,
            k.text_version <> c.text_version AS stale
        FROM corpus_runs AS r
        JOIN corpus_contents AS k ON k.corpus_run_id = r.id
        JOIN contents AS c ON c.id = k.content_id
        WHERE r.phase = 'topics' AND r.state = 'current' AND r.reason IS NULL;

        CREATE VIEW content_stories AS
        SELECT
            k.content_id AS content_id,
            s.name AS source,
            (SELECT o.name FROM sources AS o WHERE o.id = r.source_id) AS of_source,
            k.member_of AS story,
            k.likeness AS likeness,
            y.contents AS contents,
            y.sources AS sources,
            k.text_version <> c.text_version AS stale
        FROM corpus_runs AS r
        JOIN corpus_contents AS k ON k.corpus_run_id = r.id
        JOIN contents AS c ON c.id = k.content_id
        JOIN sources AS s ON s.id = c.source_id
        JOIN stories AS y ON y.corpus_run_id = r.id AND y.story = k.member_of
        WHERE r.phase = 'stories' AND r.state = 'current';

        CREATE VIEW collection_metrics AS
        SELECT
            (SELECT s.name FROM sources AS s WHERE s.id = m.source_id) AS source,
            m.processing_level AS processing_level,
            strftime('%Y-%m-%dT%H:%M:%fZ', m.computed_at / 1000.0, 'unixepoch') AS computed_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', m.last_updated / 1000.0, 'unixepoch') AS last_updated,
            m.coverage AS coverage,
            m.metrics AS metrics
        FROM source_metrics AS m;
        """
}
