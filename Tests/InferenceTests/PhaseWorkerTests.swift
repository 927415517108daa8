import Testing

@testable import Inference

/// `priv/ml/phase.py` itself, as an installation runs it.
@Suite struct PhaseWorkerTests {
    @Test func `languages and names come through the pool as the documentation shows them`() async throws {
        let (found, ready) = try await withPhasePool(realPhases(["language", "entities"])) { pool in
            let texts = [
                "Die Börse schloss tiefer.", "GM and $TSLA: good for Michigan, says President Trump", "",
                "https://t.co/x",
            ]
            return (try await pool.annotate(texts), try await pool.ready())
        }
        #expect(try found[0].language?.get().language == "de")
        let mentions = try found[1].entities?.get() ?? []
        #expect(mentions.map(\.name) == ["General Motors", "Tesla", "Michigan", "Donald Trump"])
        #expect(mentions.map(\.start) == [0, 7, 23, 38])
        #expect(mentions.map(\.ticker) == ["GM", "TSLA", nil, nil])
        #expect(found[2].failure(of: "language")?.code == "bad_text")
        #expect(try found[3].language?.get() == LanguageFound(language: nil, score: nil))
        #expect(ready.phases.map(\.name) == ["language", "entities"])
        #expect(ready.method(of: "language")?.revision.hasPrefix("sha256:") == true)
        #expect(ready.environmentJSON.contains("\"python\""))
    }

    @Test func `a setting that a phase does not have is named`() async throws {
        let error = await #expect(throws: InferenceError.self) {
            let configuration = realPhases(["language"], settings: ["language": ["min_leters": .integer(3)]])
            _ = try await withPhasePool(configuration) { try await $0.ready() }
        }
        #expect(error?.exitCode == 78)
        #expect(error?.description.contains("min_leters") == true)
    }

    @Test func `the accuracy of resolve is above its gate`() async throws {
        let check = try await withPhasePool(realPhases(["resolve"])) { pool in
            try await pool.session { try await $0.check() }
        }
        #expect(check.asItRuns.pairs == 162)
        #expect(try #require(check.asItRuns.low) > 0.9)
        #expect(check.asItRuns.wrong?.isEmpty == false)
        #expect(check.byLetters.wrong == nil)
    }

    @Test func `a name with a legal form is merged into the entity without it`() async throws {
        let decisions = try await withPhasePool(realPhases(["resolve"])) { pool in
            try await pool.session { session in
                try await session.know([KnownEntity(key: 1, type: "company", name: "Nike", aliases: ["Nike Inc"])])
                return try await session.resolve([
                    FoundName(key: "n1", type: "organisation", name: "Nike, Inc.", confidence: 0.7)
                ])
            }
        }
        #expect(decisions.map(\.verdict) == [.merge])
        #expect(decisions[0].into == 1)
    }

    @Test func `reposts are one story, and too few contents have no topics`() async throws {
        let text = "The quick brown fox jumps over the lazy dog while markets rally on strong earnings"
        let (stories, summary, topics) = try await withPhasePool(realPhases(["stories", "topics"])) { pool in
            var stories: [FoundStory] = []
            let (summary, topics) = try await pool.session { session in
                try await session.hold([
                    HeldText(key: 1, text: text, source: "a"), HeldText(key: 2, text: "RT " + text, source: "b"),
                    HeldText(key: 3, text: "Something else entirely happened in the small village today again"),
                ])
                return (
                    try await session.find("stories") { stories += $0.stories },
                    try await session.find("topics") { _ in }
                )
            }
            return (stories, summary, topics)
        }
        #expect(stories.map { $0.contents.map(\.key) } == [[1, 2]])
        #expect(stories.map(\.sources) == [2])
        #expect(summary.stories == 1)
        #expect(topics.topics == [])
        #expect(topics.reason != nil)
    }
}
