import Foundation
import Inference

@testable import Volfefe

/// Gives `body` a folder of its own and removes it afterwards.
func withFolder<Value>(_ body: (URL) async throws -> Value) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("volfefe-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try await body(folder)
}

/// Gives `body` a new store in a real file.
func withStore<Value>(_ body: (Store) async throws -> Value) async throws -> Value {
    try await withFolder { folder in
        let store = try Store(path: folder.appendingPathComponent("test.db").path)
        let value = try await body(store)
        try store.close()
        return value
    }
}

/// Model versions that tests register.
enum Records {
    static let finance = record("finance", [("bearish", .negative), ("bullish", .positive), ("flat", .neutral)])
    static let general = record("general", [("NEGATIVE", .negative), ("POSITIVE", .positive)])
    static let stars = record(
        "stars",
        [("1", .negative), ("2", .negative), ("3", .neutral), ("4", .positive), ("5", .positive)])

    static func record(
        _ id: String, _ labels: [(String, Sentiment)], version: String = "1.0", revision: String = "sha256:aa"
    ) -> ModelVersionRecord {
        ModelVersionRecord(
            modelID: id, version: version, revision: revision, engine: "onnxruntime", precision: "fp32",
            hasNeutral: labels.contains { $0.1 == .neutral }, maxTokens: 256,
            labels: labels.map { .init(name: $0.0, sentiment: $0.1) })
    }
}

extension Prediction {
    /// A prediction as a model of `record` would make it from one score for each of its labels.
    static func of(
        _ record: ModelVersionRecord, _ scores: [Double], latency: Double = 12.345, flags: [String] = ["clear_winner"]
    ) -> Prediction {
        var bySentiment: [String: Double] = [:]
        for (label, score) in zip(record.labels, scores) { bySentiment[label.sentiment.rawValue, default: 0] += score }
        let ranked = bySentiment.sorted { ($0.value, $0.key) > ($1.value, $1.key) }
        return Prediction(
            sentiment: Sentiment(rawValue: ranked[0].key) ?? .neutral, confidence: min(ranked[0].value, 1),
            modelVersion: record.version,
            meta: .init(
                rawScores: bySentiment.mapValues { min($0, 1) },
                rawModelOutput: zip(record.labels, scores).map { .init(label: $0.name, score: $1) }
                    .sorted { $0.score > $1.score },
                processing: .init(latencyMs: latency, batchSize: 8, tokens: 23, truncated: false, firstCall: false),
                quality: .init(
                    scoreMargin: ranked.count > 1 ? ((ranked[0].value - ranked[1].value) * 1e4).rounded() / 1e4 : 1,
                    entropy: 0.4321,
                    flags: flags)))
    }
}

extension TextInfo {
    /// Facts of `text`, as far as tests care.
    static func of(_ text: String) -> TextInfo {
        TextInfo(
            chars: text.count, words: text.split(separator: " ").count, lines: 1, urls: 0, hashtags: 1, mentions: 2,
            upperShare: 0.125, exclamations: 3, questions: 4, urlOnly: false,
            sha256: Data(text.utf8).sha256.hexadecimal)
    }
}

extension Store {
    /// Stores texts under the external ids "1", "2", … and gives their content ids.
    @discardableResult
    func ingest(texts: [String?], source: String = "test") async throws -> [Int64] {
        let drafts = texts.enumerated().map { ContentDraft(externalID: "\($0.offset + 1)", text: $0.element) }
        return try await ingest(drafts, source: source).contentIDs
    }

    /// Begins a run that nobody cares about.
    func anyRun() async throws -> Int64 { try await beginRun(command: "classify --all", configuration: "[]") }

    /// Saves one outcome of one model.
    func save(
        _ outcome: ModelOutcome, of model: String, on content: Int64, textVersion: Int = 1, run: Int64
    ) async throws {
        try await save(
            [
                .init(
                    contentID: content, textVersion: textVersion,
                    results: .init(models: [model: outcome], textInfo: nil))
            ], run: run)
    }

    /// What is missing of everything.
    func allWork(_ records: [ModelVersionRecord], force: Bool = false, page: Int = 1000) async throws -> [WorkItem] {
        try await work(
            selection: .all, models: records.map { ($0.modelID, $0.version) }, force: force, after: 0, page: page)
    }
}
