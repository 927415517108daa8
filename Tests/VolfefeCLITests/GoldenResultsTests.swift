import Foundation
import Testing

/// 44 real posts with what the real hub models said about them.
@Suite struct GoldenResultsTests {
    private static let file = projectRoot.deletingLastPathComponent()
        .appending(path: "shared/data/golden/posts_with_real_results.json").path
    private static let places = [
        ProcessInfo.processInfo.environment["VOLFEFE_SHARED"].map { $0 + "/data/golden/posts_with_real_results.json" },
        file,
    ]
    private static let found = places.compactMap { $0 }.first { FileManager.default.fileExists(atPath: $0) }

    private struct Post: Decodable {
        struct Quality: Decodable, Equatable {
            let score_margin, entropy: Double
            let flags: [String]
        }
        struct Verdict: Decodable {
            let sentiment: String
            let confidence: Double
            let quality: Quality
        }
        let external_id: String
        let models: [String: Verdict]
    }

    private struct Row: Decodable {
        let external_id, model_id, sentiment, quality: String
        let confidence: Double
    }

    @Test(.enabled(if: found != nil, "the golden data is not here"))
    func `they are imported as they are, and all 132 quality blocks follow from the scores`() async throws {
        let golden = try #require(Self.found)
        let posts = try JSONDecoder().decode([Post].self, from: Data(contentsOf: URL(filePath: golden)))
        try await Program.inFreshFolder { program in
            let finished = try await program.run("results", "import", golden, "--source", "truth_social", "--json")
            #expect(finished.status == 0, "\(finished.talk)")
            #expect(finished.output.contains(#""quality_differs":0"#) && finished.output.contains(#""stored":132"#))
            let answer = try await program.run(
                "sql", "--json",
                """
                SELECT c.external_id, k.model_id, k.sentiment, k.confidence, k.meta -> '$.quality' AS quality
                FROM model_classifications AS k JOIN contents AS c ON c.id = k.content_id
                """)
            let rows = try JSONDecoder().decode([Row].self, from: Data(answer.output.utf8))
            #expect(rows.count == 132)
            let told = Dictionary(uniqueKeysWithValues: posts.map { ($0.external_id, $0.models) })
            for row in rows {
                let verdict = try #require(told[row.external_id]?[row.model_id])
                #expect(row.sentiment == verdict.sentiment && row.confidence == verdict.confidence)
                let quality = try JSONDecoder().decode(Post.Quality.self, from: Data(row.quality.utf8))
                #expect(quality == verdict.quality, "\(row)")
            }
            // Eight of the posts are nothing but links; distilbert cannot say neutral.
            let agreement = try await program.run("agreement")
            #expect(agreement.output.contains("cannot say neutral"))
            for line in [
                "texts with words, shared labels: 25 contents, 25 judged by all, 11 left out",
                "texts with words, all labels: 36 contents", "texts of links only, all labels: 8 contents",
            ] {
                #expect(agreement.output.contains(line), "\(agreement.output)")
            }
        }
    }
}
