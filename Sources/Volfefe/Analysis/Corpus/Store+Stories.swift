import Foundation
import GRDB

extension Store {
    /// The stories of the newest run. Throws `VolfefeError.notFound` for a source or a story that does not exist.
    public func stories(_ filter: StoryFilter) async throws -> StoryReport {
        try await read { [path] db in
            let source = try filter.source.map { try Self.sourceID(of: $0, in: db, path: path) }
            guard let run = try Self.currentCorpus(.stories, source: source, in: db) else {
                return StoryReport(run: nil, total: 0, inStories: 0, stories: [])
            }
            let totals = try Row.fetchOne(
                db,
                sql: """
                    SELECT count(*) AS total, coalesce(sum(contents), 0) AS in_stories
                    FROM stories
                    WHERE corpus_run_id = ? AND (NOT ? OR sources > 1)
                    """,
                arguments: [run.id, filter.acrossSources])
            var stories = try Self.stories(of: run.id, filter, in: db)
            if let only = filter.only {
                guard !stories.isEmpty else {
                    throw VolfefeError.notFound(
                        "there is no story \(only); `volfefe stories` lists those that there are.")
                }
                stories[0].members = try Self.members(of: only, run: run.id, withTexts: filter.withTexts, in: db)
            }
            return StoryReport(
                run: run, total: totals?["total"] ?? 0, inStories: totals?["in_stories"] ?? 0, stories: stories)
        }
    }

    private static func stories(
        of run: Int64, _ filter: StoryFilter, in db: Database
    ) throws -> [StoryReport.Story] {
        try Row.fetchAll(
            db,
            sql: """
                WITH listed AS MATERIALIZED (
                    SELECT story
                    FROM stories
                    WHERE corpus_run_id = :run AND (NOT :across OR sources > 1) AND (:only IS NULL OR story = :only)
                    ORDER BY story
                    LIMIT :limit)
                SELECT
                    l.story, count(*) AS contents, json_group_array(DISTINCT s.name) AS sources,
                    min(c.published_at) AS first, max(c.published_at) AS last,
                    sum(k.text_version <> c.text_version) AS stale,
                    CASE WHEN :with_texts THEN (
                        SELECT CAST(substr(e.text, 1, 200) AS BLOB)
                        FROM corpus_contents AS m JOIN contents AS e ON e.id = m.content_id
                        WHERE m.corpus_run_id = :run AND m.member_of = l.story
                        ORDER BY e.published_at, e.id
                        LIMIT 1) END AS text
                FROM listed AS l
                JOIN corpus_contents AS k ON k.corpus_run_id = :run AND k.member_of = l.story
                JOIN contents AS c ON c.id = k.content_id
                JOIN sources AS s ON s.id = c.source_id
                GROUP BY l.story
                ORDER BY l.story
                """,
            arguments: [
                "run": run, "across": filter.acrossSources, "only": filter.only, "limit": filter.limit,
                "with_texts": filter.withTexts,
            ]
        ).map { row in
            StoryReport.Story(
                story: row["story"], contents: row["contents"],
                sources: try JSONDecoder().decode([String].self, from: Data((row["sources"] as String).utf8)).sorted(),
                first: (row["first"] as Int64?).map(Date.init(milliseconds:)),
                last: (row["last"] as Int64?).map(Date.init(milliseconds:)), stale: row["stale"],
                text: (row["text"] as Data?).map { String(decoding: $0, as: UTF8.self) })
        }
    }

    private static func members(
        of story: Int, run: Int64, withTexts: Bool, in db: Database
    ) throws -> [StoryReport.Content] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    k.content_id, s.name, c.published_at, k.likeness, k.text_version <> c.text_version AS stale,
                    CASE WHEN :with_texts THEN CAST(substr(c.text, 1, 200) AS BLOB) END AS text
                FROM corpus_contents AS k
                JOIN contents AS c ON c.id = k.content_id
                JOIN sources AS s ON s.id = c.source_id
                WHERE k.corpus_run_id = :run AND k.member_of = :story
                ORDER BY c.published_at, c.id
                """,
            arguments: ["run": run, "story": story, "with_texts": withTexts]
        ).map { row in
            StoryReport.Content(
                contentID: row["content_id"], source: row["name"],
                publishedAt: (row["published_at"] as Int64?).map(Date.init(milliseconds:)), likeness: row["likeness"],
                isStale: row["stale"], text: (row["text"] as Data?).map { String(decoding: $0, as: UTF8.self) })
        }
    }
}
