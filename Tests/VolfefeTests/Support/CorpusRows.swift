import Foundation
import Inference

@testable import Volfefe

extension Store {
    /// Stores one topic and one story of these contents, as if the phases had found them, and figures of everything.
    func addTopicsStoriesAndMetrics(_ contents: [Int64]) async throws {
        let keys = contents.map(String.init)
        try await add(
            .topics,
            part:
                #"{"assigned": [\#(keys.map { #"{"key": \#($0), "topic": 0, "likeness": 0.5}"# }.joined(separator: ","))]}"#,
            summary: #"""
                {"contents": \#(keys.count), "without_words": 0, "reason": null, "coherence": 0.6, "outliers": 0, "topics": [
                    {"topic": 0, "size": \#(keys.count), "coherence": 0.6, "words": [{"word": "trade", "weight": 0.1}],
                     "typical": [\#(keys.joined(separator: ","))]}]}
                """#)
        try await add(
            .stories,
            part: #"""
                {"stories": [{"sources": 2, "contents": [\#(keys.map { #"{"key": \#($0), "likeness": 0.9}"# }.joined(separator: ","))]}]}
                """#,
            summary: #"{"contents": \#(keys.count), "stories": 1, "in_stories": \#(keys.count)}"#)
        _ = try await AnalyticsRun(MetricsScope(enabledModels: [])).run(
            PhaseSelection(), in: self, stop: StopRequest(), onProgress: { _ in })
    }

    private func add(_ phase: Phase, part: String, summary: String) async throws {
        let method = try await phaseMethod(phase, method: "m", revision: "r")
        guard case .begun(let build) = try await beginCorpusRun(phase, method: method) else { return }
        _ = try await hold(try await pending(phase, PhaseSelection(), after: 0, limit: 100), in: build)
        _ = try await save(JSONDecoder().decode(FoundPart.self, from: Data(part.utf8)), stories: 0, in: build)
        _ = try await finish(build, JSONDecoder().decode(FoundSummary.self, from: Data(summary.utf8)))
    }
}
