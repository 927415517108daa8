import ArgumentParser
import Foundation
import Volfefe

/// `volfefe gates`: whether the collection is as it has to be.
struct GatesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gates",
        abstract: "Check what has to hold of the collection against its thresholds.",
        discussion: """
            Thresholds stand under `gates:` in volfefe.yaml, those of single sources under
            `thresholds:` of `sources:`. A verdict is pass, fail, or unknown while there is
            nothing to judge.

            The alert command is run once for each verdict that has changed since anybody
            looked, with VOLFEFE_GATE, VOLFEFE_GATE_SOURCE, VOLFEFE_GATE_VERDICT,
            VOLFEFE_GATE_PREVIOUS, VOLFEFE_GATE_VALUE and VOLFEFE_GATE_THRESHOLD in its
            environment, and the same as a line of JSON on its input.

              volfefe gates
              volfefe gates --source truth_social --json
              volfefe gates --alert-command 'mail -s "$VOLFEFE_GATE: $VOLFEFE_GATE_VERDICT" me'

            Exit status: 0 every gate passes; 1 one is missed, or with --strict unknown.
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var format: FigureOptions

    @Option(name: .shortAndLong, help: "Only contents of this source.")
    var source: String?

    @Option(
        name: .customLong("alert-command"),
        help: "Run this through /bin/sh for each verdict that has changed (default: setting alert_command).")
    var alertCommand: String?

    @Flag(name: .long, help: "An unknown verdict counts as a missed gate.")
    var strict = false

    func run() async throws {
        try await reportingErrors {
            let settings = try LoadedSettings(global)
            let watch = GateWatch(
                settings: settings, store: try Store.writing(global),
                command: alertCommand ?? settings.configuration.alertCommand)
            let reports = try await watch.look(source: source)
            let grid = Self.grid(reports)
            try format.show(reports, grid: grid) {
                reports.isEmpty ? "every gate is off" : Self.table(reports)
            }
            let missed = reports.filter { $0.verdict == .fail || strict && $0.verdict == .unknown }
            return missed.isEmpty ? .done : .someFailed
        }
    }

    private static func grid(_ reports: [GateReport]) -> Grid {
        var grid = Grid(["<gate", "<source", "value", "threshold", "<verdict", "<since", "<why"])
        for report in reports {
            grid.add(
                .text(report.gate.rawValue), .text(report.source ?? ""), .figure(report.value, digits: 3),
                .figure(report.threshold, digits: 3), .text(report.verdict.rawValue), .text(report.changedAt.shown),
                .text(report.why ?? ""))
        }
        return grid
    }

    /// For people: each value in its gate's unit.
    private static func table(_ reports: [GateReport]) -> String {
        let hasSources = reports.contains { $0.source != nil }
        var table = Table(
            columns: [("gate", .left)] + (hasSources ? [("source", .left)] : []) + [
                ("value", .right), ("threshold", .right), ("verdict", .left), ("since", .left), ("why", .left),
            ])
        for report in reports {
            table.add(
                cells: [report.gate.rawValue] + (hasSources ? [report.source ?? ""] : []) + [
                    report.value.map { report.gate.shown($0) } ?? "–",
                    (report.gate.isLeast ? "≥ " : "≤ ") + report.gate.shown(report.threshold),
                    report.verdict.coloured, report.changedAt.shown, (report.why ?? "").preview(70),
                ])
        }
        return table.rendered()
    }
}

extension Gate {
    /// A value in its unit.
    fileprivate func shown(_ value: Double) -> String {
        switch unit {
        case .share: value.digits(3)
        case .count: Int(value).grouped
        case .seconds: value.spanned
        }
    }
}

extension GateReport.Verdict {
    fileprivate var coloured: String {
        switch self {
        case .pass: Style.green(rawValue)
        case .fail: Style.red(rawValue)
        case .unknown: Style.yellow(rawValue)
        }
    }
}
