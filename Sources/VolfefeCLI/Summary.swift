import Inference
import Volfefe

/// What a run of `classify` did, for people and as JSON.
struct Summary {
    /// The verdicts on one content.
    struct ContentLine: Encodable {
        var contentID: Int64
        var externalID: String
        var preview: String
        var models: [String: ModelOutcome]

        enum CodingKeys: String, CodingKey {
            case models, preview
            case contentID = "content_id"
            case externalID = "external_id"
        }
    }

    private let run: Int64
    private let models: [ModelSpecification]
    private let distribution: [ModelDistribution]
    private let agreement: AgreementReport?
    private let tally: ClassificationRun.Tally
    private let missing: [MissingModel]
    private let seconds: Double

    init(
        run: Int64, models: [ModelSpecification], distribution: [ModelDistribution],
        agreement: AgreementReport?,
        tally: ClassificationRun.Tally, missing: [MissingModel], seconds: Double
    ) {
        self.run = run
        self.models = models
        self.distribution = distribution
        self.agreement = agreement
        self.tally = tally
        self.missing = missing
        self.seconds = seconds
    }

    /// For stderr.
    var text: String {
        var table = Table(
            ("model", .left), ("version", .left), ("positive", .right), ("neutral", .right), ("negative", .right),
            ("mean confidence", .right), ("failed", .right))
        for line in distribution {
            let hasNeutral = models.first { $0.id == line.modelID }?.hasNeutral ?? true
            func count(_ sentiment: Sentiment) -> String { (line.predictions[sentiment] ?? 0).grouped }
            table.add(
                line.modelID, line.modelVersion, count(.positive), hasNeutral ? count(.neutral) : "–", count(.negative),
                line.meanConfidence?.digits(3) ?? "–", line.failures.values.reduce(0, +).grouped)
        }
        let rate = Double(tally.contents - tally.reusedContents) / max(seconds, 1e-3)
        var lines = [
            "",
            "run \(run): \(tally.contents.grouped) contents, \(tally.predictions.grouped) verdicts, \(tally.failed.grouped) failed "
                + "in \(seconds.digits(1)) s (\(rate.digits(1)) texts/s, start of the workers included)",
        ]
        if tally.reused > 0 {
            lines.append(
                "\(tally.reused.grouped) of the verdicts were reused from equal texts and not computed again (--no-cache computes them)"
            )
        }
        if tally.failed > 0 {
            let reasons = tally.failures.sorted { $0.value > $1.value }.map { "\($0.value.grouped) \($0.key)" }
            let ids = tally.failedContents.prefix(10).map(String.init).joined(separator: ", ")
            lines.append(
                "failed: \(reasons.joined(separator: ", ")); contents \(ids)\(tally.failedContents.count > 10 ? ", …" : "")"
            )
        }
        if tally.failedElsewhere > 0 {
            lines.append(
                "\(tally.failedElsewhere.grouped) contents of the selection failed in another run at the same time; the next run tries them again"
            )
        }
        lines += missing.map(\.line)
        lines.append(table.rendered(indent: "  "))
        if let line = agreement?.line { lines.append(line) }
        return lines.joined(separator: "\n")
    }

    /// A row per content, a column per model.
    static func table(_ lines: [ContentLine], order: [String]) -> String {
        var table = Table(columns: [("id", .right), ("text", .left)] + order.map { ($0, .left) })
        for line in lines {
            table.add(cells: [String(line.contentID), line.preview] + order.map { Verdicts.short(line.models[$0]) })
        }
        return table.rendered()
    }

    /// What `--json` prints.
    struct Document: Encodable {
        var run: Int64?
        var contents = 0
        var predictions = 0
        var reused = 0
        var failed = 0
        var failures: [String: Int] = [:]
        var failedElsewhere = 0
        var missingModels: [MissingModel] = []
        var withoutText = 0
        var unknownIDs: [Int64] = []
        var seconds: Double?
        var models: [Model] = []
        var agreement: Double?
        var sharedAgreement: Double?
        var results: [ContentLine]?

        struct Model: Encodable {
            var id: String
            var version: String
            var positive, neutral, negative: Int
            var failures: [String: Int]
            var meanConfidence: Double?

            init(_ distribution: ModelDistribution) {
                id = distribution.modelID
                version = distribution.modelVersion
                positive = distribution.predictions[.positive] ?? 0
                neutral = distribution.predictions[.neutral] ?? 0
                negative = distribution.predictions[.negative] ?? 0
                failures = distribution.failures
                meanConfidence = distribution.meanConfidence
            }

            enum CodingKeys: String, CodingKey {
                case id, version, positive, neutral, negative, failures
                case meanConfidence = "mean_confidence"
            }
        }

        init(_ summary: Summary?, plan: WorkPlan, results: [ContentLine]?) {
            self.results = results
            withoutText = plan.withoutText
            unknownIDs = plan.unknownIDs
            guard let summary else { return }
            run = summary.run
            contents = summary.tally.contents
            predictions = summary.tally.predictions
            reused = summary.tally.reused
            failed = summary.tally.failed
            failures = summary.tally.failures
            failedElsewhere = summary.tally.failedElsewhere
            missingModels = summary.missing
            seconds = summary.seconds
            agreement = summary.agreement?.section(.words, .all)?.allAgree.value
            sharedAgreement = summary.agreement?.section(.words, .shared)?.allAgree.value
            models = summary.distribution.map(Model.init)
        }

        enum CodingKeys: String, CodingKey {
            case run, contents, predictions, reused, failed, failures, seconds, models, agreement, results
            case sharedAgreement = "shared_agreement"
            case failedElsewhere = "failed_elsewhere"
            case missingModels = "missing_models"
            case withoutText = "without_text"
            case unknownIDs = "unknown_ids"
        }
    }
}

extension AgreementReport {
    /// On how many texts with words all models agree; nil where no two of them have judged any.
    fileprivate var line: String? {
        guard let all = section(.words, .all), let rate = all.allAgree.value else { return nil }
        let share = "\(all.unanimous.grouped) of \(all.judgedByAll.grouped) contents (\((rate * 100).digits(1)) %)"
        let limited = models.filter { $0.sentiments.count < Sentiment.allCases.count }
        guard let shared = section(.words, .shared), !limited.isEmpty else { return "all models agree on \(share)" }
        let cannot = limited.map { model in
            "\(model.modelID) cannot say "
                + Sentiment.allCases.filter { !model.sentiments.contains($0) }.map(\.rawValue).joined(separator: " or ")
        }
        return "all models agree on \(share), where all can say it on \(shared.unanimous.grouped) of "
            + "\(shared.judgedByAll.grouped); \(cannot.joined(separator: ", "))"
    }
}
