/// Which weight each model has in a consensus.
public struct ConsensusWeights: Sendable {
    /// What was asked for: `finbert=0.2` or `finbert@1.0=0.2`.
    public struct Given: Sendable, Hashable {
        /// The model, or all versions of it.
        public var reference: ModelReference
        /// Its weight, 0 or more.
        public var weight: Double

        /// Creates one.
        public init(reference: ModelReference, weight: Double) {
            self.reference = reference
            self.weight = weight
        }
    }

    private let given: [Given]
    private let settings: [String: Double]

    /// Weights that were asked for, before those of the settings by model id.
    public init(given: [Given], settings: [String: Double]) {
        self.given = given
        self.settings = settings
    }

    /// The weight of each model; all the same when none of them has one anywhere.
    ///
    /// Throws `VolfefeError.usage` when a weight is for none of these models, or when only some of them have one.
    public func of(_ models: [AnalysedModel]) throws -> [Double] {
        for entry in given where !models.contains(where: entry.reference.means) {
            throw VolfefeError.usage(
                "--weights names \(entry.reference), which is none of the models: "
                    + "\(models.map(\.name).joined(separator: ", ")).")
        }
        let found = models.map { model in
            // A version that is named counts before its model.
            let matching = given.filter { $0.reference.means(model) }
            return (matching.first { $0.reference.version != nil } ?? matching.first)?.weight ?? settings[model.modelID]
        }
        guard found.contains(where: { $0 != nil }) else { return models.map { _ in 1 } }
        let missing = zip(models, found).filter { $0.1 == nil }.map(\.0)
        guard missing.isEmpty else {
            throw VolfefeError.usage(
                "\(missing.map(\.name).joined(separator: ", ")) has no weight, neither in volfefe.yaml nor here; "
                    + "give it one: --weights \(missing.map { "\($0.modelID)=1" }.joined(separator: ",")).")
        }
        return found.compactMap { $0 }
    }
}

extension ModelReference {
    /// Whether it names this model version.
    func means(_ model: AnalysedModel) -> Bool {
        modelID == model.modelID && (version == nil || version == model.modelVersion)
    }
}
