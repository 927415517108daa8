import Volfefe

/// A calibration as people and spreadsheets read it.
struct CalibrationTables {
    private let report: CalibrationReport

    init(_ report: CalibrationReport) { self.report = report }

    /// For people.
    var text: String {
        let reasons = report.models.compactMap { model in model.reason.map { "\(model.model): \($0)" } }
        return ([grid(rounded: true).rendered()] + reasons).joined(separator: "\n")
    }

    /// A row per model; rounded with intervals in their cells, else apart.
    func grid(rounded: Bool) -> Grid {
        var grid = Grid(
            ["<model", "contents", "T"]
                + (rounded
                    ? ["<ECE before", "<ECE after"]
                    : [
                        "ECE before", "ECE before low", "ECE before high", "ECE after", "ECE after low",
                        "ECE after high",
                    ])
                + ["log loss before", "log loss after", "Brier before", "Brier after"])
        for model in report.models {
            func cells(_ estimate: Estimate?) -> [Grid.Cell] {
                rounded
                    ? [.text(estimate?.short ?? "–")]
                    : [.share(estimate?.value), .share(estimate?.low), .share(estimate?.high)]
            }
            grid.add(
                cells: [.text(model.model), .count(model.contents), .share(model.temperature)] + cells(model.before.ece)
                    + cells(model.after?.ece) + [
                        .share(model.before.logLoss.value), .share(model.after?.logLoss.value),
                        .share(model.before.brier.value), .share(model.after?.brier.value),
                    ])
        }
        return grid
    }
}
