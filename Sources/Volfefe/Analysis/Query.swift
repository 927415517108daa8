import Foundation
import GRDB

/// A value of an answer to a query.
public enum QueryValue: Sendable, Hashable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    /// Bytes.
    case blob(Data)
}

extension QueryValue: Encodable {
    /// As JSON has it; bytes as hexadecimal digits.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .integer(let value): try container.encode(value)
        case .real(let value): value.isFinite ? try container.encode(value) : try container.encodeNil()
        case .text(let value): try container.encode(value)
        case .blob(let bytes): try container.encode(bytes.hexadecimal)
        }
    }
}

/// What a query may be: one statement that reads.
enum ReadOnlyQuery {
    /// Statements that begin otherwise change something, or settings of the connection, or open other files.
    private static let beginnings: Set<String> = ["select", "with", "values", "explain"]

    /// Whether the first word of `sql` begins a statement that reads; comments and spaces may stand before it.
    static func reads(_ sql: String) -> Bool { beginnings.contains(firstWord(sql).lowercased()) }

    /// The first word of `sql` that is no comment.
    static func firstWord(_ sql: String) -> String {
        var rest = sql[...]
        while true {
            rest = rest.drop { $0.isWhitespace || $0 == ";" }
            if rest.hasPrefix("--") {
                rest = rest.drop { !$0.isNewline }
            } else if rest.hasPrefix("/*") {
                guard let end = rest.range(of: "*/") else { return "" }
                rest = rest[end.upperBound...]
            } else {
                return String(rest.prefix { $0.isLetter })
            }
        }
    }
}

extension Store {
    /// Runs one statement that reads, handing over its column names and then each row; false ends it early.
    ///
    /// Nothing is ever written: statements other than SELECT, WITH, VALUES and EXPLAIN are refused, SQLite is asked whether
    /// what is left writes, and the connection is in its query-only state. Throws `VolfefeError.usage` for a statement
    /// that is not allowed, `.badInput` for one that SQLite cannot run.
    public func query(
        _ sql: String, columns: @escaping @Sendable ([String]) throws -> Void,
        row: @escaping @Sendable ([QueryValue]) throws -> Bool
    ) async throws {
        guard !ReadOnlyQuery.firstWord(sql).isEmpty else {
            throw VolfefeError.usage("there is no query; give one as an argument or on standard input.")
        }
        guard ReadOnlyQuery.reads(sql) else { throw Self.readsOnly }
        try await read { db in
            do {
                let statement = try db.makeStatement(sql: sql)
                guard statement.isReadonly else { throw Self.readsOnly }
                try columns(statement.columnNames)
                let rows = try Row.fetchCursor(statement)
                while let found = try rows.next() {
                    guard try row(found.databaseValues.map(QueryValue.init)) else { return }
                }
            } catch let error as DatabaseError where error.isOfQuery {
                let reason = error.message ?? error.resultCode.description
                // GRDB's own words, which speak of its methods.
                guard !reason.hasPrefix("Multiple statements") else { throw Self.readsOnly }
                throw VolfefeError.badInput(
                    "SQLite cannot run this query: \(reason); docs/schema.md lists the views and their columns.")
            }
        }
    }

    private static let readsOnly = VolfefeError.usage(
        "this is not one statement that reads: `volfefe sql` runs a single SELECT, WITH, VALUES or EXPLAIN and never writes."
    )
}

extension QueryValue {
    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let value): .integer(value)
            case .double(let value): .real(value)
            case .string(let value): .text(value)
            case .blob(let bytes): .blob(bytes)
            }
    }
}

extension DatabaseError {
    /// Whether it is the query's fault, not the file's.
    fileprivate var isOfQuery: Bool {
        switch resultCode {
        case .SQLITE_ERROR, .SQLITE_MISUSE, .SQLITE_RANGE, .SQLITE_MISMATCH, .SQLITE_TOOBIG, .SQLITE_CONSTRAINT: true
        default: false
        }
    }
}
