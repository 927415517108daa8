import Foundation
import Inference

/// The table of a pool's slots; with a column for the supervisor where there are several pools.
struct WorkersTable {
    private var table: Table
    private let namesSupervisor: Bool

    /// Of one pool.
    init(_ workers: [PoolSnapshot.Worker]) {
        self.init(namesSupervisor: false)
        workers.forEach { add($0, of: 0) }
    }

    /// Of all pools.
    init(_ reports: [SupervisorStatus]) {
        self.init(namesSupervisor: true)
        for report in reports { report.pool.workers.forEach { add($0, of: report.pid) } }
    }

    private init(namesSupervisor: Bool) {
        self.namesSupervisor = namesSupervisor
        let columns: [(String, Table.Alignment)] = [
            ("slot", .right), ("pid", .right), ("state", .left), ("requests", .right), ("texts", .right),
            ("RSS MB", .right), ("age", .right), ("idle", .right), ("last ms", .right), ("restarts", .left),
        ]
        table = Table(columns: (namesSupervisor ? [("supervisor", .right)] : []) + columns)
    }

    func rendered(indent: String = "") -> String { table.rendered(indent: indent) }

    private mutating func add(_ worker: PoolSnapshot.Worker, of supervisor: Int32) {
        var cells: [String] = namesSupervisor ? [String(supervisor)] : []
        cells += [String(worker.slot), worker.pid.map { String($0) } ?? "–", worker.state.coloured]
        cells += [worker.requests.grouped, worker.texts.grouped]
        cells.append(worker.memoryBytes.map { (Double($0) / 1e6).digits(0) } ?? "–")
        cells += [worker.ageMs?.asTime ?? "–", worker.idleMs?.asTime ?? "–", worker.lastLatencyMs?.digits(1) ?? "–"]
        cells.append(worker.restartsClause)
        table.add(cells: cells)
    }
}

extension PoolSnapshot.Worker {
    /// Such as "3: 2 died, 1 memory; last: it was killed by signal 9".
    fileprivate var restartsClause: String {
        guard !restarts.isEmpty else { return "0" }
        let reasons = restarts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
        let last = lastEnding.map { "; last: \($0)" } ?? ""
        return "\(restarts.values.reduce(0, +)): \(reasons.joined(separator: ", "))\(last)"
    }
}

extension PoolSnapshot.Worker.State {
    fileprivate var coloured: String {
        switch self {
        case .idle, .busy: Style.green(rawValue)
        case .starting, .retiring: Style.yellow(rawValue)
        case .waiting: Style.red(rawValue)
        case .vacant: Style.dim(rawValue)
        }
    }
}

extension Double {
    /// A number of milliseconds as a person says it: "12 ms", "3.2 s", "5 min 3 s", "2 h 5 min", "3 d 4 h".
    var asTime: String {
        let seconds = Int(self / 1000)
        switch self {
        case ..<1000: return "\(digits(0)) ms"
        case ..<60_000: return "\((self / 1000).digits(1)) s"
        case ..<3_600_000: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400_000: return "\(seconds / 3600) h \(seconds / 60 % 60) min"
        default: return "\(seconds / 86400) d \(seconds / 3600 % 24) h"
        }
    }
}
