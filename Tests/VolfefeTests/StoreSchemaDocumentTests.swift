import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// A query of `docs/schema.md` or `docs/analysis.md` with the answer that is printed below it.
private struct DocumentedQuery: Sendable, CustomStringConvertible {
    let sql: String
    let answer: [String]?
    var description: String { String(sql.prefix(60)) }

    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func all() throws -> [Self] {
        let text = try ["docs/schema.md", "docs/analysis.md"].map { file in
            try String(contentsOf: root.appendingPathComponent(file), encoding: .utf8)
        }
        .joined()
        return text.components(separatedBy: "```sql\n").dropFirst().map { part in
            let blocks = part.components(separatedBy: "```")
            let answer = blocks.count > 2 && blocks[1] == "\n" && blocks[2].hasPrefix("text\n") ? blocks[2] : nil
            return Self(
                sql: blocks[0], answer: answer.map { $0.dropFirst(5).split(separator: "\n").map(String.init) })
        }
    }
}

/// A post with what the hub models said about it.
private struct GoldenPost: Decodable {
    struct Verdict: Decodable {
        let sentiment: Sentiment
        let confidence: Double
        let raw_scores: [String: Double]
        let raw_model_output: [Prediction.RawScore]
        let quality: Prediction.Quality
        let latency_ms: Double
    }
    let external_id: String
    let text: String
    let models: [String: Verdict]

    static let file = DocumentedQuery.root.deletingLastPathComponent()
        .appendingPathComponent("shared/data/golden/posts_with_real_results.json")
    static let isThere = FileManager.default.fileExists(atPath: file.path)
}

extension Store {
    /// A label, a calibration, a language and a phase that failed, so that queries about them have an answer.
    fileprivate func addGoldAndCalibration(_ content: Int64) async throws {
        try await write { db in
            try db.execute(
                sql: """
                    INSERT INTO gold_labels VALUES (?, 'kim', 1, 1, 1);
                    INSERT INTO calibrations VALUES (1, 'mine', 'temperature', 5, zeroblob(32), 1);
                    INSERT INTO calibration_models VALUES (1, 1, 20, '{"temperature": 1.5}');
                    INSERT INTO content_languages VALUES (?, 1, 'en', 0.9);
                    INSERT INTO phase_methods VALUES (100, 'language', 'words', 'sha256:1', 1);
                    INSERT INTO content_phases VALUES (?, 'language', 1, 'failed', 1, 100, 1, 'timeout', 'too slow');
                    """, arguments: [content, content, content])
        }
    }
}

@Suite struct StoreSchemaDocumentTests {
    private func rows(_ sql: String, in store: Store) async throws -> [String] {
        try await store.read { db in
            let statement = try db.makeStatement(sql: sql)
            let rows = try Row.fetchAll(statement).map { row in
                row.databaseValues.map { $0.isNull ? "" : "\($0.storage.value ?? "")" }.joined(separator: "|")
            }
            return [statement.columnNames.joined(separator: "|")] + rows
        }
    }

    private func keepConsensus(in store: Store) async throws {
        let version = try ConsensusVersion(method: .majority, models: try await store.analysedModels(nil))
        _ = try await store.consensus(version, storing: true)
    }

    @Test func everyDocumentedQueryRuns() async throws {
        let queries = try DocumentedQuery.all()
        #expect(queries.count >= 14)
        try await withStore { store in
            let ids = ["minilm_finance", "minilm_general", "minilm_social", "vader"]
            let records = ids.map { Records.record($0, [("n", .negative), ("0", .neutral), ("p", .positive)]) }
            try await store.register(records)
            let run = try await store.anyRun()
            let contents = try await store.ingest(texts: ["a", "b", "c", nil])
            for (index, content) in contents.prefix(2).enumerated() {
                var models: [String: ModelOutcome] = [:]
                for (number, record) in records.enumerated() {
                    let scores = (number + index).isMultiple(of: 2) ? [0.25, 0.5, 0.25] : [0.75, 0.125, 0.125]
                    models[record.modelID] = .prediction(.of(record, scores))
                }
                if index == 1 { models["vader"] = .failure(.init(code: "timeout", message: "too slow")) }
                try await store.save(
                    [.init(contentID: content, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run
                )
            }
            let work = WorkRequest(
                models: records.map { ($0.modelID, $0.version) }, force: false, effort: try await store.effort(of: run))
            #expect(try await store.claim(work, in: 1...9, page: 9).items.count == 1)
            try await keepConsensus(in: store)
            try await store.addGoldAndCalibration(contents[0])
            _ = try await store.enqueue([.classification(of: contents[0], textVersion: 1)])
            let jobs = try await store.claimJobs([.init(queue: "default", limit: 1)], run: run)
            let end = JobOutcome.failed(.init(.poison, message: "kills workers"))
            try await store.settle(jobs.map { JobEnd($0, end) }, run: run)
            try await store.find(contents.prefix(1).map { ($0, 1, [.sure("Nike"), .seen("Puma", at: 9)]) })
            try await store.resolve()
            _ = try await store.reject(names: [try await store.nameID("Puma")], by: "kim")
            try await store.addTopicsStoriesAndMetrics(Array(contents.prefix(2)))
            for query in queries { #expect(try await rows(query.sql, in: store).count > 1, "no answer to \(query)") }
        }
    }

    @Test(.enabled(if: GoldenPost.isThere, "the golden data is not here"))
    func theDocumentedAnswersAreThoseOfTheRealModels() async throws {
        let posts = try JSONDecoder().decode([GoldenPost].self, from: Data(contentsOf: GoldenPost.file))
        try await withStore { store in
            let records = [
                Records.record("finbert", [("Neutral", .neutral), ("Positive", .positive), ("Negative", .negative)]),
                Records.record("distilbert", [("NEGATIVE", .negative), ("POSITIVE", .positive)]),
                Records.record(
                    "twitter_roberta", [("negative", .negative), ("neutral", .neutral), ("positive", .positive)]),
            ]
            try await store.register(records)
            let run = try await store.anyRun()
            let drafts = posts.map { ContentDraft(externalID: $0.external_id, text: $0.text) }
            let contents = try await store.ingest(drafts, source: "truth_social")
            var items: [ClassifiedText] = []
            for (post, id) in zip(posts, contents.contentIDs) {
                let models = post.models.mapValues { verdict in
                    ModelOutcome.prediction(
                        Prediction(
                            sentiment: verdict.sentiment, confidence: verdict.confidence, modelVersion: "1.0",
                            meta: .init(
                                rawScores: verdict.raw_scores, rawModelOutput: verdict.raw_model_output,
                                processing: .init(
                                    latencyMs: verdict.latency_ms, batchSize: 1, tokens: nil, truncated: false,
                                    firstCall: false),
                                quality: verdict.quality)))
                }
                items.append(.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil)))
            }
            try await store.save(items, run: run)
            try await keepConsensus(in: store)

            for item in items {
                let stored = try await store.classifications(item.contentID).map { ($0.modelID, $0.outcome) }
                #expect(Dictionary(uniqueKeysWithValues: stored) == item.results.models)
            }
            for query in try DocumentedQuery.all() {
                guard let answer = query.answer else { continue }
                let sql = query.sql.replacing("minilm_finance", with: "finbert")
                    .replacing("minilm_general", with: "distilbert")
                let shown = answer.last == "…" ? answer.dropLast() : answer[...]
                let rows = try await rows(sql, in: store)
                #expect(answer.last == "…" ? rows.starts(with: shown) : rows == Array(shown), "\(query): \(rows)")
            }
        }
    }
}
