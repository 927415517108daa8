import Foundation
import Volfefe

/// Runs rows one after the other, each on a fresh bench, and shows what was seen.
struct FaultRun {
    /// One row as it is printed.
    struct Row: Encodable, Sendable {
        let fault: String
        let injected: String
        let required: String
        let seen: String
        let verdict: Verdict
        let seconds: Double
    }

    let faults: [Fault]
    let isFull: Bool
    let tools: Bench.Tools

    /// Runs until all rows are done or a stop is requested; errors of a row are its failure.
    func run(stop: StopRequest) async throws -> [Row] {
        var rows: [Row] = []
        for fault in faults where !stop.isRequested {
            announce("\(fault.id)  \(fault.injected) … (\(rows.count + 1) of \(faults.count))")
            let row = try await run(fault)
            rows.append(row)
            announce("")
        }
        return rows
    }

    private func run(_ fault: Fault) async throws -> Row {
        let begun = ContinuousClock.now
        var seen = Seen()
        do {
            seen = try await Bench.withBench(tools, isFull: isFull) { try await fault.run($0) }
        } catch let error as CancellationError {
            throw error
        } catch {
            seen.require(false, "\(error)")
        }
        let seconds = (ContinuousClock.now - begun) / .seconds(1)
        return Row(
            fault: fault.id, injected: fault.injected, required: fault.required, seen: seen.text, verdict: seen.verdict,
            seconds: (seconds * 10).rounded() / 10)
    }

    private func announce(_ line: String) {
        guard Terminal.talksToPerson else { return }
        Terminal.write(Array("\r\u{1B}[K\(line.preview(100))".utf8), to: 2)
    }

    /// The rows as a table.
    static func table(_ rows: [Row]) -> String {
        var table = Table(
            ("fault", .left), ("injected", .left), ("required", .left), ("verdict", .left), ("seen", .left))
        for row in rows { table.add(row.fault, row.injected, row.required, row.verdict.coloured, row.seen) }
        let counts = [Verdict.ok, .failed, .skipped].map { verdict in
            (verdict, rows.count { $0.verdict == verdict })
        }
        let summary = counts.filter { $0.1 > 0 }.map { "\($0.1) \($0.0.coloured)" }.joined(separator: ", ")
        let seconds = rows.map(\.seconds).reduce(0, +)
        return table.rendered() + "\n\n\(summary) in \(seconds.digits(0)) s"
    }

    /// The faults as a table, without running any.
    static func list(_ faults: [Fault]) -> String {
        var table = Table(("fault", .left), ("injected", .left), ("required", .left))
        for fault in faults { table.add(fault.id, fault.injected, fault.required) }
        return table.rendered()
    }
}
