import Foundation
import GRDB

@testable import Volfefe

extension Volfefe.Configuration {
    /// The shipped settings with `yaml` above them.
    static func shipped(_ yaml: String = "") throws -> Volfefe.Configuration {
        try withFolder { (folder: String) in
            try write(yaml, to: folder + "/volfefe.yaml")
            return try .load(
                .init(
                    flags: [:], environment: [:], currentDirectory: folder, file: nil,
                    shipped: projectRoot + "/volfefe.yaml"))
        }
    }
}

extension Store {
    /// Writes down that a phase has ended on contents at version 1 of their texts, as a run would.
    func end(
        _ phase: Phase, on contents: some Collection<Int64>, failing: Bool = false, at: Date = Date()
    ) async throws {
        let method = try await phaseMethod(phase, method: "by hand", revision: "sha256:1")
        let contents = Array(contents)
        try await write { db in
            let writer = PhaseStatusWriter(phase, method: method, in: db)
            for content in contents {
                if failing {
                    try writer.failed(content, textVersion: 1, code: "bad_text", message: "it cannot be read")
                } else {
                    try writer.done(content, textVersion: 1)
                }
            }
            try db.execute(
                sql:
                    "UPDATE content_phases SET finished_at = ? WHERE phase = ? AND content_id IN (SELECT value FROM json_each(?))",
                arguments: [at.milliseconds, phase.rawValue, jsonArray(contents)])
        }
    }

    /// Changes what tests want to be otherwise.
    func execute(_ sql: String) async throws { try await write { db in try db.execute(sql: sql) } }
}
