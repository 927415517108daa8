import Foundation
import Inference

/// The two steps of expectation maximization on counts of combinations, for `DawidSkene`.
///
/// Sums run over the combinations in their order, so the same counts give the same digits. Estimates are kept from being
/// 0 where something was observed, as its logarithm is taken: 1e-10 at least, as crowd-kit has it.
struct Expectation {
    private static let least = 1e-10

    let classes: [Sentiment]
    private(set) var priors: [Double]
    private let voters: Int
    private let patterns: [VotePattern]
    private let counts: [Double]
    /// For each combination the places of its verdicts in a row of `errors`: model × classes + class said.
    private let said: [[Int]]
    /// Whether a model said a class at all, by place.
    private let isSaid: [Bool]
    /// By combination × classes + class.
    private var posteriors: [Double]
    /// By true class × (voters × classes) + place.
    private var errors: [Double]

    /// Begins with the share of the models that say each class.
    init(_ observations: [DawidSkene.Observation], voters: Int) {
        var merged: [VotePattern: Int] = [:]
        for observation in observations where !observation.pattern.isEmpty && observation.count > 0 {
            merged[observation.pattern, default: 0] += observation.count
        }
        let ordered = merged.sorted { $0.key < $1.key }
        patterns = ordered.map(\.key)
        counts = ordered.map { Double($0.value) }
        self.voters = voters
        let verdicts = patterns.map { pattern in (0..<voters).map { pattern[$0] } }
        let classes = Sentiment.allCases.filter { sentiment in verdicts.contains { $0.contains(sentiment) } }
        said = verdicts.map { verdicts in
            verdicts.enumerated().compactMap { voter, sentiment in
                sentiment.flatMap(classes.firstIndex(of:)).map { voter * classes.count + $0 }
            }
        }
        var isSaid = [Bool](repeating: false, count: voters * classes.count)
        for place in said.joined() { isSaid[place] = true }
        self.isSaid = isSaid
        posteriors = said.flatMap { places in
            classes.indices.map { index in
                Double(places.count { $0 % classes.count == index }) / Double(places.count)
            }
        }
        self.classes = classes
        priors = []
        errors = []
        estimateErrors()
    }

    /// Whether nothing was observed.
    var isEmpty: Bool { patterns.isEmpty }

    private var logPriors: [Double] { priors.map { log(max($0, Self.least)) } }

    /// The logarithm of the probability of a combination and each class.
    private func logJoint(_ pattern: Int, _ logPriors: [Double], _ logErrors: [Double]) -> [Double] {
        let width = isSaid.count
        return classes.indices.map { index in
            said[pattern].reduce(logPriors[index]) { $0 + logErrors[index * width + $1] }
        }
    }

    /// The probabilities of the classes from the errors (E step); gives the greatest change.
    mutating func estimateClasses() -> Double {
        let (logPriors, logErrors) = (logPriors, errors.map { log($0) })
        var change = 0.0
        for pattern in patterns.indices {
            let joint = logJoint(pattern, logPriors, logErrors)
            let highest = joint.max() ?? 0
            let scaled = joint.map { exp($0 - highest) }
            let sum = scaled.reduce(0, +)
            for index in classes.indices {
                let place = pattern * classes.count + index
                change = max(change, abs(posteriors[place] - scaled[index] / sum))
                posteriors[place] = scaled[index] / sum
            }
        }
        return change
    }

    /// The priors and the errors from the probabilities of the classes (M step).
    mutating func estimateErrors() {
        let (size, width) = (classes.count, isSaid.count)
        var mass = [Double](repeating: 0, count: size)
        var sums = [Double](repeating: 0, count: size * width)
        for pattern in patterns.indices {
            for index in 0..<size {
                let weight = posteriors[pattern * size + index] * counts[pattern]
                mass[index] += weight
                for place in said[pattern] { sums[index * width + place] += weight }
            }
        }
        let contents = counts.reduce(0, +)
        priors = mass.map { $0 / contents }
        for index in 0..<size {
            for voter in 0..<voters {
                let row = (0..<size).map { index * width + voter * size + $0 }
                for place in row { sums[place] = isSaid[place - index * width] ? max(sums[place], Self.least) : 0 }
                let total = row.reduce(0) { $0 + sums[$1] }
                // A model that has said nothing here at all has no errors either.
                for place in row where total > 0 { sums[place] /= total }
            }
        }
        errors = sums
    }

    /// Of all that was said, under the errors as they are.
    var logLikelihood: Double {
        let (logPriors, logErrors) = (logPriors, errors.map { log($0) })
        return patterns.indices.reduce(0) { sum, pattern in
            let joint = logJoint(pattern, logPriors, logErrors)
            let highest = joint.max() ?? 0
            return sum + counts[pattern] * (highest + log(joint.reduce(0) { $0 + exp($1 - highest) }))
        }
    }

    /// By model, true class, said class.
    var errorTables: [[[Double]]] {
        let (size, width) = (classes.count, isSaid.count)
        return (0..<voters).map { voter in
            (0..<size).map { index in (0..<size).map { errors[index * width + voter * size + $0] } }
        }
    }

    /// The probabilities of the classes by combination.
    var posteriorsByPattern: [VotePattern: [Double]] {
        let size = classes.count
        return Dictionary(
            uniqueKeysWithValues: patterns.enumerated().map {
                ($1, Array(posteriors[$0 * size..<($0 + 1) * size]))
            })
    }
}
