import Inference

extension ResultBlock {
    /// The prediction that the block stands for, by the labels of its model version, and whether its quality is what the
    /// file tells. Throws `ResultFault` when its parts contradict each other or the labels.
    func prediction(version: String, labels: LabelMap) throws -> (prediction: Prediction, isAsTold: Bool) {
        let scores = try scores(by: labels.labels)
        let known = Set(labels.labels.map(\.sentiment))
        for sentiment in Sentiment.allCases where scores[sentiment] != nil && !known.contains(sentiment) {
            throw ResultFault(
                "\(modelID)@\(version) cannot say \(sentiment.rawValue): its labels are \(labels.summary). Give these "
                    + "verdicts a model_version of their own.")
        }
        // Of equal scores positive comes before neutral before negative, as a worker has it.
        let best = Sentiment.allCases.filter { scores[$0] != nil }.max { (scores[$0] ?? 0) < (scores[$1] ?? 0) }
        guard let said = sentiment ?? best, let score = scores[said], score == scores.values.max() else {
            throw ResultFault("`models.\(modelID).sentiment` is not the one with the highest score.")
        }
        if let confidence, abs(confidence - score) > 0.001 {
            throw ResultFault("`models.\(modelID).confidence` is not the score of its sentiment.")
        }
        let bySentiment = Dictionary(uniqueKeysWithValues: scores.map { ($0.key.rawValue, $0.value) })
        let quality = Prediction.Quality(scores: Sentiment.allCases.compactMap { scores[$0] })
        let prediction = Prediction(
            sentiment: said, confidence: confidence ?? score, modelVersion: version,
            meta: .init(
                rawScores: bySentiment, rawModelOutput: output ?? labels.impliedOutput(bySentiment) ?? [],
                processing: processing, quality: quality))
        return (prediction, told?.agrees(with: quality) ?? true)
    }

    /// Scores by sentiment: as told, else the sums of the raw scores by label.
    func scores(by labels: [ModelSpecification.Label]) throws -> [Sentiment: Double] {
        if let scores { return scores }
        guard let output, !output.isEmpty else {
            throw ResultFault(
                "`models.\(modelID)` has neither raw_scores nor raw_model_output; one of them is needed, such as "
                    + "\"raw_scores\": {\"positive\": 0.9, \"negative\": 0.1}.")
        }
        let meaning = Dictionary(labels.map { ($0.name, $0.sentiment) }) { first, _ in first }
        var scores: [Sentiment: Double] = [:]
        for raw in output {
            guard let sentiment = meaning[raw.label] ?? Sentiment.named(raw.label) else {
                throw ResultFault(
                    "`models.\(modelID).raw_model_output` has the label \"\(raw.label)\", and nothing says what it means: "
                        + "declare the model's labels with --models, or add raw_scores.")
            }
            scores[sentiment, default: 0] += raw.score
        }
        guard scores.values.allSatisfy({ (-1e-6...1 + 1e-6).contains($0) }),
            abs(scores.values.sorted().reduce(0, +) - 1) <= 0.01
        else {
            throw ResultFault(
                "the scores of `models.\(modelID).raw_model_output` are no probabilities that sum to 1; add raw_scores."
            )
        }
        return scores.mapValues { min(max($0, 0), 1) }
    }
}

extension Sentiment {
    /// The sentiment that a label usually names, whatever its case: `POSITIVE`, `pos`.
    static func named(_ label: String) -> Sentiment? {
        switch label.lowercased() {
        case "positive", "pos": .positive
        case "neutral", "neu": .neutral
        case "negative", "neg": .negative
        default: nil
        }
    }
}
