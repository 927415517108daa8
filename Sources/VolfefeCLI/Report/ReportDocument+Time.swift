import Foundation
import Pages
import Volfefe

extension ReportDocument {
    /// How long each model takes.
    var latency: [Block] {
        let models = report.latency.filter { $0.steady != nil }
        guard !models.isEmpty else { return [] }
        let longest = models.max { ($0.timeShare ?? 0) < ($1.timeShare ?? 0) }
        var title = "How long a text takes"
        if let longest, let share = longest.timeShare, models.count > 1 {
            title = "\(names[longest.model]) takes \(Format.percent(share)) of the time of all models"
        }
        let chart = Ridges(
            rows: models.map { model in
                .init(
                    name: names[model.model],
                    note: model.steady.map {
                        "half within \(Format.duration(milliseconds: $0.p50Ms)), 95\u{202F}% within \(Format.duration(milliseconds: $0.p95Ms))"
                    } ?? "",
                    bins: model.bins.map { .init(from: $0.fromMs, to: $0.toMs, count: $0.count) },
                    solid: model.steady?.p50Ms, dashed: model.steady?.p95Ms)
            }, axis: .durations, showsShares: true)
        return [
            .heading("How long it takes", id: "latency"),
            .figure(
                ChartFigure(
                    id: "latency-chart", title: title,
                    description:
                        "For each model, a histogram of milliseconds per text on a logarithmic axis; a solid line at the median, a dashed one at the 95th percentile.",
                    chart: chart,
                    note:
                        "Wall time of a batch ÷ its texts, on a logarithmic axis; solid line: the median, dashed: 95\u{202F}%. Without first calls, reused verdicts and time in the queue.",
                    table: latencyTable)),
        ]
    }

    private var latencyTable: DataTable {
        func time(_ milliseconds: Double?) -> DataTable.Cell {
            .figure(milliseconds.map(Format.duration(milliseconds:)) ?? "–")
        }
        return DataTable(
            caption: "Time per text",
            columns: ["<Model", "Texts", "Mean", "p50", "p95", "p99", "Max", "Total", "Share of time"],
            rows: report.latency.map { model in
                let steady = model.steady
                return [
                    .text(names[model.model]), .count(steady?.count ?? 0), time(steady?.meanMs), time(steady?.p50Ms),
                    time(steady?.p95Ms), time(steady?.p99Ms), time(steady?.maxMs), time(model.totalMs),
                    .percent(model.timeShare),
                ]
            })
    }

    /// When contents were published.
    var volume: [Block] {
        guard let volume = report.volume, volume.starts.count > 1 else { return [] }
        let dates = volume.starts.map { try? Date($0 + "T00:00:00Z", strategy: .iso8601) }
        let shown = volume.rows.prefix(8)
        let rest = volume.rows.dropFirst(8)
        var rows = shown.map { row in ridge(row.source, row.counts) }
        if !rest.isEmpty {
            let counts = volume.starts.indices.map { index in rest.reduce(0) { $0 + $1.counts[index] } }
            rows.append(ridge("\(rest.count) other sources", counts))
        }
        let step = max(1, (volume.starts.count + 6) / 7)
        let ticks = stride(from: 0, to: volume.starts.count, by: step).map { index in
            (value: Double(index) + 0.5, label: dates[index].map { label($0, volume.unit) } ?? volume.starts[index])
        }
        return [
            .heading("When it was published", id: "volume"),
            .figure(
                ChartFigure(
                    id: "volume-chart", title: "Contents per \(volume.unit.rawValue)",
                    description:
                        "For each source, contents by \(volume.unit.rawValue) of publication, from \(volume.starts.first ?? "") to \(volume.starts.last ?? "").",
                    chart: Ridges(rows: rows, axis: .labelled(ticks), showsShares: false),
                    note: volumeNote(volume), table: volumeTable(volume))),
        ]
    }

    private func volumeNote(_ volume: PublicationVolume) -> Prose {
        let undated =
            report.contents.undated > 0
            ? " \(Format.count(report.contents.undated, "content")) without a date \(report.contents.undated == 1 ? "is" : "are") left out."
            : ""
        return volume.unit == .week ? "Weeks begin on Monday, UTC.\(undated)" : "Days are those of UTC.\(undated)"
    }

    private func ridge(_ name: String, _ counts: [Int]) -> Ridges.Row {
        .init(
            name: name,
            note: "\(Format.grouped(counts.reduce(0, +))), at most \(Format.grouped(counts.max() ?? 0)) at once",
            bins: counts.enumerated().map {
                .init(from: Double($0.offset), to: Double($0.offset + 1), count: $0.element)
            })
    }

    private func label(_ date: Date, _ unit: PublicationVolume.Unit) -> String {
        switch unit {
        case .day, .week: date.formatted(Self.style.day().month(.abbreviated))
        case .month: date.formatted(Self.style.month(.abbreviated).year())
        case .year: date.formatted(Self.style.year())
        }
    }

    private func volumeTable(_ volume: PublicationVolume) -> DataTable {
        let rows = volume.rows.prefix(8)
        return DataTable(
            caption: "Contents by \(volume.unit.rawValue)",
            columns: ["<From"] + rows.map(\.source) + (volume.rows.count > 8 ? ["Others"] : []),
            rows: volume.starts.enumerated().map { index, start in
                [.text(start)] + rows.map { .count($0.counts[index]) }
                    + (volume.rows.count > 8
                        ? [.count(volume.rows.dropFirst(8).reduce(0) { $0 + $1.counts[index] })] : [])
            })
    }
}
