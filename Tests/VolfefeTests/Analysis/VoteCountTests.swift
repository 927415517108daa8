import Foundation
import Inference
import Testing

@testable import Volfefe

/// Majority and weighted votes on single contents.
@Suite struct VoteCountTests {
    private static let a = AnalysedModel.of(1, "a")
    private static let b = AnalysedModel.of(2, "b")
    private static let c = AnalysedModel.of(3, "c")
    private static let binary = AnalysedModel.of(4, "d", [.positive, .negative])

    private func decide(
        _ method: ConsensusMethod, _ models: [AnalysedModel], _ line: String, _ confidences: [Double] = [],
        weights: [Double]? = nil, labels: ConsensusVersion.Labels = .own, minimumModels: Int = 1
    ) throws -> ConsensusDecision {
        let version = try ConsensusVersion(
            method: method, models: models, weights: weights, labels: labels, minimumModels: minimumModels)
        return VoteCount(version).decision(
            Signs.pattern(line), confidences: confidences.isEmpty ? models.map { _ in 1 } : confidences)
    }

    @Test func `the majority wins, and its score is its share of the votes`() throws {
        let decision = try decide(.majority, [Self.a, Self.b, Self.c], "++-")
        #expect(decision.sentiment == .positive && decision.confidence == 2.0 / 3 && decision.agreement == 2.0 / 3)
        #expect(decision.score(.negative) == 1.0 / 3 && decision.score(.neutral) == nil && decision.models == 3)
    }

    @Test func `a tie is a tie, with the sentiments that tie and no sentiment`() throws {
        let two = try decide(.majority, [Self.a, Self.b], "+0")
        #expect(two.sentiment == nil && two.tied.sentiments == [.positive, .neutral] && two.agreement == nil)
        #expect(two.reason == "tie" && two.confidence == nil && two.score(.neutral) == 0.5)
        let three = try decide(.majority, [Self.a, Self.b, Self.c], "+0-")
        #expect(three.tied == .all)
        // 0.1 + 0.2 is not 0.3 in binary; it is a tie all the same.
        let weighted = try decide(
            .weighted, [Self.a, Self.b, Self.c], "++-", weights: [0.1, 0.2, 0.3])
        #expect(weighted.tied.sentiments == [.positive, .negative])
    }

    @Test func `weights count for the models that are present: one that is alone keeps its 0.98`() throws {
        let models = [Self.a, Self.b, Self.c]
        let alone = try decide(.weighted, models, "+  ", [0.98, 0, 0], weights: [0.2, 0.4, 0.4])
        #expect(isClose(alone.confidence, 0.98) && alone.sentiment == .positive && alone.models == 1)
        let before = try decide(.v1, models, "+  ", [0.98, 0, 0], weights: [0.2, 0.4, 0.4])
        #expect(before.confidence == 0.196)
        let two = try decide(.weighted, models, "+-", [0.9, 0.6, 0], weights: [0.2, 0.4, 0.4])
        #expect(two.sentiment == .negative && isClose(two.score(.positive), 0.9 * 0.2 / 0.6))
        #expect(isClose(two.confidence, 0.6 * 0.4 / 0.6))
    }

    @Test func `a model without neutral is no vote against neutral`() throws {
        let models = [Self.a, Self.b, Self.binary]
        // One of the two that can say neutral says it; of three that can say negative, two do.
        let negative = try decide(.majority, models, "0--")
        #expect(negative.sentiment == .negative && negative.agreement == 2.0 / 3)
        #expect(negative.score(.neutral) == 0.5)
        // All that can say neutral do.
        let neutral = try decide(.majority, models, "00-")
        #expect(neutral.sentiment == .neutral && neutral.confidence == 1 && neutral.agreement == 1)
        // With the other two it would be a tie of three.
        let split = try decide(.majority, models, "0+-")
        #expect(split.sentiment == .neutral && split.confidence == 0.5)
        #expect(try decide(.majority, models, "0+-", labels: .all).tied == .all)
        // Two models that differ only there do not disagree.
        #expect(try decide(.majority, [Self.a, Self.binary], "0-").sentiment == .neutral)
        #expect(try decide(.majority, [Self.a, Self.binary], "0-", labels: .all).reason == "tie")
        let weighted = try decide(.weighted, [Self.a, Self.binary], "0-", [0.6, 0.9], weights: [1, 1])
        #expect(weighted.sentiment == .neutral && isClose(weighted.confidence, 0.6))
        #expect(isClose(weighted.score(.negative), 0.45))
    }

