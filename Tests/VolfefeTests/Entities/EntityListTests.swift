import Foundation
import Inference
import Testing

@testable import Volfefe

/// Where entities are mentioned.
@Suite struct EntityListTests {
    private func listed(_ store: Store, _ change: (inout EntityFilter) -> Void = { _ in }) async throws -> [String] {
        var filter = EntityFilter()
        change(&filter)
        return try await store.entities(filter).map { "\($0.name) \($0.contents)/\($0.mentions)" }
    }

    @Test func `a place that two phases have found counts once`() async throws {
        try await withStore { store in
            try await store.find([
                [.sure("Nike"), .seen("Nike", "company", 0.9), .seen("Nike", "company", 0.9, at: 20)]
            ])
            #expect(try await listed(store) == ["Nike 1/1"])
            try await store.resolve()
            #expect(try await listed(store) == ["Nike 1/2"])
        }
    }

    @Test func `entities over sources, with the contents of each`() async throws {
        try await withStore { store in
            try await store.find([[.sure("Nike")], [.sure("Nike"), .sure("Puma", at: 9)]], source: "posts")
            try await store.find([[.sure("Nike")]], source: "news")
            #expect(try await listed(store) == ["Nike 3/3", "Puma 1/1"])
            #expect(try await listed(store) { $0.acrossSources = true } == ["Nike 3/3"])
            #expect(try await listed(store) { $0.scope.source = "news" } == ["Nike 1/1"])
            #expect(try await listed(store) { $0.search = "pum" } == ["Puma 1/1"])
            #expect(try await listed(store) { $0.types = [.person] } == [])
            #expect(try await listed(store) { $0.limit = 1 } == ["Nike 3/3"])
            let nike = try #require(try await store.entities(EntityFilter()).first)
            #expect(nike.sources.map(\.source) == ["posts", "news"] && nike.sources.map(\.contents) == [2, 1])
            await #expect(throws: VolfefeError.self) { _ = try await listed(store) { $0.scope.source = "elsewhere" } }
        }
    }

    @Test func `mentions in a text that was edited since do not count`() async throws {
        try await withStore { store in
            try await store.find([[.sure("Nike")], [.sure("Nike")]])
            try await store.ingest([ContentDraft(externalID: "1", text: "something else")], source: "test")
            #expect(try await listed(store) == ["Nike 1/1"])
            #expect(try await store.contents(mentioning: 1, limit: 9).map(\.contentID) == [2])
        }
    }

    @Test func `what models say of the contents of an entity is counted by model`() async throws {
        try await withStore { store in
            let ids = try await store.judge([Records.ternary("a"), Records.ternary("b")], ["++", "-+", "00"])
            try await store.find([(ids[0], 1, [.sure("Nike")]), (ids[1], 1, [.sure("Nike")])])
            let detail = try await store.entity(.name("nike"))
            #expect(
                detail.sentiment == [
                    EntitySentiment(modelID: "a", modelVersion: "1.0", positive: 1, neutral: 0, negative: 1),
                    EntitySentiment(modelID: "b", modelVersion: "1.0", positive: 2, neutral: 0, negative: 0),
                ])
            #expect(detail.names.map(\.method) == ["dictionary"])
        }
    }
}
