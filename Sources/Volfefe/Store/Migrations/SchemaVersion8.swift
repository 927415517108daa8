import GRDB

/// The job queue: queues, jobs with their attempts, runs of jobs, leases of those at work, and cron entries.
///
/// What must hold is held here: a job is in one state with the columns of that state, uniqueness is an index, and the totals of
/// a run of jobs are kept by triggers in the commit that changes the job.
enum SchemaVersion8 {
    static let identifier = "008-jobs-queues-cron"

    static func migrate(_ db: Database) throws {
        try db.execute(sql: queues)
        try db.execute(sql: jobs)
        try db.execute(sql: indexes)
        try db.execute(sql: totals)
        try db.execute(sql: cron)
        try db.execute(sql: views)
    }

    private static let queues = """
        CREATE TABLE queues (
            name        TEXT PRIMARY KEY CHECK (name <> ''),
            paused      INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
            -- Jobs in the hands of one `volfefe work` at once; NULL: as many as its handler likes.
            concurrency INTEGER CHECK (concurrency BETWEEN 1 AND 100000),
            scaled_at   INTEGER,                       -- when somebody last set the concurrency
            inserted_at INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;

        -- How long a run may be taken for alive where its process cannot be looked at: on another machine, or before a boot.
        CREATE TABLE leases (
            run_id     INTEGER PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
            expires_at INTEGER NOT NULL
        ) STRICT;

        -- Jobs that were put into the queue together.
        CREATE TABLE job_runs (
            id          INTEGER PRIMARY KEY,
            command     TEXT NOT NULL,
            inserted_at INTEGER NOT NULL,
            ended_at    INTEGER,                       -- when a job of it last ended
            total       INTEGER NOT NULL DEFAULT 0 CHECK (total >= 0),
            completed   INTEGER NOT NULL DEFAULT 0 CHECK (completed >= 0),
            discarded   INTEGER NOT NULL DEFAULT 0 CHECK (discarded >= 0),
            cancelled   INTEGER NOT NULL DEFAULT 0 CHECK (cancelled >= 0),
            CHECK (completed + discarded + cancelled <= total)
        ) STRICT;
        """

    private static let jobs = """
        CREATE TABLE jobs (
            id           INTEGER PRIMARY KEY AUTOINCREMENT,
            queue        TEXT NOT NULL REFERENCES queues (name),
            kind         TEXT NOT NULL CHECK (kind <> ''),
            state        TEXT NOT NULL CHECK (state IN
                ('scheduled', 'available', 'executing', 'retryable', 'completed', 'discarded', 'cancelled')),
            priority     INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9),   -- 0 goes first
            content_id   INTEGER,                      -- no foreign key: a job outlives its content, and says so
            unique_key   TEXT CHECK (unique_key <> ''),
            job_run_id   INTEGER REFERENCES job_runs (id),
            attempt      INTEGER NOT NULL DEFAULT 0 CHECK (attempt BETWEEN 0 AND max_attempts),
            max_attempts INTEGER NOT NULL CHECK (max_attempts >= 1),
            rescues      INTEGER NOT NULL DEFAULT 0 CHECK (rescues >= 0),
            -- The fence: grows with every claim, so that whoever comes back from the dead finds that it is not his any more.
            claim        INTEGER NOT NULL DEFAULT 0 CHECK (claim >= attempt),
            run_id       INTEGER REFERENCES runs (id), -- the process that has it, or had it last
            inserted_at  INTEGER NOT NULL,
            scheduled_at INTEGER NOT NULL,             -- not to begin before
            attempted_at INTEGER,
            finished_at  INTEGER,
            reason       TEXT CHECK (reason <> ''),    -- why it ended as it did, where that is not plain
            args         TEXT CHECK (args IS NULL OR json_valid(args)),
            CHECK (state <> 'executing' OR (run_id IS NOT NULL AND attempted_at IS NOT NULL AND attempt >= 1)),
            CHECK ((state IN ('completed', 'discarded', 'cancelled')) = (finished_at IS NOT NULL))
        ) STRICT;

        -- Attempts that ended in anything but success, each with what is known about why.
        CREATE TABLE job_attempts (
            job_id      INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
            claim       INTEGER NOT NULL CHECK (claim >= 1),
            attempt     INTEGER NOT NULL CHECK (attempt >= 0),
            run_id      INTEGER REFERENCES runs (id),
            began_at    INTEGER,
            ended_at    INTEGER NOT NULL,
            error_class TEXT NOT NULL CHECK (error_class <> ''),
            message     TEXT NOT NULL,
            detail      TEXT,                          -- the last words of the worker that died
            PRIMARY KEY (job_id, claim)
        ) STRICT, WITHOUT ROWID;
        """

