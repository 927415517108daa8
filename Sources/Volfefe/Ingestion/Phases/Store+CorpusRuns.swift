import Foundation
import GRDB
import Inference

extension Store {
    /// How much a corpus phase has to look at. Throws `VolfefeError.notFound` for a source that does not exist.
    public func corpusDue(_ phase: Phase, _ selection: PhaseSelection) async throws -> CorpusDue {
        try await read { [path] db in
            let source = try selection.source.map { try Self.sourceID(of: $0, in: db, path: path) }
            let row = try Row.fetchOne(
                db,
                sql: """
                    WITH current AS (
                        SELECT id
                        FROM corpus_runs
                        WHERE phase = :phase AND state = 'current' AND coalesce(source_id, 0) = coalesce(:source, 0)
                            AND (:method IS NULL OR method_id = :method))
                    SELECT count(*) AS contents, coalesce(sum(k.content_id IS NULL), 0) AS new
                    FROM contents AS c
                    JOIN sources AS s ON s.id = c.source_id
                    LEFT JOIN corpus_contents AS k
                        ON k.corpus_run_id = (SELECT id FROM current) AND k.content_id = c.id
                            AND k.text_version = c.text_version
                    WHERE c.text_hash IS NOT NULL AND (:source IS NULL OR c.source_id = :source)
                        AND s.name NOT IN (SELECT value FROM json_each(:besides))
                    """,
                arguments: [
                    "phase": phase.rawValue, "source": source, "method": selection.method,
                    "besides": jsonArray(selection.besides),
                ])
            return CorpusDue(contents: row?["contents"] ?? 0, new: row?["new"] ?? 0)
        }
    }

