import Inference
import Testing

@testable import Volfefe

/// Dawid and Skene's estimate against `crowdkit.aggregation.DawidSkene(n_iter=…, tol=-inf)` (1.4.2), which begins with the
/// same shares of votes, has the same floor of 1e-10, and is given the same number of rounds. The log-likelihood was
/// summed in NumPy over its priors and errors.
@Suite struct DawidSkeneTests {
    /// The last model has no neutral; some contents miss verdicts.
    private static let mixed = [
        ("+++", 41), ("---", 22), ("00-", 9), ("00+", 13), ("+0+", 7), ("0++", 6), ("-0-", 5), ("0--", 8), ("+--", 2),
        ("-++", 3), ("0 +", 4), (" -+", 2), ("+  ", 3), ("00 ", 5),
    ]

    private func estimate(
        _ patterns: [(String, Int)], rounds: Int = DawidSkene.mostIterations
    ) -> DawidSkene {
        DawidSkene(
            patterns.map { .init(pattern: Signs.pattern($0.0), count: $0.1) }, voters: patterns[0].0.count,
            iterations: rounds)
    }

    private func close(_ values: [Double]?, _ expected: [Double]) -> Bool {
        values?.count == expected.count && zip(values ?? [], expected).allSatisfy { abs($0 - $1) < 1e-9 }
    }

    @Test func `ten rounds are crowd-kit's, with a model without neutral and missing verdicts`() {
        let found = estimate(Self.mixed, rounds: 10)
        #expect(found.classes == [.positive, .neutral, .negative] && found.iterations == 10 && !found.isConverged)
        #expect(close(found.priors, [0.47942858101906327, 0.22867366709261666, 0.2918977518883201]))
        let errors: [[[Double]]] = [
            [
                [0.8208032933020649, 0.13073498374054857, 0.0484617229573865],
                [0.0025068098315617917, 0.9974877327758327, 5.457392605529981e-06],
                [0.0559780664940635, 0.23032732776664191, 0.7136946057392946],
            ],
            [
                [0.8577641458651276, 0.1350084777508123, 0.007227376384060161],
                [0.0004308442613151618, 0.914528444512189, 0.08504071122649587],
                [2.6439564482897212e-12, 0.17267473989248736, 0.8273252601048686],
            ],
            [
                [0.9999999999983127, 0.0, 1.6872826120291454e-12],
                [0.6600143950518026, 0.0, 0.33998560494819746],
                [0.0033669883365680447, 0.0, 0.996633011663432],
            ],
        ]
        for (voter, tables) in errors.enumerated() {
            for (truth, row) in tables.enumerated() { #expect(close(found.errors[voter][truth], row)) }
        }
        // What a model cannot say has a column of zeros, not of nearly zeros.
        #expect(found.errors[2].allSatisfy { $0[1] == 0 })
        #expect(
            close(found.posterior(Signs.pattern("00-")), [0, 0.8588657486594686, 0.14113425134035879]))
        #expect(
            close(
                found.posterior(Signs.pattern("00+")),
                [0.05749224083626431, 0.9421831084073856, 0.00032465075635019927]))
        #expect(isClose(found.logLikelihood, -252.37011608126875))
    }

    @Test func `sixty rounds are crowd-kit's too`() {
        let found = estimate(Self.mixed, rounds: 60)
        #expect(close(found.priors, [0.4768924378367485, 0.23616635323034577, 0.28694120893290576]))
        #expect(close(found.posterior(Signs.pattern("00-")), [0, 0.8696163894961263, 0.1303836105036992]))
        #expect(close(found.errors[1][2], [0, 0.1724251968714786, 0.827574803125832]))
        #expect(isClose(found.logLikelihood, -252.2820097674408))
    }

    @Test func `four models, of which the last is nearly always wrong, are crowd-kit's`() {
        let found = estimate(
            [
                ("+++-", 20), ("000+", 11), ("0000", 14), ("----", 17), ("-0-0", 4), ("+0+0", 6), ("+-+-", 3),
                ("0-0-", 2), ("0+0+", 5), ("-++0", 1),
            ], rounds: 25)
        #expect(close(found.priors, [0.36144578313254705, 0.3613690646414357, 0.2771851522260172]))
        #expect(close(found.errors[3][0], [0, 0.2333333333325803, 0.7666666666640863]))
        #expect(close(found.errors[1][1], [0.16670204992503784, 0.8332979500716282, 0]))
        #expect(close(found.posterior(Signs.pattern("0000")), [0, 0.9995451689456626, 0.00045483105433737086]))
        #expect(isClose(found.logLikelihood, -204.39473939903473))
    }

    @Test func `two models that differ tie, as neither can be told to be wrong`() {
        let found = estimate([("+-", 5), ("++", 9), ("--", 4)], rounds: 20)
        #expect(close(found.priors, [0.6388888888884244, 0.3611111111115756]))
        #expect(close(found.posterior(Signs.pattern("+-")), [0.5, 0.5]))
        #expect(isClose(found.logLikelihood, -18.65930343959472))
    }

    @Test func `nothing, one model and one sentiment are no errors`() {
        let nothing = estimate([("   ", 3)])
        #expect(nothing.classes.isEmpty && nothing.isConverged && nothing.posterior(Signs.pattern("+  ")) == nil)
        let same = estimate([("+++", 7)])
        #expect(same.priors == [1] && same.isConverged && same.logLikelihood == 0)
        let alone = estimate([("+", 3), ("-", 1)])
        #expect(alone.classes == [.positive, .negative] && close(alone.priors, [0.75, 0.25]))
        // A model that has said nothing has no errors, and no say.
        #expect(estimate([("+ ", 3), ("- ", 1)]).errors[1] == [[0, 0], [0, 0]])
    }

    @Test func `the same counts give the same digits, whatever their order, and more rounds never make it less likely`()
    {
        let one = estimate(Self.mixed)
        let other = estimate(Self.mixed.reversed() + [("   ", 9)])
        #expect(one == other && one.isConverged)
        let likelihoods = (1...40).map { estimate(Self.mixed, rounds: $0).logLikelihood }
        #expect(zip(likelihoods, likelihoods.dropFirst()).allSatisfy { $1 > $0 - 1e-9 })
    }

    @Test func `errors that were put in are found again`() {
        // Three models that are right on 9 of 10 contents, and err on different ones: 1,000 of each sentiment.
        var patterns: [(String, Int)] = []
        for truth in ["+", "0", "-"] {
            let wrong = ["+", "0", "-"].filter { $0 != truth }
            for first in [truth] + wrong {
                for second in [truth] + wrong {
                    for third in [truth] + wrong {
                        let share = [first, second, third].map { $0 == truth ? 0.9 : 0.05 }.reduce(1, *)
                        patterns.append((first + second + third, Int((share * 100_000).rounded())))
                    }
                }
            }
        }
        let found = estimate(patterns)
        for voter in 0..<3 {
            for truth in 0..<3 { #expect(abs(found.errors[voter][truth][truth] - 0.9) < 0.001) }
            #expect(abs((found.accuracy(of: voter, on: Sentiment.allCases) ?? 0) - 0.9) < 0.001)
        }
        #expect(found.priors.allSatisfy { abs($0 - 1.0 / 3) < 0.001 })
    }
}
