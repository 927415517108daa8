import Foundation
import GRDB

extension Store {
    /// Measures every gate that the settings have on: of all contents and, where sources have thresholds of their own, of each of
    /// these; or of one source only. Throws `VolfefeError.notFound` for a source that does not exist.
    public func gateReadings(
        _ configuration: Configuration, models: [(id: String, version: String)], source: String? = nil,
        at now: Date = Date()
    ) async throws -> [GateReading] {
        var asked: [(Gate, String?)] = []
        if let source {
            asked = Gate.allCases.filter(\.isPerSource).map { ($0, source) }
        } else {
            let known = Set(try await sourceNames())
            asked = Gate.allCases.map { ($0, nil) }
            for (name, settings) in configuration.sources.sorted(by: { $0.key < $1.key }) where known.contains(name) {
                asked += settings.thresholds.gates.map { ($0, name) }
            }
        }
        asked = asked.filter { configuration.threshold($0, source: $1) != nil }
        let problems = asked.contains { $0.0 == .integrity } ? try await integrityReport().gateReading : nil
        return try await read { [path, asked] db in
            if let source { _ = try Self.sourceID(of: source, in: db, path: path) }
            return try GateMeasuring(configuration: configuration, models: models, now: now, in: db)
                .readings(asked, integrity: problems)
        }
    }

    /// Names of all sources, in their order.
    public func sourceNames() async throws -> [String] {
        try await read { db in try String.fetchAll(db, sql: "SELECT name FROM sources ORDER BY name") }
    }

    /// Throws `VolfefeError.notFound` when there is no source of that name.
    public func requireSource(_ name: String) async throws {
        try await read { [path] db in _ = try Self.sourceID(of: name, in: db, path: path) }
    }

    /// Writes down what the gates say, and gives that with the verdicts that have changed.
    ///
    /// Whether one has is decided in the transaction that writes it: of two processes that look at once, one finds a change. A first
    /// look at a gate that passes is none.
    public func record(
        _ readings: [GateReading], _ configuration: Configuration, at now: Date = Date()
    ) async throws -> (reports: [GateReport], changes: [GateChange]) {
        try await write { [path] db in
            var reports: [GateReport] = []
            var changes: [GateChange] = []
            for reading in readings {
                guard let threshold = configuration.threshold(reading.gate, source: reading.source) else { continue }
                let id = try reading.source.map { try Self.sourceID(of: $0, in: db, path: path) }
                let known = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT verdict, changed_at FROM gate_states
                        WHERE gate = ? AND coalesce(source_id, 0) = coalesce(?, 0)
                        """, arguments: [reading.gate.rawValue, id])
                let previous = known.flatMap { GateReport.Verdict(rawValue: $0["verdict"]) }
                var report = GateReport(reading, threshold: threshold, changedAt: now)
                if let known, previous == report.verdict {
                    report.changedAt = Date(milliseconds: known["changed_at"])
                } else if known != nil || report.verdict == .fail {
                    changes.append(GateChange(report: report, previous: previous ?? .unknown))
                }
                reports.append(report)
                try Self.write(report, sourceID: id, at: now, in: db)
            }
            return (reports, changes)
        }
    }

    private static func write(_ report: GateReport, sourceID: Int64?, at now: Date, in db: Database) throws {
        let changedAt = report.changedAt.milliseconds
        try db.execute(
            sql: """
                INSERT INTO gate_states (gate, source_id, verdict, value, threshold, changed_at, checked_at)
                VALUES (:gate, :source, :verdict, :value, :threshold, :changed, :now)
                ON CONFLICT (gate, coalesce(source_id, 0)) DO UPDATE SET
                    verdict = excluded.verdict, value = excluded.value, threshold = excluded.threshold,
                    changed_at = excluded.changed_at, checked_at = excluded.checked_at
                """,
            arguments: [
                "gate": report.gate.rawValue, "source": sourceID, "verdict": report.verdict.rawValue,
                "value": report.value, "threshold": report.threshold, "changed": changedAt,
                "now": max(now.milliseconds, changedAt),
            ])
    }
}

extension IntegrityReport {
    /// The problems that were found, counted.
    fileprivate var gateReading: GateReading {
        let parts: [(Int, String)] = [
            (problems.count, "of the file"), (danglingReferences, "dangling references"), (wrongHashes, "wrong hashes"),
            (wrongCounts, "wrong counts"),
        ]
        let found = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }.joined(separator: ", ")
        return GateReading(
            .integrity, value: Double(parts.reduce(0) { $0 + $1.0 }),
            why: found.isEmpty ? nil : "\(found); volfefe doctor says more")
    }
}
