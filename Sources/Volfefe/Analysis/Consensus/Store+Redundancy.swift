import GRDB
import Inference

extension Store {
    /// What would be lost and saved without each model of a version, which models have verdicts on texts as they are now.
    ///
    /// Throws `VolfefeError.usage` for fewer than two models.
    public func redundancy(_ version: ConsensusVersion) async throws -> RedundancyReport {
        guard version.voters.count != 1 else {
            throw VolfefeError.usage("\(version.voters[0].model.name) is the only model; two are needed to miss one.")
        }
        let models = version.voters.map(\.model)
        let efforts = RedundancyReport.Effort.of(try await latencies(of: models))
        if version.method.usesWeights {
            // Confidences count: every content is a case of its own.
            return try await read { db in
                var tally = try RedundancyTally(version)
                try Self.eachBallot(of: version, in: db) { _, _, pattern, confidences in
                    tally.add(pattern, confidences: confidences)
                }
                return tally.report(efforts)
            }
        }
        let observations = try await verdictPatterns(models).patterns.map {
            DawidSkene.Observation(pattern: VotePattern($0.sentiments), count: $0.count)
        }
        var tally =
            version.method == .dawidSkene
            ? try RedundancyTally(version, observations) : try RedundancyTally(version)
        let none = models.map { _ in 0.0 }
        for observation in observations {
            tally.add(observation.pattern, confidences: none, count: observation.count)
        }
        return tally.report(efforts)
    }
}
