import Foundation
import GRDB
import Inference

extension Store {
    /// Stores findings with their statuses in one transaction; `methods` has the method of every phase in them.
    ///
    /// Findings in a text that has been edited since, or whose content is gone, are dropped. Saving the same again changes nothing
    /// but times; a failure never replaces findings in the same text.
    public func save(_ items: [AnnotatedContent], methods: [Phase: Int64]) async throws {
        guard !items.isEmpty else { return }
        try await write { db in
            var saving = AnnotationSaving(methods: methods, in: db)
            for item in items { try saving.store(item) }
        }
    }

    /// Stores drafts of one source with what the text phases have found in each (nil: nothing new), in one transaction: nobody sees
    /// such a content without its findings.
    @discardableResult
    public func ingest(
        _ drafts: [ContentDraft], source: String, annotations: [PhaseAnnotations?], methods: [Phase: Int64]
    ) async throws -> IngestResult {
        guard !drafts.isEmpty else { return IngestResult() }
        return try await write { db in
            let stored = try Ingestion(source: source, in: db).store(drafts)
            var saving = AnnotationSaving(methods: methods, in: db)
            for (place, annotations) in annotations.enumerated() {
                guard let annotations else { continue }
                try saving.store(
                    AnnotatedContent(
                        contentID: stored.contentIDs[place], textVersion: stored.textVersions[place],
                        annotations: annotations),
                    isNew: stored.outcomes[place] == .inserted)
            }
            return stored
        }
    }

    /// The statement that finds what is stored of drafts, for its plan to be checked.
    static let finishedPhases = """
        SELECT d.key AS place, c.text_hash AS text_hash, p.phase AS phase
        -- CROSS: in this order. Left to itself SQLite walks through the whole source, with the list inside.
        FROM json_each(:ids) AS d
        CROSS JOIN contents AS c
            ON c.source_id = (SELECT id FROM sources WHERE name = :source) AND c.external_id = d.value
        CROSS JOIN content_phases AS p ON p.content_id = c.id AND p.text_version = c.text_version
        WHERE p.phase IN (SELECT value FROM json_each(:phases))
            AND (p.state = 'done' OR p.attempts >= :max_attempts)
        """

    /// The phases of `phases` that each draft of a source misses, in the drafts' order: none for one that is stored with the same text
    /// and has been through all of them, or has failed too often.
    func missingPhases(
        of drafts: [ContentDraft], source: String, phases: [Phase], maxAttempts: Int
    ) async throws -> [[Phase]] {
        let known = try await read { db in
            try Row.fetchAll(
                db,
                sql: Self.finishedPhases,
                arguments: [
                    "ids": jsonArray(drafts.map(\.externalID.withoutNUL)), "source": source.withoutNUL,
                    "phases": jsonArray(phases.map(\.rawValue)), "max_attempts": maxAttempts,
                ]
            ).map { row in (place: row["place"] as Int, hash: row["text_hash"] as Data?, phase: row["phase"] as String)
            }
        }
        let finished = Dictionary(grouping: known, by: \.place)
        return drafts.enumerated().map { place, draft in
            guard let text = draft.text, !text.isEmpty else { return [] }
            guard let rows = finished[place], rows.first?.hash == Data(text.utf8).sha256 else { return phases }
            return phases.filter { phase in !rows.contains { $0.phase == phase.rawValue } }
        }
    }
}
