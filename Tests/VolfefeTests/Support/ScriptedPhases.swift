import Foundation
import GRDB
import Inference

@testable import Volfefe

/// A pool of scripted phase workers: the first word of a text is a company in it, and every text is English.
func scriptedPhases(
    _ flags: String..., phases: [Phase] = Phase.fast, processes: Int = 1, requestTimeout: Duration = .seconds(20)
) -> PhasePoolConfiguration {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent().path
    return PhasePoolConfiguration(
        command: ["python3", root + "/priv/ml/selftest/scripted_phase_worker.py"] + flags,
        phases: phases.map(\.rawValue), processes: processes, requestTimeout: requestTimeout,
        restartPolicy: RestartPolicy(
            initialBackoff: .milliseconds(5), maximumBackoff: .milliseconds(50), limit: 5, window: .seconds(60)))
}

extension Store {
    /// The rows of a query, every value as text and NULL as "-".
    func texts(_ sql: String) async throws -> [[String]] {
        try await read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { value in
                    switch value.storage {
                    case .null: "-"
                    case .string(let text): text
                    case .int64(let number): "\(number)"
                    case .double(let number): "\(number)"
                    case .blob: "blob"
                    }
                }
            }
        }
    }

    /// The first value of a query's only row.
    func number(_ sql: String) async throws -> Int {
        try await read { db in try Int.fetchOne(db, sql: sql) ?? 0 }
    }
}
