import GRDB
import Inference

/// Which verdicts to sum up. Stale ones never count.
public enum SummaryScope: Sendable, Hashable {
    /// Those of one run.
    case run(Int64)
    /// Those on these contents.
    case contents([Int64])
    /// All of them.
    case all
}

/// What one version of a model has said.
public struct ModelDistribution: Sendable, Hashable {
    /// Model id.
    public var modelID: String
    /// Version label.
    public var modelVersion: String
    /// Sentiment → predictions.
    public var predictions: [Sentiment: Int] = [:]
    /// Failure code → failures.
    public var failures: [String: Int] = [:]
    /// Mean confidence of the predictions, 0…1; nil without any.
    public var meanConfidence: Double?

    /// Predictions of any sentiment.
    public var total: Int { predictions.values.reduce(0, +) }
}

extension Store {
    /// What each of `models` has said, in their order; a version without verdicts is left out.
    public func distribution(
        _ scope: SummaryScope, models: [(id: String, version: String)]
    ) async throws -> [ModelDistribution] {
        try await read { db in
            let versions = try models.compactMap { model in
                try Self.version(model.version, ofModel: model.id, in: db).map { (model, $0.id) }
            }
            var byVersion: [Int64: ModelDistribution] = [:]
            var sums: [Int64: Double] = [:]
            let rows = try Row.fetchAll(
                db,
                sql: """
                    SELECT
                        k.model_version_id, k.sentiment, k.error_code, count(*) AS verdicts, sum(k.confidence) AS sum
                    \(Self.current(scope))
                    GROUP BY k.model_version_id, k.sentiment, k.error_code
                    """,
                arguments: Self.arguments(scope, versions.map(\.1)))
            for row in rows {
                let id: Int64 = row["model_version_id"]
                guard let model = versions.first(where: { $0.1 == id })?.0 else { continue }
                var entry = byVersion[id] ?? ModelDistribution(modelID: model.id, modelVersion: model.version)
                if let code: Int = row["sentiment"] {
                    entry.predictions[Sentiment(code: code)] = row["verdicts"]
                    sums[id, default: 0] += row["sum"] as Double
                } else if let code: String = row["error_code"] {
                    entry.failures[code] = row["verdicts"]
                }
                byVersion[id] = entry
            }
            return versions.compactMap { _, id in
                guard var entry = byVersion[id] else { return nil }
                if let sum = sums[id] { entry.meanConfidence = sum / Double(entry.total) }
                return entry
            }
        }
    }

    /// Verdicts of a scope on current texts.
    private static func current(_ scope: SummaryScope) -> String {
        let source =
            switch scope {
            case .contents: "json_each(:scope) AS asked JOIN classifications AS k ON k.content_id = asked.value"
            case .run, .all: "classifications AS k"
            }
        return """
            FROM \(source)
            JOIN contents AS c ON c.id = k.content_id
            WHERE k.text_version = c.text_version
                AND +k.model_version_id IN (SELECT value FROM json_each(:versions))
                AND (:run IS NULL OR k.run_id = :run)
            """
    }

    private static func arguments(_ scope: SummaryScope, _ versions: [Int64]) -> StatementArguments {
        let shared: StatementArguments = ["versions": jsonArray(versions)]
        return switch scope {
        case .run(let run): shared &+ ["run": run]
        case .contents(let ids): shared &+ ["run": nil, "scope": jsonArray(Set(ids).sorted())]
        case .all: shared &+ ["run": nil]
        }
    }
}
