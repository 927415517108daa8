import Inference
import Testing

@testable import Volfefe

/// What must hold for every table.
@Suite struct AgreementPropertyTests {
    /// Numbers that look random and are the same every time (SplitMix64).
    private struct Seeded: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static func models(_ count: Int) -> [AnalysedModel] {
        (0..<count).map {
            AnalysedModel(id: Int64($0 + 1), modelID: "m\($0)", modelVersion: "1", sentiments: Sentiment.allCases)
        }
    }

    /// `contents` verdicts of models that say the truth with probability `skill`, and else anything.
    private static func patterns(
        seed: UInt64, models count: Int, contents: Int, skill: Double, missing: Double = 0
    ) -> VerdictPatterns {
        var random = Seeded(state: seed)
        var counts: [[Sentiment?]: Int] = [:]
        for _ in 0..<contents {
            let truth = Sentiment.allCases.randomElement(using: &random)
            let said = (0..<count).map { _ -> Sentiment? in
                if Double.random(in: 0..<1, using: &random) < missing { return nil }
                return Double.random(in: 0..<1, using: &random) < skill
                    ? truth : Sentiment.allCases.randomElement(using: &random)
            }
            counts[said, default: 0] += 1
        }
        return VerdictPatterns(
            models: models(count),
            patterns: counts.map { .init(sentiments: $0.key, isLinksOnly: false, count: $0.value) })
    }

    @Test(arguments: 1...20)
    func `κ is the same whoever comes first, and for all raters in any order`(seed: Int) throws {
        let patterns = Self.patterns(seed: UInt64(seed), models: 4, contents: 60, skill: 0.5, missing: 0.1)
        var reversed = patterns
        reversed.models.reverse()
        for index in reversed.patterns.indices { reversed.patterns[index].sentiments.reverse() }
        let one = AgreementReport(patterns).sections[1]
        let other = AgreementReport(reversed).sections[1]
        #expect(one.allAgree == other.allAgree)
        #expect(one.fleissKappa == other.fleissKappa && one.krippendorffAlpha == other.krippendorffAlpha)
        for pair in one.pairs {
            let same = try #require(other.pairs.first { $0.first == pair.second && $0.second == pair.first })
            #expect(isClose(same.kappa.value, pair.kappa.value ?? .nan))
            #expect(isClose(same.kappa.low, pair.kappa.low ?? .nan))
        }
    }

    @Test(arguments: 1...10)
    func `models that always agree have 1 everywhere`(seed: Int) {
        let section = AgreementReport(Self.patterns(seed: UInt64(seed), models: 3, contents: 50, skill: 1)).sections[0]
        #expect(section.allAgree.value == 1 && isClose(section.fleissKappa.value, 1))
        #expect(isClose(section.krippendorffAlpha.value, 1) && section.krippendorffAlpha.low == nil)
        #expect(section.pairs.allSatisfy { $0.agreement.value == 1 && isClose($0.kappa.value, 1) })
    }

    @Test(arguments: 1...10)
    func `models that guess have about 0 everywhere, and never leave the range`(seed: Int) throws {
        let section = AgreementReport(Self.patterns(seed: UInt64(seed), models: 3, contents: 20_000, skill: 0))
            .sections[0]
        for estimate in [section.fleissKappa, section.krippendorffAlpha] + section.pairs.map(\.kappa) {
            #expect(abs(try #require(estimate.value)) < 0.03)
            let (low, high) = (try #require(estimate.low), try #require(estimate.high))
            #expect(low >= -1 && high <= 1)
        }
    }

    @Test(arguments: 1...10)
    func `of two raters, Krippendorff's α nears Fleiss' κ as contents grow`(seed: Int) throws {
        let section = AgreementReport(Self.patterns(seed: UInt64(seed), models: 2, contents: 5_000, skill: 0.6))
            .sections[0]
        let difference = try #require(section.fleissKappa.value) - (try #require(section.krippendorffAlpha.value))
        #expect(abs(difference) < 1e-3)
        // Both intervals estimate nearly the same thing as Cohen's.
        let ends = (try #require(section.pairs[0].kappa.low), try #require(section.fleissKappa.low))
        #expect(abs(ends.0 - ends.1) < 5e-3)
    }
}
