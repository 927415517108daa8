import Foundation
import GRDB

extension Store {
    /// How far every phase has come, by what the settings have on; `models` are those whose verdicts make `sentiment` complete.
    /// Throws `VolfefeError.notFound` for a source that does not exist.
    public func phaseStatuses(
        _ configuration: Configuration, models: [(id: String, version: String)], source: String? = nil
    ) async throws -> [PhaseStatus] {
        try await read { [path] db in
            if let source { _ = try Self.sourceID(of: source, in: db, path: path) }
            let counts = try PhaseCounting(source: source, in: db).counts(
                models: models, maxAttempts: configuration.phases.maxAttempts)
            return Phase.allCases.map { phase in counts.status(phase) { configuration.isOn(phase, source: $0) } }
        }
    }
}

/// The statements behind `PhaseCounts`.
struct PhaseCounting {
    private let source: String?
    private let db: Database

    /// Counts in one snapshot, of one source or of all.
    init(source: String?, in db: Database) {
        self.source = source
        self.db = db
    }

    /// Everything that is counted.
    func counts(models: [(id: String, version: String)], maxAttempts: Int) throws -> PhaseCounts {
        var counts = PhaseCounts()
        try countDue(&counts)
        try countRecorded(&counts, maxAttempts)
        try countVerdicts(&counts, models)
        counts.computedAt = try Int64.fetchOne(db, sql: "SELECT max(computed_at) FROM source_metrics").map(
            Date.init(milliseconds:))
        return counts
    }

    private func countDue(_ counts: inout PhaseCounts) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT s.name AS source, (
                    SELECT count(*) FROM contents AS c WHERE c.source_id = s.id AND c.text_hash IS NOT NULL) AS due
                FROM sources AS s
                WHERE :source IS NULL OR s.name = :source
                """, arguments: ["source": source])
        for row in rows { counts.due[row["source"]] = row["due"] }
    }

    private func countRecorded(_ counts: inout PhaseCounts, _ maxAttempts: Int) throws {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT (SELECT s.name FROM sources AS s WHERE s.id = source_id) AS source, phase, done, failed, last_at
                FROM (
                    SELECT
                        c.source_id AS source_id,
                        p.phase AS phase,
                        sum(p.state = 'done') AS done,
                        sum(p.state = 'failed' AND p.attempts >= :max_attempts) AS failed,
                        max(p.finished_at) AS last_at
                    -- In the order of the statuses' key.
                    FROM contents AS c CROSS JOIN content_phases AS p
                        ON p.content_id = c.id AND p.text_version = c.text_version
                    WHERE c.text_hash IS NOT NULL
                        AND (:source IS NULL OR c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source))
                    GROUP BY c.source_id, p.phase)
                """, arguments: ["source": source, "max_attempts": maxAttempts])
        for row in rows {
            guard let phase = Phase(rawValue: row["phase"]) else { continue }
            counts.ended[phase, default: [:]][row["source"]] = PhaseCounts.Ended(row)
        }
        let commits = try Row.fetchAll(
            db,
            sql: """
                WITH last AS (
                    SELECT p.phase AS phase, max(p.finished_at) AS at FROM content_phases AS p GROUP BY p.phase)
                SELECT p.phase AS phase, p.finished_at AS at, count(*) AS contents
                FROM content_phases AS p JOIN last ON last.phase = p.phase
                WHERE p.finished_at > last.at - 60000
                GROUP BY p.phase, p.finished_at
                ORDER BY p.phase, p.finished_at
                """)
        for row in commits {
            guard let phase = Phase(rawValue: row["phase"]) else { continue }
            counts.commits[phase, default: []].append(PhaseCounts.Commit(row))
        }
    }

    /// A content is done with every model's verdict, and failed when it misses nothing but what has failed.
    private func countVerdicts(_ counts: inout PhaseCounts, _ models: [(id: String, version: String)]) throws {
        let versions = try models.compactMap { try Store.version($0.version, ofModel: $0.id, in: db)?.id }
        let arguments: StatementArguments = [
            "versions": jsonArray(versions), "source": source, "models": models.count,
        ]
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    (SELECT s.name FROM sources AS s WHERE s.id = source_id) AS source,
                    sum(good = :models) AS done,
                    sum(bad > 0 AND good + bad = :models) AS failed,
                    max(at) AS last_at
                FROM (
                    SELECT
                        c.source_id AS source_id,
                        sum(k.error_code IS NULL) AS good,
                        sum(k.error_code IS NOT NULL) AS bad,
                        max(k.inserted_at) AS at
                    FROM contents AS c CROSS JOIN classifications AS k
                        -- The unary plus: in the order of the verdicts' key.
                        ON k.content_id = c.id AND +k.model_version_id IN (SELECT value FROM json_each(:versions))
                            AND k.text_version = c.text_version
                    WHERE c.text_hash IS NOT NULL
                        AND (:source IS NULL OR c.source_id = (SELECT s.id FROM sources AS s WHERE s.name = :source))
                    GROUP BY c.id)
                GROUP BY source_id
                """, arguments: arguments)
        for row in rows { counts.ended[.sentiment, default: [:]][row["source"]] = PhaseCounts.Ended(row) }
        let commits = try Row.fetchAll(
            db,
            sql: """
                SELECT k.inserted_at AS at, count(DISTINCT k.content_id) AS contents
                FROM classifications AS k
                WHERE k.inserted_at > (SELECT max(l.inserted_at) FROM classifications AS l) - 60000
                GROUP BY k.inserted_at
                ORDER BY k.inserted_at
                """)
        counts.commits[.sentiment] = commits.map(PhaseCounts.Commit.init)
    }
}

extension PhaseCounts.Ended {
    fileprivate init(_ row: Row) {
        done = row["done"]
        failed = row["failed"]
        lastAt = (row["last_at"] as Int64?).map(Date.init(milliseconds:))
    }
}

extension PhaseCounts.Commit {
    fileprivate init(_ row: Row) {
        at = Date(milliseconds: row["at"])
        contents = row["contents"]
    }
}
