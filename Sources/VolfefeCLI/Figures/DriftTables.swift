import Volfefe

/// A drift as people and spreadsheets read it.
struct DriftTables {
    private let drift: Drift

    init(_ drift: Drift) { self.drift = drift }

    /// For people.
    var text: String {
        let sides = [("reference", drift.reference), ("current", drift.current)].map { name, side in
            "\(name) \(side.period): \(side.contents.grouped) contents"
        }
        var head = sides.joined(separator: "; ")
        if drift.withoutDate > 0 {
            head += "\n\(drift.withoutDate.grouped) contents have no date of publication and are left out"
        }
        guard !drift.models.isEmpty else { return head + "\nthere are no verdicts yet: volfefe classify --all" }
        let reasons = drift.models.flatMap { model in
            [
                model.labels.test.reason.map { "\(model.model), sentiments: \($0)" },
                model.confidence.test.reason.map { "\(model.model), confidences: \($0)" },
            ].compactMap { $0 }
        }
        return
            ([head, shares.rendered(), shifts.rendered()] + (reasons.isEmpty ? [] : [reasons.joined(separator: "\n")]))
            .joined(separator: "\n\n")
    }

    private var shares: Grid {
        var grid = Grid(["<model", "<period", "verdicts", "positive", "neutral", "negative", "mean confidence"])
        for model in drift.models {
            for (name, side) in [("reference", model.reference), ("current", model.current)] {
                func share(_ count: Int?) -> Grid.Cell {
                    .share(side.verdicts > 0 ? count.map { Double($0) / Double(side.verdicts) } : nil)
                }
                grid.add(
                    .text(model.model), .text(name), .count(side.verdicts), share(side.positive), share(side.neutral),
                    share(side.negative), .share(side.meanConfidence))
            }
        }
        return grid
    }

    private var shifts: Grid {
        var grid = Grid(["<model", "<of", "PSI", "<band", "by chance", "<test", "statistic", "p", "p (Holm)"])
        eachShift { model, name, shift in
            let test =
                switch shift.test.method {
                case .chiSquared: "χ²" + (shift.test.degrees.map { " (\($0))" } ?? "")
                case .exact: "KS exact"
                case .asymptotic: "KS"
                }
            grid.add(
                .text(model), .text(name), .share(shift.psi.value), .text(Self.band(shift.psi)),
                .share(shift.psi.byChance), .text(test), .share(shift.test.statistic),
                .text(Self.p(shift.test.pValue)), .text(Self.p(shift.test.holm)))
        }
        return grid
    }

    /// Every figure, with all digits.
    var figures: Grid {
        var grid = Grid([
            "<model", "<of", "psi", "<band", "by chance", "<test", "statistic", "degrees", "p value", "p holm",
            "<reason",
        ])
        eachShift { model, name, shift in
            grid.add(
                .text(model), .text(name), .share(shift.psi.value), .text(shift.psi.band?.rawValue ?? ""),
                .share(shift.psi.byChance), .text(shift.test.method.rawValue), .share(shift.test.statistic),
                .count(shift.test.degrees), .share(shift.test.pValue), .share(shift.test.holm),
                .text(shift.test.reason ?? ""))
        }
        return grid
    }

    private func eachShift(_ body: (String, String, Drift.Shift) -> Void) {
        for model in drift.models {
            body(model.model, "sentiments", model.labels)
            body(model.model, "confidences", model.confidence)
        }
    }

    /// A band, and whether chance alone would give as much.
    private static func band(_ psi: Stability) -> String {
        guard let band = psi.band, let value = psi.value, let byChance = psi.byChance else { return "–" }
        return band.rawValue + (band != .stable && value <= byChance ? ", as by chance" : "")
    }

    private static func p(_ value: Double?) -> String {
        value.map { $0 < 0.0001 ? "< 0.0001" : $0.digits(4) } ?? "–"
    }
}
