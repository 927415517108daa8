extension BenchReport {
    /// The tables that people read.
    func rendered() -> String {
        var parts = ["\(hardware.cpu), \(hardware.cores) cores; peak of one core in Gop/s:\n\(peakTable)"]
        if !models.isEmpty {
            let marks = marked ? " (too few texts: some came again with a mark)" : ""
            parts.append(
                "\(rounds) rounds, each with \(textsPerRound) fresh texts per model, and \(textsAlone) one at a time\(marks):\n"
                    + modelTable)
        }
        if let whole { parts.append(whole.text) }
        return (parts + notes).joined(separator: "\n\n")
    }

    private var peakTable: String {
        var table = Table(("precision", .left), ("unit", .left), ("Gop/s", .right))
        for peak in peaks { table.add(peak.precision, peak.unit, peak.gops.digits(0)) }
        return table.rendered(indent: "  ")
    }

    private var modelTable: String {
        var table = Table(
            ("model", .left), ("engine", .left), ("texts/s", .right), ("CPU ms", .right), ("p50", .right),
            ("p95", .right), ("p99 ms", .right), ("load", .right), ("first ms", .right), ("padding", .right),
            ("of the peak", .left), ("loop ms", .right), ("× loop", .right))
        for model in models {
            table.add(
                model.id, "\(model.engine) \(model.precision)", model.rate.shown(1), model.cpuMs.median(2),
                model.aloneMs.map { $0.p50.digits(1) } ?? "–", model.aloneMs.map { $0.p95.digits(1) } ?? "–",
                model.aloneMs.map { $0.p99.digits(1) } ?? "–", model.loadMs.digits(0), model.firstCallMs.digits(1),
                model.padding.map { $0.digits(2) } ?? "–",
                model.ofPeak.isEmpty
                    ? "–" : model.ofPeak.map { "\(($0.share * 100).digits(0)) % \($0.unit)" }.joined(separator: ", "),
                model.loopMs.median(2), model.timesLoop.shown(2))
        }
        return table.rendered(indent: "  ")
    }
}

extension BenchReport.Whole {
    /// Two or three lines.
    fileprivate var text: String {
        var lines = ["all models, \(workers) workers of \(threads) threads: \(rate.shown(1)) texts/s, nothing stored"]
        if loopRate != nil {
            lines.append("  plain loop, one process: \(loopRate.shown(1)) texts/s; \(timesLoop.shown(2)) times as fast")
        }
        if pipelineRate != nil {
            lines.append(
                "  pipeline, one process: \(pipelineRate.shown(1)) texts/s; \(timesPipeline.shown(2)) times as fast")
        }
        if let residentBytes, let proportionalBytes {
            lines.append(
                "  memory of a worker: \((Double(residentBytes) / 1e6).digits(0)) MB resident, "
                    + "\((Double(proportionalBytes) / 1e6).digits(0)) MB with shared pages by their share")
        }
        return lines.joined(separator: "\n")
    }
}

extension Spread? {
    fileprivate func shown(_ digits: Int) -> String { map { $0.text(digits) } ?? "–" }
    fileprivate func median(_ digits: Int) -> String { map { $0.median.digits(digits) } ?? "–" }
}
