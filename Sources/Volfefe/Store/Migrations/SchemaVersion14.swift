import GRDB

/// The key that a job holds, in a column of its own: while it stands in the state's condition, every claim rewrites its entry in
/// the index, which costs the more the longer the backlog is.
enum SchemaVersion14 {
    static let identifier = "014-held-keys"

    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                -- unique_key as long as no other job may have it: until this one is completed or cancelled.
                ALTER TABLE jobs ADD COLUMN held_key TEXT CHECK (
                    held_key IS NULL OR (held_key = unique_key AND state NOT IN ('completed', 'cancelled')));
                UPDATE jobs SET held_key = unique_key WHERE state NOT IN ('completed', 'cancelled');
                DROP INDEX jobs_unique;
                CREATE UNIQUE INDEX jobs_unique ON jobs (kind, held_key) WHERE held_key IS NOT NULL;
                """)
    }
}