    private static let indexes = """
        -- The order of claiming, and nothing in it that cannot be claimed.
        CREATE INDEX jobs_available ON jobs (queue, priority, id) WHERE state = 'available';
        CREATE INDEX jobs_waiting ON jobs (scheduled_at) WHERE state IN ('scheduled', 'retryable');
        CREATE INDEX jobs_executing ON jobs (run_id) WHERE state = 'executing';
        CREATE INDEX jobs_finished ON jobs (state, finished_at) WHERE finished_at IS NOT NULL;
        -- One job for the same thing, as long as it is not done with. A dead letter counts: it waits for a person.
        CREATE UNIQUE INDEX jobs_unique ON jobs (kind, unique_key)
        WHERE unique_key IS NOT NULL AND state NOT IN ('completed', 'cancelled');
        CREATE INDEX jobs_by_run ON jobs (job_run_id) WHERE job_run_id IS NOT NULL;
        """

    private static let totals = """
        CREATE TRIGGER jobs_inserted AFTER INSERT ON jobs WHEN NEW.job_run_id IS NOT NULL
        BEGIN
            UPDATE job_runs SET total = total + 1 WHERE id = NEW.job_run_id;
        END;

        CREATE TRIGGER jobs_ended AFTER UPDATE OF state ON jobs
        WHEN NEW.job_run_id IS NOT NULL AND NEW.state <> OLD.state
            AND (NEW.finished_at IS NOT NULL OR OLD.finished_at IS NOT NULL)
        BEGIN
            UPDATE job_runs SET
                completed = completed + (NEW.state = 'completed') - (OLD.state = 'completed'),
                discarded = discarded + (NEW.state = 'discarded') - (OLD.state = 'discarded'),
                cancelled = cancelled + (NEW.state = 'cancelled') - (OLD.state = 'cancelled'),
                ended_at = coalesce(NEW.finished_at, ended_at)
            WHERE id = NEW.job_run_id;
        END;
        """

    private static let cron = """
        CREATE TABLE cron_entries (
            id          INTEGER PRIMARY KEY,
            name        TEXT NOT NULL UNIQUE CHECK (name <> ''),
            schedule    TEXT NOT NULL CHECK (schedule <> ''),
            time_zone   TEXT NOT NULL CHECK (time_zone <> ''),
            missed      TEXT NOT NULL CHECK (missed IN ('one', 'all', 'skip')),
            kind        TEXT NOT NULL CHECK (kind <> ''),
            args        TEXT CHECK (args IS NULL OR json_valid(args)),
            queue       TEXT NOT NULL REFERENCES queues (name),
            priority    INTEGER NOT NULL DEFAULT 0 CHECK (priority BETWEEN 0 AND 9),
            origin      TEXT NOT NULL CHECK (origin IN ('command', 'settings')),
            paused      INTEGER NOT NULL DEFAULT 0 CHECK (paused IN (0, 1)),
            seen_until  INTEGER NOT NULL,              -- everything up to this time has run, or has been decided not to
            next_at     INTEGER NOT NULL,
            inserted_at INTEGER NOT NULL
        ) STRICT;

        -- Once per entry and time, whatever becomes of the job.
        CREATE TABLE cron_runs (
            cron_id INTEGER NOT NULL REFERENCES cron_entries (id) ON DELETE CASCADE,
            run_at  INTEGER NOT NULL,
            job_id  INTEGER NOT NULL,
            PRIMARY KEY (cron_id, run_at)
        ) STRICT, WITHOUT ROWID;
        """

    private static let views = """
        CREATE VIEW queued_jobs AS
        SELECT
            j.id AS id,
            j.queue AS queue,
            j.kind AS kind,
            j.state AS state,
            j.priority AS priority,
            j.content_id AS content_id,
            j.job_run_id AS job_run_id,
            j.attempt AS attempt,
            j.max_attempts AS max_attempts,
            j.rescues AS rescues,
            j.reason AS reason,
            strftime('%Y-%m-%dT%H:%M:%fZ', j.inserted_at / 1000.0, 'unixepoch') AS inserted_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', j.scheduled_at / 1000.0, 'unixepoch') AS scheduled_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', j.attempted_at / 1000.0, 'unixepoch') AS attempted_at,
            strftime('%Y-%m-%dT%H:%M:%fZ', j.finished_at / 1000.0, 'unixepoch') AS finished_at
        FROM jobs AS j;

        CREATE VIEW job_failures AS
        SELECT
            a.job_id AS job_id,
            j.queue AS queue,
            j.kind AS kind,
            j.state AS state,
            j.content_id AS content_id,
            a.claim AS claim,
            a.attempt AS attempt,
            a.error_class AS error_class,
            a.message AS message,
            a.detail AS detail,
            strftime('%Y-%m-%dT%H:%M:%fZ', a.ended_at / 1000.0, 'unixepoch') AS ended_at
        FROM job_attempts AS a
        JOIN jobs AS j ON j.id = a.job_id;
        """
}
