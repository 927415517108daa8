/// A column of an export.
public struct ExportColumn: Sendable, Hashable, Codable {
    /// What its values are. The names are Arrow's, but for `flags`.
    public enum Kind: String, Sendable, Hashable, Codable {
        case integer = "int64"
        case real = "double"
        case text = "string"
        case boolean = "bool"
        /// ISO 8601 in UTC with milliseconds.
        case time = "timestamp[ms, UTC]"
        /// A list of names; in CSV with `;` between them.
        case names = "list<string>"
    }

    /// Its name.
    public var name: String
    /// What its values are; any may be missing.
    public var type: Kind

    init(_ name: String, _ type: Kind) {
        self.name = name
        self.type = type
    }
}

/// What a row of an export is.
public enum ExportLayout: String, Sendable, Hashable, Codable, CaseIterable {
    /// A verdict: content × model × version.
    case long
    /// A content, with columns for each model.
    case wide
}

/// How the rows of an export are written.
public enum ExportFormat: String, Sendable, Hashable, Codable, CaseIterable {
    case parquet, csv, jsonl

    /// The format that a file's name tells, if any.
    public init?(path: String) {
        guard let name = path.split(separator: "/").last, let dot = name.lastIndex(of: ".") else { return nil }
        switch name[name.index(after: dot)...].lowercased() {
        case "parquet", "pq": self = .parquet
        case "csv": self = .csv
        case "jsonl", "ndjson": self = .jsonl
        default: return nil
        }
    }
}
