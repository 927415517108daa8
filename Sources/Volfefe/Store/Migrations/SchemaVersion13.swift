import GRDB

/// How well `resolve` decides, as each run of it has measured on the pairs of names that ship.
enum SchemaVersion13 {
    static let identifier = "013-resolution-checks"

    static func migrate(_ db: Database) throws {
        try db.execute(
            sql: """
                CREATE TABLE resolution_checks (
                    id             INTEGER PRIMARY KEY,
                    method_id      INTEGER NOT NULL REFERENCES phase_methods (id),
                    decided        INTEGER NOT NULL CHECK (decided >= 0),          -- pairs
                    "right"        INTEGER NOT NULL CHECK ("right" BETWEEN 0 AND decided),
                    merged_wrongly INTEGER NOT NULL CHECK (merged_wrongly >= 0),
                    split_wrongly  INTEGER NOT NULL CHECK (split_wrongly >= 0),
                    reviewed       INTEGER NOT NULL CHECK (reviewed >= 0),         -- pairs that a person would have to decide
                    accuracy       REAL CHECK (accuracy BETWEEN 0 AND 1),          -- right / decided
                    low            REAL CHECK (low BETWEEN 0 AND 1),               -- 95 % interval (Wilson)
                    high           REAL CHECK (high BETWEEN 0 AND 1),
                    checked_at     INTEGER NOT NULL,
                    CHECK ("right" + merged_wrongly + split_wrongly = decided),
                    CHECK ((decided = 0) = (accuracy IS NULL) AND (accuracy IS NULL) = (low IS NULL)
                        AND (low IS NULL) = (high IS NULL))
                ) STRICT;
                """)
    }
}
