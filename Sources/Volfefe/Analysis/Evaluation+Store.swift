import Foundation
import GRDB
import Inference

/// A content with a gold label.
struct GoldContent {
    var gold: Sentiment
    /// Its source, day, …; nil: none, or not grouped.
    var group: String?
    /// SHA-256 of its text; nil when it was not asked for.
    var textHash: Data?
    /// What each model said, in their order; nil: nothing.
    var verdicts: [EvaluationSums.Verdict?]
}

extension EvaluationSums.Verdict {
    /// With calibrated probabilities; a temperature never changes what was said.
    fileprivate func scaled(by scaling: Calibration.Scaling?, fold: Int?) -> Self {
        guard let scaling, let probabilities else { return self }
        return Self(said: said, probabilities: scaling.apply(to: probabilities, fold: fold))
    }
}

extension Store {
    /// Evaluates model versions on the gold labels of texts as they are now, ties left out, in one pass over them.
    ///
    /// With a calibration, a content's probabilities are scaled by the temperature that was fitted without the fold that it
    /// lies in, so that no content is judged by a temperature that has seen it.
    public func evaluation(
        of models: [AnalysedModel], by grouping: Evaluation.Grouping = .model, calibration: Calibration? = nil
    ) async throws -> Evaluation {
        let gold = try await goldTotals()
        let scalings = models.map { calibration?.scaling(of: $0) }
        return try await read { db in
            var sums = EvaluationSums(models)
            try Self.eachGold(models, by: grouping, hashes: calibration != nil, in: db) { content in
                let fold = calibration.flatMap { calibration in
                    content.textHash.map { Folds.place(of: $0, among: calibration.folds) }
                }
                let verdicts = zip(content.verdicts, scalings).map { verdict, scaling in
                    verdict?.scaled(by: scaling, fold: fold)
                }
                sums.add(gold: content.gold, group: content.group, verdicts)
            }
            return Evaluation(
                gold: gold, calibration: calibration?.name, models: models,
                rows: sums.rows(temperatures: scalings.map { $0?.temperature }))
        }
    }

    /// Hands over every content with a gold label, by content id; with the hash of its text if that is asked for.
    static func eachGold(
        _ models: [AnalysedModel], by grouping: Evaluation.Grouping = .model, hashes: Bool, in db: Database,
        _ body: (GoldContent) throws -> Void
    ) throws {
        var verdicts: [EvaluationSums.Verdict?] = []
        verdicts.reserveCapacity(models.count)
        let rows = try Row.fetchCursor(
            db, sql: goldAndVerdicts,
            arguments: ["versions": jsonArray(models.map(\.id)), "grouping": grouping.rawValue, "hashes": hashes])
        while let row = try rows.next() {
            verdicts.append(verdict(row))
            guard verdicts.count == models.count else { continue }
            try body(
                GoldContent(gold: Sentiment(code: row[0]), group: row[1], textHash: row[6], verdicts: verdicts))
            verdicts.removeAll(keepingCapacity: true)
        }
    }

    private static func verdict(_ row: Row) -> EvaluationSums.Verdict? {
        guard let said: Int = row[2] else { return nil }
        return .init(
            said: Sentiment(code: said),
            probabilities: Probabilities(positive: row[3], neutral: row[4], negative: row[5]))
    }

    /// One row per content with a gold label and model. CROSS JOIN keeps the order of the loops, so a content's rows
    /// come one after another, in the order of the models, without being sorted.
    private static let goldAndVerdicts = """
        WITH wanted AS MATERIALIZED (SELECT key AS place, value AS version FROM json_each(:versions))
        SELECT
            CASE g.sentiment WHEN 'positive' THEN 1 WHEN 'neutral' THEN 0 ELSE -1 END AS gold,
            CASE :grouping
                WHEN 'day' THEN date(c.published_at / 1000, 'unixepoch')
                WHEN 'week' THEN date(c.published_at / 1000, 'unixepoch', 'weekday 0', '-6 days')
                WHEN 'month' THEN strftime('%Y-%m', c.published_at / 1000, 'unixepoch')
                WHEN 'source' THEN (SELECT s.name FROM sources AS s WHERE s.id = c.source_id)
                WHEN 'length' THEN (
                    SELECT CASE
                        WHEN t.url_only THEN 'links only'
                        WHEN t.words < 10 THEN '01–09 words'
                        WHEN t.words < 30 THEN '10–29 words'
                        ELSE '30+ words'
                    END
                    FROM text_facts AS t
                    WHERE t.content_id = c.id AND t.text_version = c.text_version)
            END AS group_name,
            k.sentiment, k.score_positive, k.score_neutral, k.score_negative,
            CASE WHEN :hashes THEN c.text_hash END AS text_hash
        FROM gold AS g
        CROSS JOIN contents AS c ON c.id = g.content_id
        CROSS JOIN wanted AS w
        LEFT JOIN classifications AS k
            ON k.content_id = c.id AND k.model_version_id = w.version AND k.text_version = c.text_version
            AND k.error_code IS NULL
        WHERE NOT g.tie
        """
}
