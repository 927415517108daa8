import Foundation
import GRDB
import Inference

/// How well `resolve` decides, measured on the pairs of names that ship.
public struct StoredResolutionCheck: Sendable, Hashable, Codable {
    /// Pairs that are decided, and those of them that are decided as a person did.
    public var decided, right: Int
    /// Pairs left to a person.
    public var reviewed: Int
    /// right ÷ decided and its 95 % interval (Wilson), 0…1; nil when nothing is decided.
    public var accuracy, low, high: Double?
    /// When it was measured last.
    public var checkedAt: Date

    enum CodingKeys: String, CodingKey {
        case decided, right, reviewed, accuracy, low, high
        case checkedAt = "checked_at"
    }
}

extension Store {
    /// Keeps what a run of `resolve` has measured; the same figures of the same method as the last time only get a new time.
    func record(_ check: ResolutionCheck, method: Int64, at now: Date = Date()) async throws {
        let measured = check.asItRuns
        try await write { db in
            try db.execute(
                sql: """
                    UPDATE resolution_checks SET checked_at = :now
                    WHERE id = (SELECT max(id) FROM resolution_checks)
                        AND method_id = :method AND decided = :decided AND "right" = :right
                        AND merged_wrongly = :merged AND reviewed = :reviewed
                    """,
                arguments: Self.arguments(measured) &+ ["method": method, "now": now.milliseconds])
            guard db.changesCount == 0 else { return }
            try db.execute(
                sql: """
                    INSERT INTO resolution_checks
                        (method_id, decided, "right", merged_wrongly, split_wrongly, reviewed, accuracy, low, high, checked_at)
                    VALUES (:method, :decided, :right, :merged, :decided - :right - :merged, :reviewed, :accuracy, :low, :high, :now)
                    """,
                arguments: Self.arguments(measured)
                    &+ [
                        "method": method, "now": now.milliseconds, "accuracy": measured.accuracy, "low": measured.low,
                        "high": measured.high,
                    ])
        }
    }

    private static func arguments(_ measured: ResolutionCheck.Accuracy) -> StatementArguments {
        [
            "decided": measured.decided, "right": measured.right, "merged": measured.mergedWrongly,
            "reviewed": measured.review,
        ]
    }

    /// What the last run of `resolve` has measured; nil when there was none.
    public func resolutionCheck() async throws -> StoredResolutionCheck? {
        try await read { db in
            try Row.fetchOne(db, sql: "SELECT * FROM resolution_checks ORDER BY id DESC LIMIT 1").map { row in
                StoredResolutionCheck(
                    decided: row["decided"], right: row["right"], reviewed: row["reviewed"],
                    accuracy: row["accuracy"], low: row["low"], high: row["high"],
                    checkedAt: Date(milliseconds: row["checked_at"]))
            }
        }
    }
}
