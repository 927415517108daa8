import Inference
import Volfefe

/// An evaluation as people and spreadsheets read it.
struct EvaluationTables {
    private let evaluation: Evaluation
    private let grouping: Evaluation.Grouping

    init(_ evaluation: Evaluation, grouping: Evaluation.Grouping) {
        self.evaluation = evaluation
        self.grouping = grouping
    }

    private var group: [String] { grouping == .model ? [] : ["<\(grouping.rawValue)"] }
    private func group(_ row: Evaluation.Row) -> [Grid.Cell] { grouping == .model ? [] : [.text(row.group ?? "–")] }

    /// Every figure in a row of its own.
    var figures: Grid {
        var grid = Grid(
            group + ["<model", "<labels", "<figure", "<sentiment", "contents", "value", "low", "high", "<reason"])
        eachSection { row, section in
            func add(_ figure: String, _ estimate: Estimate, _ contents: Int, _ sentiment: Sentiment? = nil) {
                grid.add(
                    cells: group(row) + [
                        .text(row.model), .text(section.labels.rawValue), .text(figure),
                        .text(sentiment?.rawValue ?? ""),
                        .count(contents), .share(estimate.value), .share(estimate.low), .share(estimate.high),
                        .text(estimate.reason ?? ""),
                    ])
            }
            add("accuracy", section.accuracy, section.contents)
            add("macro_f1", section.macroF1, section.contents)
            add("brier", section.brier, section.contents)
            add("log_loss", section.logLoss, section.contents)
            add("ece", section.ece, section.contents)
            add("mean_confidence", section.meanConfidence, section.contents)
            for figures in section.classes {
                add("precision", figures.precision, figures.predicted, figures.sentiment)
                add("recall", figures.recall, figures.support, figures.sentiment)
                add("f1", figures.f1, figures.support, figures.sentiment)
            }
        }
        return grid
    }

    /// A row per bin.
    var reliability: Grid {
        var grid = Grid(
            group + ["<model", "<labels", "above", "up to", "contents", "mean confidence", "accuracy", "low", "high"])
        eachSection { row, section in
            for bin in section.reliability where bin.contents > 0 {
                grid.add(
                    cells: group(row) + [
                        .text(row.model), .text(section.labels.rawValue), .share(bin.low), .share(bin.high),
                        .count(bin.contents), .share(bin.meanConfidence), .share(bin.accuracy.value),
                        .share(bin.accuracy.low), .share(bin.accuracy.high),
                    ])
            }
        }
        return grid
    }

    /// For people.
    func text(withReliability: Bool) -> String {
        let gold = evaluation.gold
        guard gold.contents > 0 else {
            return
                "there are no gold labels yet: volfefe gold import FILE brings them in, volfefe gold next says what to label"
        }
        guard !evaluation.models.isEmpty else { return "there are no verdicts yet: volfefe classify --all" }
        var head =
            "\(gold.contents.grouped) gold labels: \(gold.positive.grouped) positive, \(gold.neutral.grouped) neutral, "
            + "\(gold.negative.grouped) negative"
        if gold.ties > 0 { head += "; \(gold.ties.grouped) ties left out" }
        if gold.stale > 0 { head += "; \(gold.stale.grouped) labels of texts that were edited since" }
        if let calibration = evaluation.calibration { head += "\ncalibrated by \(calibration)" }
        var parts = [head, overview.rendered()]
        if grouping == .model { parts.append(classes.rendered()) }
        if withReliability { parts.append(reliability.rendered()) }
        if !notes.isEmpty { parts.append(notes.joined(separator: "\n")) }
        return parts.joined(separator: "\n\n")
    }

    private var overview: Grid {
        let isCalibrated = evaluation.calibration != nil
        var grid = Grid(
            group + ["<model", "<labels", "contents", "missing"] + (isCalibrated ? ["T"] : []) + [
                "<accuracy", "<macro-F1", "<worst", "Brier", "log loss", "<ECE", "mean confidence",
            ])
        eachSection { row, section in
            let temperature: [Grid.Cell] = isCalibrated ? [.share(row.temperature)] : []
            grid.add(
                cells: group(row) + [
                    .text(row.model), .text(section.labels.rawValue), .count(section.contents), .count(row.missing),
                ] + temperature + [
                    .text(section.accuracy.short), .text(section.macroF1.short),
                    .text(section.worstClass?.rawValue ?? "–"), .share(section.brier.value),
                    .share(section.logLoss.value), .text(section.ece.short), .share(section.meanConfidence.value),
                ])
        }
        return grid
    }

    private var classes: Grid {
        var grid = Grid(["<model", "<labels", "<sentiment", "gold", "said", "<precision", "<recall", "<F1"])
        eachSection { row, section in
            for figures in section.classes {
                grid.add(
                    .text(row.model), .text(section.labels.rawValue), .text(figures.sentiment.rawValue),
                    .count(figures.support), .count(figures.predicted), .text(figures.precision.short),
                    .text(figures.recall.short), .text(figures.f1.short))
            }
        }
        return grid
    }

    private var notes: [String] {
        var notes: [String] = []
        eachSection { row, section in
            let place = (grouping == .model ? "" : "\(row.group ?? "–"), ") + row.model
            for note in section.notes where grouping == .model {
                notes.append("\(place), \(section.labels.rawValue): \(note)")
            }
        }
        return notes
    }

    private func eachSection(_ body: (Evaluation.Row, Evaluation.Section) -> Void) {
        for row in evaluation.rows {
            for section in row.sections { body(row, section) }
        }
    }
}

extension Estimate {
    /// `0.571 [0.421, 0.710]`, or `–`.
    var short: String { value == nil ? "–" : text }
}
