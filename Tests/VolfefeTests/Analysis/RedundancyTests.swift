import Inference
import Testing

@testable import Volfefe

@Suite struct RedundancyTests {
    private static let models = ["a", "b", "c"].map { Records.ternary($0) }

    private func report(
        _ store: Store, _ method: ConsensusMethod = .majority, weights: [Double]? = nil
    ) async throws -> RedundancyReport {
        try await store.redundancy(
            ConsensusVersion(method: method, models: try await store.analysedModels(nil), weights: weights))
    }

    @Test func `a model is missed where the consensus is another, or none, or one only without it`() async throws {
        try await withStore { store in
            // c alone; a tie of three; c decides; c's verdict is the only one; c has none.
            try await store.judge(Self.models, ["++-", "+0-", "+--", "++ ", "  +", "00+", "-+-"], latency: 2)
            let found = try await report(store)
            let c = try #require(found.models.first { $0.model == "c@1.0" })
            #expect(c.contents == 5 && c.flipped == 0 && c.lost == 2 && c.gained == 0)
            #expect(c.changed.value == 0.4)
            let a = try #require(found.models.first { $0.model == "a@1.0" })
            // Without a: "+-" and "0-" tie, "--" has no + any more, "0+" ties.
            #expect(a.contents == 6 && a.flipped == 0 && a.lost == 3 && a.gained == 0)
            // a says positive on four of them, alone on two.
            #expect(a.alone.map { [$0.said, $0.alone] } == [[4, 2], [1, 0], [1, 0]])
            // 2, 4 and 6 ms a text.
            #expect(found.models.compactMap { $0.effort?.msPerText }.sorted() == [2, 4, 6])
            #expect(isClose(a.effort?.shareOfText, 1.0 / 6) && isClose(a.effort?.totalMs, 12))
            #expect(isClose(found.models.compactMap { $0.effort?.totalShare }.reduce(0, +), 1))
        }
    }

    @Test func `a model that repeats another is the least missed, and the most expensive of equals comes first`()
        async throws
    {
        try await withStore { store in
            let models = ["a", "b", "c", "d"].map { Records.ternary($0) }
            try await store.judge(models, ["++++", "----", "0000", "++++", "--00"], latency: 1)
            let found = try await report(store)
            #expect(found.models.map { $0.changed.value ?? 1 } == found.models.map { $0.changed.value ?? 1 }.sorted())
            let same = try await report(store, .weighted, weights: [1, 1, 1, 1])
            #expect(same.models.map { $0.changed.value } == found.models.map { $0.changed.value })
            #expect(found.models[0].effort?.msPerText == 4)
        }
    }

    @Test func `weighted counts confidences, Dawid and Skene's errors are estimated without the model`() async throws {
        try await withStore { store in
            let lines = ["+++", "---", "000", "++-", "+++", "---", "0-0", "+++", "---", "000"]
            try await store.judge(Self.models, lines) { line, model in line == 3 && model == 2 ? 0.99 : 0.4 }
            // On the fourth text c outweighs a and b together.
            let weighted = try await report(store, .weighted, weights: [1, 1, 1])
            let c = try #require(weighted.models.first { $0.model == "c@1.0" })
            #expect(c.flipped == 1 && c.contents == 10)
            let estimated = try await report(store, .dawidSkene)
            #expect(estimated.models.allSatisfy { $0.contents == 10 && $0.effort != nil })
        }
    }

    @Test func `min_models asks no more of the rest than there are`() async throws {
        try await withStore { store in
            try await store.judge(Self.models, ["+++", "---"])
            let version = try ConsensusVersion(
                method: .majority, models: try await store.analysedModels(nil), minimumModels: 3)
            #expect(try await store.redundancy(version).models.allSatisfy { $0.changed.value == 0 })
        }
    }

    @Test func `one model cannot be missed`() async throws {
        try await withStore { store in
            try await store.judge([Self.models[0]], ["+"])
            let error = await #expect(throws: VolfefeError.self) { try await report(store) }
            #expect(error?.exitCode == 64)
        }
    }
}
