import Inference
import Volfefe

/// A consensus as people and spreadsheets read it.
struct ConsensusTables {
    private let report: ConsensusReport
    private let texts: [Int64: String]

    /// `texts` are the beginnings of the contents that are shown.
    init(_ report: ConsensusReport, texts: [Int64: String]) {
        self.report = report
        self.texts = texts
    }

    /// For people.
    var text: String {
        guard !report.version.voters.isEmpty else { return "there are no verdicts yet: volfefe classify --all" }
        var parts = [head, models]
        if let errors = report.errors { parts.append(ErrorTables(errors).text) }
        if !report.contents.isEmpty {
            let shown = report.contents.count
            parts.append(
                (shown < report.summary.judged ? "the first \(shown.grouped) contents:\n" : "")
                    + contents(isShort: true).rendered(indent: "  "))
        }
        return parts.joined(separator: "\n\n")
    }

    private var head: String {
        let summary = report.summary
        var lines = [
            Style.bold(report.name) + (report.isStored ? "" : " (--store keeps it)"),
            "\(summary.judged.grouped) contents: \(summary.positive.grouped) positive, \(summary.neutral.grouped) neutral, "
                + "\(summary.negative.grouped) negative; \(summary.ties.grouped) ties"
                + (report.version.minimumModels > 1
                    ? ", \(summary.tooFew.grouped) judged by fewer than \(report.version.minimumModels) models" : ""),
        ]
        if summary.contents > summary.judged {
            lines.append("\((summary.contents - summary.judged).grouped) contents have no verdict of these models")
        }
        if summary.inexpressible > 0 {
            lines.append("\(summary.inexpressible.grouped) have a consensus that one of their models cannot say")
        }
        return lines.joined(separator: "\n")
    }

    private var models: String {
        let hasWeights = report.version.method.usesWeights
        var grid = Grid(
            ["<model"] + (hasWeights ? ["weight"] : []) + [
                "contents", "cannot say", "<says the consensus where it can",
            ])
        for model in report.summary.models {
            grid.add(
                cells: [.text(model.model)] + (hasWeights ? [.text(model.weight.map { "\($0)" } ?? "")] : []) + [
                    .count(model.contents), .count(model.inexpressible), .text(model.agreement.text),
                ])
        }
        return grid.rendered(indent: "  ")
    }

    /// The contents; `isShort` for a table.
    func contents(isShort: Bool) -> Grid {
        guard isShort else { return allContents }
        var grid = Grid(["content", "<consensus", "score", "agree", "models", "<text"])
        for content in report.contents {
            let decision = content.decision
            let outcome =
                switch decision.outcome {
                case .sentiment(let sentiment): sentiment.rawValue
                case .tie(let tied): "tie: \(tied.sentiments.map(\.rawValue).joined(separator: ", "))"
                case .tooFew: "too few models"
                }
            grid.add(
                .id(content.contentID), .text(outcome), .share(decision.confidence), .share(decision.agreement),
                .count(decision.models), .text((texts[content.contentID] ?? "").preview(50)))
        }
        return grid
    }

    private var allContents: Grid {
        var grid = Grid(
            [
                "content", "text version", "<sentiment", "confidence", "agreement", "models", "<reason", "<tied",
            ] + Sentiment.allCases.map { "score \($0.rawValue)" })
        for content in report.contents {
            let decision = content.decision
            grid.add(
                cells: [
                    .id(content.contentID), .count(content.textVersion), .text(decision.sentiment?.rawValue ?? ""),
                    .share(decision.confidence), .share(decision.agreement), .count(decision.models),
                    .text(decision.reason ?? ""),
                    .text(decision.tied.sentiments.map(\.rawValue).joined(separator: ", ")),
                ] + Sentiment.allCases.map { .share(decision.score($0)) })
        }
        return grid
    }
}

/// What Dawid and Skene's method has estimated, as people read it.
private struct ErrorTables {
    let errors: EstimatedErrors

    init(_ errors: EstimatedErrors) { self.errors = errors }

    var text: String {
        let names = errors.sentiments.map(\.rawValue)
        let shares = names.map { "\($0) \((errors.priors[$0] ?? 0).digits(3))" }
        var lines = [
            "estimated without labels: \(shares.joined(separator: ", "))",
            "\(errors.iterations.grouped) rounds\(errors.converged ? "" : ", not converged"), log-likelihood \(errors.logLikelihood.digits(3))",
        ]
        if let caution = errors.caution { lines.append("caution: \(caution)") }
        var grid = Grid(["<model", "accuracy", "of what it can say", "<when it is"] + names.map { "says \($0)" })
        for model in errors.models {
            for (index, truth) in names.enumerated() {
                let isFirst = index == 0
                grid.add(
                    cells: [
                        .text(isFirst ? model.model : ""), isFirst ? .share(model.accuracy) : .text(""),
                        isFirst ? .share(model.ownAccuracy) : .text(""), .text(truth),
                    ] + names.map { .share(model.confusion[truth]?[$0]) })
            }
        }
        return (lines + [grid.rendered(indent: "  ")]).joined(separator: "\n")
    }
}
