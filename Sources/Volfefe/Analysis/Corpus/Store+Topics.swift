import Foundation
import GRDB
import Inference

extension Store {
    /// The topics of the whole collection, or those of one source by itself, with what these models say of them.
    ///
    /// `examples` contents of each that are most like it, with the beginnings of their texts where `withTexts`; `only` one topic.
    /// Throws `VolfefeError.notFound` for a source or a topic that does not exist.
    public func topics(
        of source: String? = nil, only: Int? = nil, models: [AnalysedModel], examples: Int = 0,
        withTexts: Bool = false
    ) async throws -> TopicReport {
        try await read { [path] db in
            let source = try source.map { try Self.sourceID(of: $0, in: db, path: path) }
            guard let run = try Self.currentCorpus(.topics, source: source, in: db) else {
                return TopicReport(run: nil, topics: [])
            }
            var topics = try Self.topics(of: run, only: only, in: db)
            if let only, topics.isEmpty {
                throw VolfefeError.notFound("there is no topic \(only); `volfefe topics` lists those that there are.")
            }
            let sources = try Self.sources(of: run, in: db)
            let moods = try Self.moods(of: run, only: only, models: models, in: db)
            for index in topics.indices {
                let topic = topics[index].topic
                topics[index].sources = sources[topic] ?? []
                topics[index].moods = moods[topic] ?? []
                if examples > 0 {
                    topics[index].examples = try Self.examples(
                        of: topic, run: run.id, limit: examples, withTexts: withTexts, in: db)
                }
            }
            return TopicReport(run: run, topics: topics)
        }
    }

    private static func topics(
        of run: CorpusSummary, only: Int?, in db: Database
    ) throws -> [TopicReport.Topic] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT topic, size, coherence, words
                FROM topics
                WHERE corpus_run_id = :run AND (:only IS NULL OR topic = :only)
                ORDER BY topic
                """,
            arguments: ["run": run.id, "only": only]
        ).map { row in
            TopicReport.Topic(
                topic: row["topic"], size: row["size"],
                share: run.contents > 0 ? Double(row["size"] as Int) / Double(run.contents) : 0,
                coherence: row["coherence"],
                words: try JSONDecoder().decode(
                    [TopicReport.Word].self, from: Data((row["words"] as String).utf8)),
                sources: [], moods: [])
        }
    }

    /// Topic → sources, those of the most contents first.
    private static func sources(
        of run: CorpusSummary, in db: Database
    ) throws -> [Int: [TopicReport.SourceCount]] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT k.member_of AS topic, s.name, count(*) AS contents
                FROM corpus_contents AS k
                JOIN contents AS c ON c.id = k.content_id
                JOIN sources AS s ON s.id = c.source_id
                WHERE k.corpus_run_id = ? AND k.member_of IS NOT NULL
                GROUP BY k.member_of, s.id
                ORDER BY k.member_of, contents DESC, s.name
                """,
            arguments: [run.id])
        return Dictionary(grouping: rows) { $0["topic"] as Int }
            .mapValues { $0.map { .init(source: $0["name"], contents: $0["contents"]) } }
    }

    /// Topic → what each model says of its contents, in the order of the models.
    private static func moods(
        of run: CorpusSummary, only: Int?, models: [AnalysedModel], in db: Database
    ) throws -> [Int: [TopicReport.Mood]] {
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    t.member_of AS topic, k.model_version_id, count(*) AS verdicts, sum(k.sentiment = 1) AS positive,
                    sum(k.sentiment = 0) AS neutral, sum(k.sentiment = -1) AS negative
                FROM corpus_contents AS t
                JOIN contents AS c ON c.id = t.content_id
                CROSS JOIN classifications AS k ON k.content_id = c.id AND k.text_version = c.text_version
                WHERE t.corpus_run_id = :run AND t.member_of IS NOT NULL AND (:only IS NULL OR t.member_of = :only)
                    AND k.error_code IS NULL AND +k.model_version_id IN (SELECT value FROM json_each(:versions))
                GROUP BY t.member_of, k.model_version_id
                """,
            arguments: ["run": run.id, "only": only, "versions": jsonArray(models.map(\.id))])
        var found: [Int: [Int64: Row]] = [:]
        for row in rows { found[row["topic"], default: [:]][row["model_version_id"]] = row }
        return found.mapValues { rows in
            models.compactMap { model in
                rows[model.id].map { row in
                    TopicReport.Mood(
                        modelID: model.modelID, modelVersion: model.modelVersion, verdicts: row["verdicts"],
                        positive: row["positive"], neutral: row["neutral"], negative: row["negative"])
                }
            }
        }
    }

    private static func examples(
        of topic: Int, run: Int64, limit: Int, withTexts: Bool, in db: Database
    ) throws -> [TopicReport.Example] {
        try Row.fetchAll(
            db,
            sql: """
                SELECT
                    k.content_id, s.name, k.likeness, k.text_version <> c.text_version AS stale,
                    CASE WHEN :with_texts THEN CAST(substr(c.text, 1, 200) AS BLOB) END AS text
                FROM corpus_contents AS k
                JOIN contents AS c ON c.id = k.content_id
                JOIN sources AS s ON s.id = c.source_id
                WHERE k.corpus_run_id = :run AND k.member_of = :topic
                ORDER BY k.likeness DESC, k.content_id
                LIMIT :limit
                """,
            arguments: ["run": run, "topic": topic, "limit": limit, "with_texts": withTexts]
        ).map { row in
            TopicReport.Example(
                contentID: row["content_id"], source: row["name"], likeness: row["likeness"], isStale: row["stale"],
                text: (row["text"] as Data?).map { String(decoding: $0, as: UTF8.self) })
        }
    }
}
