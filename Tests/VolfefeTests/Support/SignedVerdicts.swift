import Inference

@testable import Volfefe

/// Verdicts as signs: `+ 0 -`, `!` for a failure, a space for none.
enum Signs {
    static let sentiments: [Character: Sentiment] = ["+": .positive, "0": .neutral, "-": .negative]

    /// What each model said.
    static func pattern(_ line: String) -> VotePattern { VotePattern(line.map { sentiments[$0] }) }
}

extension Records {
    /// A model that can say everything, or only positive and negative.
    static func ternary(_ id: String, version: String = "1.0") -> ModelVersionRecord {
        record(
            id, [("n", .negative), ("0", .neutral), ("p", .positive)], version: version, revision: "sha256:\(version)")
    }
    static func binary(_ id: String) -> ModelVersionRecord { record(id, [("N", .negative), ("P", .positive)]) }
}

extension AnalysedModel {
    /// A model version that is in no database.
    static func of(_ id: Int64, _ name: String, _ sentiments: [Sentiment] = Sentiment.allCases) -> AnalysedModel {
        AnalysedModel(id: id, modelID: name, modelVersion: "1.0", sentiments: sentiments)
    }
}

extension Store {
    /// Stores one content per line, judged by the models in their order; `confidence` by line and model. Gives the ids.
    @discardableResult
    func judge(
        _ models: [ModelVersionRecord], _ lines: [String], links: Set<Int> = [], latency: Double? = nil,
        confidence: (_ line: Int, _ model: Int) -> Double = { _, _ in 0.75 }
    ) async throws -> [Int64] {
        try await register(models)
        let run = try await anyRun()
        let ids = try await ingest(texts: lines.indices.map { "text \($0)" })
        for (index, (id, line)) in zip(ids, lines).enumerated() {
            var outcomes: [String: ModelOutcome] = [:]
            for (place, (model, sign)) in zip(models, line).enumerated() {
                if sign == "!" { outcomes[model.modelID] = .failure(.init(code: "timeout", message: "too slow")) }
                guard let sentiment = Signs.sentiments[sign] else { continue }
                let sure = confidence(index, place)
                let rest = (1 - sure) / Double(model.labels.count - 1)
                outcomes[model.modelID] = .prediction(
                    .of(
                        model, model.labels.map { $0.sentiment == sentiment ? sure : rest },
                        latency: latency.map { $0 * Double(place + 1) } ?? Double(index + 1), flags: []))
            }
            var info = TextInfo.of("text \(index)")
            info.urlOnly = links.contains(index)
            try await save(
                [.init(contentID: id, textVersion: 1, results: .init(models: outcomes, textInfo: info))], run: run)
        }
        return ids
    }
}
