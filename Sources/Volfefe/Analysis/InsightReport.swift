import Foundation
import GRDB
import Inference

/// Everything worth knowing about the verdicts so far, and what to do next.
public struct InsightReport: Sendable, Hashable, Encodable {
    /// A source beside the others.
    public struct Source: Sendable, Hashable, Encodable {
        /// Its name.
        public var source: String
        /// Its contents.
        public var contents: ContentFigures
        /// Contents with words that all models have judged.
        public var judgedByAll: Int
        /// Share of them on which all say the same, on all labels.
        public var allAgree: Estimate
        /// The same of all other sources together.
        public var elsewhere: Estimate
        /// What each model said of it, in the order of the models.
        public var models: [ModelFigures]

        enum CodingKeys: String, CodingKey {
            case source, contents, elsewhere, models
            case judgedByAll = "judged_by_all"
            case allAgree = "all_agree"
        }
    }

    /// When it was made.
    public var generatedAt: Date
    /// Which contents it is about.
    public var scope: ContentScope
    /// Contents of all sources together.
    public var contents: ContentFigures
    /// What each model has said.
    public var models: [ModelFigures]
    /// How far the models agree.
    public var agreement: AgreementReport
    /// About what they differ.
    public var disagreement: DisagreementFigures
    /// Contents on which models contradict each other.
    public var contradicting: Int
    /// The first of them, with their texts, the worst first.
    public var examples: [Disagreements.Content]
    /// Ids of contents that would teach most if people labelled them.
    public var toLabel: [Int64]
    /// Source by source, by name.
    public var sources: [Source]
    /// How long each model takes.
    public var latency: [LatencyFigures]
    /// When contents were published; nil when none has a date.
    public var volume: PublicationVolume?
    /// What would be lost and saved without each model, by majority; nil for fewer than three models, and where the report is
    /// on some of the contents only.
    public internal(set) var redundancy: RedundancyReport?
    /// How right the models are; nil without gold labels, and where the report is on some of the contents only.
    public internal(set) var evaluation: Evaluation?
    /// What to do next, the most urgent first.
    public internal(set) var nextSteps: [NextStep] = []

    enum CodingKeys: String, CodingKey {
        case scope, contents, models, agreement, disagreement, contradicting, examples, sources, latency, volume
        case redundancy, evaluation
        case generatedAt = "generated_at"
        case toLabel = "to_label"
        case nextSteps = "next_steps"
    }

    /// Without the beginnings of texts.
    public var withoutTexts: InsightReport {
        var report = self
        for index in report.examples.indices { report.examples[index].text = "" }
        return report
    }
}

extension Store {
    /// The report on these models and contents, with at most so many examples.
    ///
    /// All counts come from one snapshot of the database, but for redundancy and evaluation, which are read after it. Throws `VolfefeError.notFound` for a source that does not exist, `.badInput` for more than 31 models.
    public func insightReport(
        on models: [AnalysedModel], in scope: ContentScope, examples: Int, at now: Date
    ) async throws -> InsightReport {
        var report = try await read { [path] db in
            let arguments = try scope.arguments(in: db, path: path)
            let contents = try Self.contentFigures(scope: arguments, in: db)
            let all = contents.map(\.figures).together(duplicates: try Self.duplicates(scope: arguments, in: db))
            let patterns = try Self.sourcePatterns(models, scope: arguments, in: db)
            let tallies = try Self.confidenceTallies(models, scope: arguments, in: db)
            let contradictions = try Self.disagreements(
                among: models, scope: arguments, top: max(examples, 5 * NextSteps.labelled), in: db)
            let labelled = try Self.labelled(contradictions.contents.map(\.contentID), in: db)
            return InsightReport(
                generatedAt: now, scope: scope, contents: all,
                models: Self.figures(models, contents: all.withText, tallies),
                agreement: AgreementReport(patterns.all), disagreement: DisagreementFigures(patterns.all),
                contradicting: contradictions.total, examples: Array(contradictions.contents.prefix(examples)),
                toLabel: Array(
                    contradictions.contents.map(\.contentID).filter { !labelled.contains($0) }
                        .prefix(NextSteps.labelled)),
                sources: Self.sources(contents, patterns, tallies),
                latency: try Self.latencyFigures(models, scope: arguments, in: db),
                volume: try Self.publicationVolume(from: all.first, to: all.last, scope: arguments, in: db))
        }
        if scope == .all {
            if models.count > 2 {
                report.redundancy = try await redundancy(ConsensusVersion(method: .majority, models: models))
            }
            let evaluation = models.isEmpty ? nil : try await evaluation(of: models)
            report.evaluation = evaluation.flatMap { $0.isOfAnything ? $0 : nil }
        }
        report.nextSteps = NextSteps(report: report).steps
        return report
    }

    /// Which of these contents people have labelled, as they are now.
    private static func labelled(_ ids: [Int64], in db: Database) throws -> Set<Int64> {
        try Int64.fetchSet(
            db,
            sql: """
                SELECT c.id
                FROM json_each(?) AS asked
                JOIN contents AS c ON c.id = asked.value
                JOIN gold_labels AS l ON l.content_id = c.id AND l.text_version = c.text_version
                """, arguments: [jsonArray(ids)])
    }

    private static func figures(
        _ models: [AnalysedModel], contents: Int, _ tallies: [ConfidenceTally]
    ) -> [ModelFigures] {
        models.enumerated().map { place, model in
            ModelFigures(model, contents: contents, tallies: tallies.filter { $0.model == place })
        }
    }

    private static func sources(
        _ contents: [(id: Int64, figures: ContentFigures)], _ patterns: SourcePatterns, _ tallies: [ConfidenceTally]
    ) -> [InsightReport.Source] {
        let unanimity = Dictionary(
            uniqueKeysWithValues: contents.map { ($0.id, Unanimity(patterns.patterns(of: $0.id))) })
        let all = Unanimity(patterns.all)
        let bySource = Dictionary(grouping: tallies, by: \.source)
        return contents.map { id, figures in
            let own = unanimity[id] ?? Unanimity(judged: 0, unanimous: 0)
            let others = Unanimity(judged: all.judged - own.judged, unanimous: all.unanimous - own.unanimous)
            return InsightReport.Source(
                source: figures.source ?? "", contents: figures, judgedByAll: own.judged, allAgree: own.share,
                elsewhere: others.share,
                models: Self.figures(patterns.models, contents: figures.withText, bySource[id] ?? []))
        }
    }
}

/// On how many contents with words, of those that all of several models have judged, all say the same.
private struct Unanimity {
    var judged = 0
    var unanimous = 0

    init(judged: Int, unanimous: Int) {
        self.judged = judged
        self.unanimous = unanimous
    }

    init(_ patterns: VerdictPatterns) {
        guard patterns.models.count > 1 else { return }
        for pattern in patterns.patterns where !pattern.isLinksOnly && !pattern.sentiments.contains(nil) {
            judged += pattern.count
            if Set(pattern.sentiments).count == 1 { unanimous += pattern.count }
        }
    }

    var share: Estimate { .share(unanimous, of: judged) }
}

extension Evaluation {
    /// Whether any content with a gold label has a verdict.
    fileprivate var isOfAnything: Bool { rows.contains { row in row.sections.contains { $0.contents > 0 } } }
}
