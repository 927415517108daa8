import Foundation
import GRDB
import Inference

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
            var verdicts: [EvaluationSums.Verdict?] = []
            let rows = try Row.fetchCursor(
                db, sql: Self.goldAndVerdicts,
                arguments: [
                    "versions": jsonArray(models.map(\.id)), "grouping": grouping.rawValue, "folded": calibration != nil,
                ])
            while let row = try rows.next() {
                let place: Int = row[2]
                let fold = try calibration.flatMap { calibration in
                    try row.withUnsafeData(at: 8) { $0.map { Folds.place(of: $0, among: calibration.folds) } }
                }
                verdicts.append(Self.verdict(row, scaling: scalings[place], fold: fold))
                guard verdicts.count == models.count else { continue }
                sums.add(gold: Sentiment(code: row[0]), group: row[1], verdicts)
                verdicts.removeAll(keepingCapacity: true)
            }
            return Evaluation(
                gold: gold, calibration: calibration?.name, models: models,
                rows: sums.rows(temperatures: scalings.map { $0?.temperature }))
        }
    }

    private static func verdict(_ row: Row, scaling: Calibration.Scaling?, fold: Int?) -> EvaluationSums.Verdict? {
        guard let said: Int = row[3] else { return nil }
        let scores = Probabilities(positive: row[4], neutral: row[5], negative: row[6])
        let scaled = scores.map { scores in scaling.map { $0.apply(to: scores, fold: fold) } ?? scores }
        return .init(said: Sentiment(code: said), probabilities: scaled)
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
            w.place, k.sentiment, k.score_positive, k.score_neutral, k.score_negative, g.content_id,
            CASE WHEN :folded THEN c.text_hash END AS text_hash
        FROM gold AS g
        CROSS JOIN contents AS c ON c.id = g.content_id
        CROSS JOIN wanted AS w
        LEFT JOIN classifications AS k
            ON k.content_id = c.id AND k.model_version_id = w.version AND k.text_version = c.text_version
            AND k.error_code IS NULL
        WHERE NOT g.tie
        """
}