    @Test func `fewer models than asked for make no consensus`() throws {
        let decision = try decide(.majority, [Self.a, Self.b, Self.c], "+ +", minimumModels: 3)
        #expect(decision.sentiment == nil && decision.reason == "too_few" && decision.models == 2)
        #expect(decision.tied.isEmpty && decision.agreement == nil)
        #expect(try decide(.majority, [Self.a, Self.b, Self.c], "+ +", minimumModels: 2).sentiment == .positive)
    }

    @Test func `rounding is Python's`() {
        // round(x, 4), round(x, 2) in Python 3.11
        let rounded: [(Double, Double, Double)] = [
            (0.39980000000000004, 0.3998, 0.4), (0.12345, 0.1235, 0.12), (2.675, 2.675, 2.67), (1.005, 1.005, 1.0),
            (0.00005, 0.0001, 0.0), (0.33333333, 0.3333, 0.33), (0.125, 0.125, 0.12), (0.375, 0.375, 0.38),
            (0.00015, 0.0001, 0.0), (1, 1, 1),
        ]
        for (value, four, two) in rounded {
            #expect(value.roundedDecimal(4) == four, "\(value)")
            #expect(value.roundedDecimal(2) == two, "\(value)")
        }
    }

    @Test func `neither the order of the models nor equal factors change a digit or the name`() throws {
        let models = [Self.a, Self.b, Self.binary]
        let one = try ConsensusVersion(method: .weighted, models: models, weights: [0.2, 0.3, 0.4])
        let other = try ConsensusVersion(method: .weighted, models: models.reversed(), weights: [0.4, 0.3, 0.2])
        #expect(try one.name == other.name)
        #expect(try one.name.hasPrefix("weighted-") && one == other)
        let others = [
            try ConsensusVersion(method: .weighted, models: models, weights: [0.2, 0.3, 0.5]),
            try ConsensusVersion(method: .weighted, models: models, weights: [0.2, 0.3, 0.4], labels: .all),
            try ConsensusVersion(method: .weighted, models: models, weights: [0.2, 0.3, 0.4], minimumModels: 2),
            try ConsensusVersion(method: .v1, models: models, weights: [0.2, 0.3, 0.4]),
            try ConsensusVersion(method: .weighted, models: [Self.a, Self.b], weights: [0.2, 0.3]),
            try ConsensusVersion(method: .majority, models: models),
        ]
        let names = try (others + [one]).map { try $0.name }
        #expect(Set(names).count == 7)
        #expect(
            try ConsensusVersion(method: .majority, models: [Self.a]).definition
                == #"{"labels":"own","method":"majority","min_models":1,"models":[{"model":"a@1.0"}]}"#)
    }

    @Test func `parameters that cannot be are refused`() throws {
        func refused(_ body: () throws -> ConsensusVersion) -> Int32? {
            let error = #expect(throws: VolfefeError.self) { try body() }
            return error?.exitCode
        }
        let models = [Self.a, Self.b]
        #expect(refused { try .init(method: .majority, models: models, minimumModels: 3) } == 64)
        #expect(refused { try .init(method: .majority, models: models, minimumModels: 0) } == 64)
        #expect(refused { try .init(method: .majority, models: [Self.a, Self.a]) } == 64)
        #expect(refused { try .init(method: .weighted, models: models, weights: [0, 0]) } == 64)
        // A model of weight 0 takes no part.
        let one = try ConsensusVersion(method: .weighted, models: models, weights: [0, 2])
        #expect(one.voters.map(\.model.modelID) == ["b"])
    }

    @Test func `weights: those asked for, then the settings, or all equal; never some`() throws {
        let models = [Self.a, Self.b]
        func weights(_ given: [(String, Double)], _ settings: [String: Double]) throws -> [Double] {
            try ConsensusWeights(
                given: try given.map { .init(reference: try #require(ModelReference($0.0)), weight: $0.1) },
                settings: settings
            ).of(models)
        }
        #expect(try weights([], [:]) == [1, 1])
        #expect(try weights([], ["a": 0.2, "b": 0.4]) == [0.2, 0.4])
        #expect(try weights([("b", 3)], ["a": 0.2, "b": 0.4]) == [0.2, 3])
        #expect(try weights([("a", 1), ("a@1.0", 2), ("b", 3)], [:]) == [2, 3])
        let refused: [(given: [(String, Double)], settings: [String: Double])] = [
            ([("a", 1)], [:]), ([("b", 1), ("z", 1)], ["a": 1]), ([], ["b": 1]),
        ]
        for (given, settings) in refused {
            let error = #expect(throws: VolfefeError.self) { try weights(given, settings) }
            #expect(error?.exitCode == 64)
        }
    }
}
