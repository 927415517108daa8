import Foundation
import Inference
import Testing

@testable import Volfefe

/// 44 real posts with what three real models said, and the consensus that an earlier system made of it.
private struct JudgedPost: Decodable {
    struct Verdict: Decodable {
        let sentiment: Sentiment
        let confidence: Double
    }
    struct Consensus: Decodable {
        let sentiment: Sentiment
        let confidence: Double
        let agreement_rate: Double
        let weighted_scores: [String: Double]
    }
    let external_id: String
    let text: String
    let models: [String: Verdict]
    let consensus: Consensus

    static let file = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "shared/data/golden/posts_with_real_results.json")
    static let isThere = FileManager.default.fileExists(atPath: file.path)
}

@Suite(.enabled(if: JudgedPost.isThere, "the golden data is not here"))
struct ConsensusGoldenTests {
    private static let weights = ["finbert": 0.2, "distilbert": 0.4, "twitter_roberta": 0.4]

    /// Runs `body` on a database with the posts and what the models said of them, in the order of the file.
    private func withPosts(_ body: (Store, [JudgedPost]) async throws -> Void) async throws {
        let posts = try JSONDecoder().decode([JudgedPost].self, from: Data(contentsOf: JudgedPost.file))
        let models = [Records.binary("distilbert"), Records.ternary("finbert"), Records.ternary("twitter_roberta")]
        let signs: [Sentiment: Character] = [.positive: "+", .neutral: "0", .negative: "-"]
        let lines = posts.map { post in
            String(models.map { model in post.models[model.modelID].flatMap { signs[$0.sentiment] } ?? " " })
        }
        try await withStore { store in
            try await store.judge(models, lines) { line, model in
                posts[line].models[models[model].modelID]?.confidence ?? 0
            }
            try await body(store, posts)
        }
    }

    private func version(_ store: Store, _ method: ConsensusMethod) async throws -> ConsensusVersion {
        let models = try await store.analysedModels(nil)
        return try ConsensusVersion(
            method: method, models: models,
            weights: try ConsensusWeights(given: [], settings: Self.weights).of(models))
    }

    @Test func `v1.0 gives every row of the earlier system, digit for digit`() async throws {
        try await withPosts { store, posts in
            let report = try await store.consensus(try await version(store, .v1))
            #expect(report.contents.count == 44)
            for (content, post) in zip(report.contents, posts) {
                let decision = content.decision
                #expect(
                    decision.sentiment == post.consensus.sentiment && decision.confidence == post.consensus.confidence)
                #expect(decision.agreement == post.consensus.agreement_rate)
                let scores = decision.scored.sentiments.map { ($0.rawValue, decision.score($0)) }
                #expect(scores.count == post.consensus.weighted_scores.count)
                for (sentiment, score) in scores { #expect(score == post.consensus.weighted_scores[sentiment]) }
            }
        }
    }

    @Test func `the documented figures of consensus and redundancy are those of the posts`() async throws {
        try await withPosts { store, _ in
            func counts(_ method: ConsensusMethod) async throws -> [Int] {
                let summary = try await store.consensus(try await version(store, method)).summary
                return [summary.positive, summary.neutral, summary.negative, summary.ties, summary.inexpressible]
            }
            #expect(try await counts(.majority) == [27, 13, 4, 0, 13])
            #expect(try await counts(.dawidSkene) == [27, 13, 4, 0, 13])
            let found = try await store.redundancy(try await version(store, .majority))
            #expect(found.models.map(\.model) == ["finbert@1.0", "twitter_roberta@1.0", "distilbert@1.0"])
            #expect(found.models.map { [$0.flipped, $0.lost, $0.gained] } == [[1, 1, 0], [5, 0, 0], [0, 7, 0]])
            #expect(found.models[1].alone.map { [$0.said, $0.alone] } == [[26, 0], [13, 1], [5, 1]])
            let weighted = try await store.consensus(try await version(store, .weighted))
            let first = try #require(weighted.contents.first)
            #expect(
                first.decision.sentiment == .neutral && isClose(first.decision.confidence, 0.3928600000000001 / 0.6))
        }
    }
}