    /// Begins to build what a corpus phase finds, unless a living process does. `settings` is JSON.
    ///
    /// What a dead one has left is marked as abandoned; `sweepCorpusRuns` removes it.
    public func beginCorpusRun(
        _ phase: Phase, _ selection: PhaseSelection = PhaseSelection(), method: Int64, settings: String = "{}",
        owner: Owner = .current
    ) async throws -> CorpusBegin {
        try await write { [path] db in
            let source = try selection.source.map { try Self.sourceID(of: $0, in: db, path: path) }
            try Owners(in: db).bury()
            try db.execute(
                sql: """
                    UPDATE corpus_runs
                    SET state = 'abandoned'
                    WHERE state = 'building' AND run_id NOT IN (SELECT id FROM runs WHERE state = 'running')
                    """)
            let other = try Row.fetchOne(
                db,
                sql: """
                    SELECT r.owner_pid, b.started_at
                    FROM corpus_runs AS b JOIN runs AS r ON r.id = b.run_id
                    WHERE b.phase = ? AND b.state = 'building' AND coalesce(b.source_id, 0) = coalesce(?, 0)
                    """,
                arguments: [phase.rawValue, source])
            if let other { return .busy(pid: other["owner_pid"], since: Date(milliseconds: other["started_at"])) }
            let run = try Self.beginRun(
                command: "phases run \(phase.rawValue)", configuration: settings, owner: owner, in: db)
            try Self.setLease(of: run, until: Date().addingTimeInterval(Self.corpusLease), in: db)
            try db.execute(
                sql: """
                    INSERT INTO corpus_runs (phase, source_id, besides, run_id, method_id, settings, started_at)
                    VALUES (?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    phase.rawValue, source, jsonArray(selection.besides), run, method, settings, Date().milliseconds,
                ])
            return .begun(CorpusBuild(id: db.lastInsertedRowID, run: run, phase: phase, method: method))
        }
    }

    /// How long a build is taken for alive by those who cannot look at its process, in seconds: longer than anything is thought
    /// about at a stretch.
    private static let corpusLease: TimeInterval = 3600

    /// Writes down that a build looks at these contents, as they are. False when the build is ours no more.
    func hold(_ items: [PhaseItem], in build: CorpusBuild) async throws -> Bool {
        try await writing(build) { db in
            try db.execute(
                sql: """
                    INSERT INTO corpus_contents (corpus_run_id, content_id, text_version)
                    SELECT :build, asked.value ->> 0, asked.value ->> 1
                    FROM json_each(:items) AS asked
                    -- What was deleted since it was read is left out.
                    JOIN contents AS c ON c.id = asked.value ->> 0
                    ORDER BY c.id
                    """,
                arguments: [
                    "build": build.id,
                    "items": "[" + items.map { "[\($0.contentID),\($0.textVersion)]" }.joined(separator: ",") + "]",
                ])
        }
    }

    /// Stores a part of what a build has found; `stories` is the number of its stories before. False when the build is ours no
    /// more.
    func save(_ part: FoundPart, stories: Int, in build: CorpusBuild) async throws -> Bool {
        try await writing(build) { db in
            let place = try db.cachedStatement(
                sql: """
                    UPDATE corpus_contents SET member_of = ?, likeness = ? WHERE corpus_run_id = ? AND content_id = ?
                    """)
            for content in part.assigned {
                try place.execute(arguments: [
                    content.topic, min(max(content.likeness, 0), 1), build.id, content.key.contentID,
                ])
            }
            let insert = try db.cachedStatement(
                sql: "INSERT INTO stories (corpus_run_id, story, contents, sources) VALUES (?, ?, ?, ?)")
            for (index, story) in part.stories.enumerated() {
                try insert.execute(arguments: [build.id, stories + index, story.contents.count, story.sources])
                for content in story.contents {
                    try place.execute(arguments: [
                        stories + index, min(max(content.likeness, 0), 1), build.id, content.key.contentID,
                    ])
                }
            }
        }
    }

    /// Makes a build the current run of its phase, and its contents done, in one commit. False when it is ours no more.
    func finish(_ build: CorpusBuild, _ summary: FoundSummary) async throws -> Bool {
        let topics = try (summary.topics ?? []).map { topic in
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            return (
                topic, words: String(decoding: try encoder.encode(topic.words), as: UTF8.self),
                typical: jsonArray(topic.typical.compactMap(\.contentID))
            )
        }
        return try await writing(build) { db in
            let now = Date().milliseconds
            for (topic, words, typical) in topics {
                try db.execute(
                    sql: "INSERT INTO topics VALUES (?, ?, ?, ?, ?, ?)",
                    arguments: [build.id, topic.topic, topic.size, topic.coherence, words, typical])
            }
            try db.execute(
                sql: """
                    UPDATE corpus_runs
                    SET state = 'superseded'
                    WHERE state = 'current' AND phase = :phase
                        AND coalesce(source_id, 0) = (SELECT coalesce(source_id, 0) FROM corpus_runs WHERE id = :build)
                    """, arguments: ["phase": build.phase.rawValue, "build": build.id])
            try db.execute(
                sql: """
                    UPDATE corpus_runs
                    SET state = 'current', finished_at = ?, contents = ?, without_words = ?, outliers = ?, coherence = ?,
                        reason = ?
                    WHERE id = ?
                    """,
                arguments: [
                    now, summary.contents, summary.withoutWords, summary.outliers, summary.coherence, summary.reason,
                    build.id,
                ])
            try db.execute(
                sql: """
                    INSERT INTO content_phases (content_id, phase, text_version, state, attempts, method_id, finished_at)
                    SELECT content_id, :phase, text_version, 'done', 1, :method, :now
                    FROM corpus_contents
                    WHERE corpus_run_id = :build
                    ON CONFLICT (content_id, phase) DO UPDATE SET
                        text_version = excluded.text_version,
                        state = excluded.state,
                        attempts = excluded.attempts,
                        method_id = excluded.method_id,
                        finished_at = excluded.finished_at,
                        error_code = NULL,
                        error_message = NULL
                    WHERE excluded.text_version >= text_version
                    """,
                arguments: [
                    "phase": build.phase.rawValue, "method": build.method, "now": now, "build": build.id,
                ])
            try db.execute(
                sql: "UPDATE runs SET state = 'finished', finished_at = ? WHERE id = ?", arguments: [now, build.run])
        }
    }

    /// Gives a build up. What it has stored is swept away by `sweepCorpusRuns`.
    func abandon(_ build: CorpusBuild) async throws {
        try await write { db in
            try db.execute(
                sql: "UPDATE corpus_runs SET state = 'abandoned' WHERE id = ? AND state = 'building'",
                arguments: [build.id])
            try db.execute(
                sql: "UPDATE runs SET state = 'interrupted', finished_at = ? WHERE id = ? AND state = 'running'",
                arguments: [Date().milliseconds, build.run])
        }
    }

    /// Removes what superseded and abandoned runs have found, at most `page` contents a commit, so that nobody waits for long.
    func sweepCorpusRuns(page: Int = 5000) async throws {
        while let run = try await read({ db in try Self.runToSweep(in: db) }) {
            try await write { db in
                try db.execute(
                    sql: """
                        DELETE FROM corpus_contents
                        WHERE corpus_run_id = :run AND content_id <= (
                            SELECT max(content_id)
                            FROM (
                                SELECT content_id FROM corpus_contents WHERE corpus_run_id = :run
                                ORDER BY content_id
                                LIMIT :page))
                        """, arguments: ["run": run, "page": page])
                guard db.changesCount < page else { return }
                try db.execute(sql: "DELETE FROM topics WHERE corpus_run_id = ?", arguments: [run])
                try db.execute(sql: "DELETE FROM stories WHERE corpus_run_id = ?", arguments: [run])
                try db.execute(
                    sql: "DELETE FROM corpus_runs WHERE id = ? AND state = 'abandoned'", arguments: [run])
            }
        }
    }

    private static func runToSweep(in db: Database) throws -> Int64? {
        try Int64.fetchOne(
            db,
            sql: """
                SELECT r.id
                FROM corpus_runs AS r
                WHERE r.state = 'abandoned'
                    OR (r.state = 'superseded' AND (
                        EXISTS (SELECT 1 FROM corpus_contents AS k WHERE k.corpus_run_id = r.id)
                        OR EXISTS (SELECT 1 FROM topics AS t WHERE t.corpus_run_id = r.id)
                        OR EXISTS (SELECT 1 FROM stories AS y WHERE y.corpus_run_id = r.id)))
                ORDER BY r.id
                LIMIT 1
                """)
    }

    /// Writes to a build in one transaction, unless somebody has taken its owner for dead meanwhile: false, and nothing is
    /// written.
    private func writing(
        _ build: CorpusBuild, _ body: @escaping @Sendable (Database) throws -> Void
    ) async throws -> Bool {
        try await write { db in
            let state = try String.fetchOne(
                db, sql: "SELECT state FROM corpus_runs WHERE id = ?", arguments: [build.id])
            guard state == "building" else { return false }
            try body(db)
            return true
        }
    }
}
