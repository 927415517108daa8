import Foundation
import GRDB

extension Store {
    /// The id of a method in a revision, which is stored when it is new.
    public func phaseMethod(_ phase: Phase, method: String, revision: String) async throws -> Int64 {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO phase_methods (phase, method, revision, inserted_at) VALUES (?, ?, ?, ?)
                    ON CONFLICT (phase, method, revision) DO NOTHING
                    """,
                arguments: [phase.rawValue, method, revision, Date().milliseconds])
            let id = try Int64.fetchOne(
                db, sql: "SELECT id FROM phase_methods WHERE phase = ? AND method = ? AND revision = ?",
                arguments: [phase.rawValue, method, revision])
            guard let id else { throw DatabaseError(message: "the method was not stored") }
            return id
        }
    }

    /// Contents with a text that miss a phase, by ascending id, from the first after `after`; at most `limit`.
    ///
    /// Missing is what has no row, one of an older text, a failure with attempts left, and what `selection` asks for besides. What
    /// has not been through the phase's prerequisite is not due yet.
    public func pending(_ phase: Phase, _ selection: PhaseSelection, after: Int64, limit: Int) async throws
        -> [PhaseItem]
    {
        try await read { db in
            try Row.fetchAll(
                db,
                sql: """
                    SELECT c.id, c.text_version, CAST(c.text AS BLOB) AS text, s.name,
                        CASE WHEN p.state = 'failed' AND p.text_version = c.text_version THEN p.attempts ELSE 0 END AS attempts
                    \(Self.pendingContents)
                        AND c.id > :after
                    ORDER BY c.id
                    LIMIT :limit
                    """,
                arguments: Self.arguments(phase, selection) + ["after": after, "limit": limit]
            ).map { row in
                PhaseItem(
                    contentID: row["id"], textVersion: row["text_version"],
                    text: String(decoding: row["text"] as Data, as: UTF8.self), source: row["name"],
                    attempts: row["attempts"])
            }
        }
    }

    /// How many contents miss a phase, as `pending` finds them.
    public func countPending(_ phase: Phase, _ selection: PhaseSelection) async throws -> Int {
        try await read { db in
            try Int.fetchOne(
                db, sql: "SELECT count(*) \(Self.pendingContents)", arguments: Self.arguments(phase, selection)) ?? 0
        }
    }

    /// The contents that miss `:phase`: what follows a SELECT, up to conditions of one's own.
    static let pendingContents = """
        FROM contents AS c
        JOIN sources AS s ON s.id = c.source_id
        LEFT JOIN content_phases AS p ON p.content_id = c.id AND p.phase = :phase
        WHERE c.text_hash IS NOT NULL
            AND (:source IS NULL OR s.name = :source)
            AND s.name NOT IN (SELECT value FROM json_each(:besides))
            AND (p.content_id IS NULL
                OR p.text_version <> c.text_version
                OR (p.state = 'failed' AND p.attempts < :max_attempts)
                OR (:method IS NOT NULL AND p.method_id <> :method)
                OR :is_forced)
            AND (:prerequisite IS NULL
                OR EXISTS (
                    SELECT 1
                    FROM content_phases AS q
                    WHERE q.content_id = c.id AND q.phase = :prerequisite
                        AND q.text_version = c.text_version AND q.state = 'done'))
        """

    static func arguments(_ phase: Phase, _ selection: PhaseSelection) -> StatementArguments {
        [
            "phase": phase.rawValue, "source": selection.source?.withoutNUL, "besides": jsonArray(selection.besides),
            "max_attempts": selection.maxAttempts,
            "method": selection.method, "is_forced": selection.isForced, "prerequisite": phase.prerequisite?.rawValue,
        ]
    }
}

/// Writes statuses of one phase in the caller's transaction.
struct PhaseStatusWriter {
    private let db: Database
    private let phase: Phase
    private let method: Int64
    private let now = Date().milliseconds

    init(_ phase: Phase, method: Int64, in db: Database) {
        self.db = db
        self.phase = phase
        self.method = method
    }

    /// The content has been through the phase at this version of its text.
    func done(_ content: Int64, textVersion: Int) throws { try write(content, textVersion, nil, nil) }

    /// The phase failed on the content; attempts at the same text add up.
    func failed(_ content: Int64, textVersion: Int, code: String, message: String) throws {
        try write(content, textVersion, code, message)
    }

    private func write(_ content: Int64, _ textVersion: Int, _ code: String?, _ message: String?) throws {
        try db.cachedStatement(
            sql: """
                INSERT INTO content_phases
                    (content_id, phase, text_version, state, attempts, method_id, finished_at, error_code, error_message)
                VALUES (:content, :phase, :version, iif(:code IS NULL, 'done', 'failed'), 1, :method, :now, :code, :message)
                ON CONFLICT (content_id, phase) DO UPDATE SET
                    attempts = iif(state = 'failed' AND text_version = excluded.text_version, attempts + 1, 1),
                    text_version = excluded.text_version,
                    state = excluded.state,
                    method_id = excluded.method_id,
                    finished_at = excluded.finished_at,
                    error_code = excluded.error_code,
                    error_message = excluded.error_message
                -- A text that was edited meanwhile is still to do; its newer status stays.
                WHERE excluded.text_version >= text_version
                """
        ).execute(arguments: [
            "content": content, "phase": phase.rawValue, "version": textVersion, "method": method, "now": now,
            "code": code, "message": message,
        ])
    }
}
