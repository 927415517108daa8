import Foundation
import GRDB

/// Counts what metrics are made of, source by source, as one transaction sees it.
struct MetricsCounts {
    /// Id of the source → counts.
    private(set) var tallies: [Int64: MetricsTally] = [:]
    /// What they count by number.
    private(set) var names = MetricsNames()
    private let source: Int64?
    private let db: Database

    /// `source` is the id of a source, nil: all.
    init(source: Int64?, in db: Database) throws {
        self.source = source
        self.db = db
    }

    /// Counts everything.
    mutating func count(_ scope: MetricsScope) throws {
        try countContents()
        try countPhases()
        try countSentiment(scope)
        try countLanguages()
        try countEntities()
        try countTopics()
        try countStories()
        try countWeeks()
    }

    /// What each phase has to do: every content with a text of the sources that have it on. Topics are of the whole collection,
    /// and none are due below their minimum.
    mutating func setDue(_ scope: MetricsScope, sources: [(id: Int64, name: String)]) throws {
        let collection = try Int.fetchOne(db, sql: "SELECT coalesce(sum(with_text), 0) FROM content_counts") ?? 0
        for (id, name) in sources {
            var tally = tallies[id] ?? .init()
            for phase in Phase.allCases where phase != .analytics {
                var status = tally.phases[phase] ?? .init()
                status.isOn = scope.isOn(phase, for: name)
                let isPossible =
                    switch phase {
                    case .topics: collection >= scope.minimumTopicContents || status.done > 0
                    case .sentiment: !scope.enabledModels.isEmpty
                    default: true
                    }
                status.due = status.isOn && isPossible ? tally.withText : 0
                if !status.isOn { (status.done, status.failed) = (0, 0) }
                tally.phases[phase] = status
            }
            tallies[id] = tally
        }
    }

    private mutating func each(
        _ sql: String, _ arguments: StatementArguments = [:], _ body: (inout MetricsTally, Row) -> Void
    ) throws {
        let rows = try Row.fetchCursor(db, sql: sql, arguments: ["source": source] &+ arguments)
        while let row = try rows.next() { body(&tallies[row["source_id"], default: .init()], row) }
    }

    private mutating func countContents() throws {
        try each(
            """
            SELECT
                c.source_id, count(*) AS contents, sum(c.text_hash IS NOT NULL) AS with_text,
                min(c.published_at) AS first, max(c.published_at) AS last, max(c.updated_at) AS updated
            FROM contents AS c
            WHERE :source IS NULL OR c.source_id = :source
            GROUP BY c.source_id
            """
        ) { tally, row in
            tally.contents = row["contents"]
            tally.withText = row["with_text"]
            tally.first = row["first"]
            tally.last = row["last"]
            tally.touch(row["updated"])
        }
    }

    /// Content by content in the order in which the statuses lie, so that only one row of each has to be sorted.
    private mutating func countPhases() throws {
        try each(
            """
            SELECT source_id, statuses, count(*) AS contents, max(finished) AS finished
            FROM (
                SELECT
                    c.source_id, max(p.finished_at) AS finished,
                    -- A bit for each phase, in the order of Phase.recorded; six further up for failures.
                    sum(CASE p.phase
                            WHEN 'language' THEN 1 WHEN 'entities' THEN 2 WHEN 'ner' THEN 4
                            WHEN 'resolve' THEN 8 WHEN 'topics' THEN 16 WHEN 'stories' THEN 32 ELSE 0 END
                        << CASE p.state WHEN 'done' THEN 0 ELSE 6 END) AS statuses
                FROM contents AS c
                CROSS JOIN content_phases AS p ON p.content_id = c.id AND p.text_version = c.text_version
                WHERE c.text_hash IS NOT NULL AND (:source IS NULL OR c.source_id = :source)
                GROUP BY c.id) AS looked_at
            GROUP BY source_id, statuses
            """
        ) { tally, row in
            let statuses: Int = row["statuses"]
            for (place, phase) in Phase.recorded.enumerated() {
                var status = tally.phases[phase] ?? .init()
                if statuses >> place & 1 == 1 { status.done += row["contents"] as Int }
                if statuses >> (place + Phase.recorded.count) & 1 == 1 { status.failed += row["contents"] as Int }
                tally.phases[phase] = status
            }
            tally.touch(row["finished"])
        }
    }

    /// One pass over the verdicts, which lie in the order of their contents.
    private mutating func countSentiment(_ scope: MetricsScope) throws {
        let versions = try scope.enabledModels.compactMap { try Store.version($0.version, ofModel: $0.id, in: db)?.id }
        try each(
            """
            SELECT
                source_id, sum(outcomes % 10000 >= :needed) AS done,
                sum(outcomes % 10000 < :needed AND outcomes >= 10000) AS failed, max(judged) AS judged
            FROM (
                SELECT
                    c.source_id, max(k.inserted_at) AS judged,
                    -- Verdicts, and ten thousand for each failure: there are fewer model versions.
                    sum(CASE
                        WHEN k.text_version = c.text_version
                            AND k.model_version_id IN (SELECT value FROM json_each(:versions))
                        THEN iif(k.error_code IS NULL, 1, 10000) ELSE 0 END) AS outcomes
                FROM contents AS c
                CROSS JOIN classifications AS k ON k.content_id = c.id
                WHERE c.text_hash IS NOT NULL AND (:source IS NULL OR c.source_id = :source)
                GROUP BY c.id) AS judged
            GROUP BY source_id
            """,
            ["needed": max(scope.enabledModels.count, 1), "versions": jsonArray(versions)]
        ) { tally, row in
            tally.phases[.sentiment] = .init(done: row["done"], failed: row["failed"])
            tally.touch(row["judged"])
        }
    }

    private mutating func countLanguages() throws {
        try each(
            """
            SELECT c.source_id, l.language, count(*) AS contents, coalesce(sum(l.score < 0.5), 0) AS guesses
            FROM content_languages AS l
            JOIN contents AS c ON c.id = l.content_id AND c.text_version = l.text_version
            WHERE :source IS NULL OR c.source_id = :source
            GROUP BY c.source_id, l.language
            """
        ) { tally, row in
            tally.languages[row["language"] as String?] = .init(contents: row["contents"], guesses: row["guesses"])
        }
    }

    /// A content that names an entity several times counts once.
    private mutating func countEntities() throws {
        try each(
            """
            SELECT c.source_id, n.entity_id, count(DISTINCT c.id) AS contents
            FROM contents AS c
            CROSS JOIN content_phases AS p ON p.content_id = c.id AND p.phase IN ('entities', 'ner')
                AND p.text_version = c.text_version
            CROSS JOIN mentions AS m ON m.content_id = c.id AND m.phase = p.phase
            CROSS JOIN entity_names AS n ON n.id = m.name_id
            WHERE n.entity_id IS NOT NULL AND (:source IS NULL OR c.source_id = :source)
            GROUP BY c.source_id, n.entity_id
            """
        ) { tally, row in tally.entities[row["entity_id"]] = row["contents"] }
        let rows = try Row.fetchCursor(db, sql: "SELECT id, name, type FROM entities WHERE state = 'active'")
        while let row = try rows.next() { names.entities[row["id"]] = (row["name"], row["type"]) }
        let known = names.entities
        tallies = tallies.mapValues { tally in
            var tally = tally
            tally.entities = tally.entities.filter { known[$0.key] != nil }
            return tally
        }
    }

    private mutating func countTopics() throws {
        guard let run = try Store.currentCorpus(.topics, source: nil, in: db), run.reason == nil else { return }
        names.coherence = run.coherence
        let topics = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    topic,
                    (
                        SELECT group_concat(word, ' ')
                        FROM (SELECT value ->> 'word' AS word FROM json_each(words) LIMIT 5)) AS words
                FROM topics
                WHERE corpus_run_id = ?
                """, arguments: [run.id])
        names.topics = Dictionary(uniqueKeysWithValues: topics.map { ($0["topic"], $0["words"] ?? "") })
        try each(
            """
            SELECT c.source_id, k.member_of AS topic, count(*) AS contents
            FROM corpus_contents AS k
            JOIN contents AS c ON c.id = k.content_id
            WHERE k.corpus_run_id = :run AND (:source IS NULL OR c.source_id = :source)
            GROUP BY c.source_id, k.member_of
            """, ["run": run.id]
        ) { tally, row in tally.topics[row["topic"] as Int?] = row["contents"] }
    }

    private mutating func countStories() throws {
        guard let run = try Store.currentCorpus(.stories, source: nil, in: db) else { return }
        names.storiesAcross = try Int.fetchSet(
            db, sql: "SELECT story FROM stories WHERE corpus_run_id = ? AND sources > 1", arguments: [run.id])
        try each(
            """
            SELECT c.source_id, k.member_of AS story, count(*) AS contents
            FROM corpus_contents AS k
            JOIN contents AS c ON c.id = k.content_id
            WHERE k.corpus_run_id = :run AND k.member_of IS NOT NULL AND (:source IS NULL OR c.source_id = :source)
            GROUP BY c.source_id, k.member_of
            """, ["run": run.id]
        ) { tally, row in tally.stories[row["story"]] = row["contents"] }
    }

    private mutating func countWeeks() throws {
        try each(
            """
            SELECT
                n.source_id,
                CASE WHEN n.day <> -9999999 THEN date(n.day * 86400, 'unixepoch', 'weekday 0', '-6 days') END AS week,
                sum(n.contents) AS contents, sum(n.with_text) AS with_text
            FROM content_counts AS n
            WHERE :source IS NULL OR n.source_id = :source
            GROUP BY n.source_id, week
            HAVING sum(n.contents) > 0
            """
        ) { tally, row in
            tally.weeks[row["week"] as String?] = .init(contents: row["contents"], withText: row["with_text"])
        }
    }
}
