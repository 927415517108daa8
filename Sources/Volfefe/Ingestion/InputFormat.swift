/// How the records of an input are written.
public enum InputFormat: String, Sendable, CaseIterable {
    /// An array of objects, or one object.
    case json
    /// An object per line.
    case jsonl
    /// RFC 4180 with a header; the delimiter is found out.
    case csv

    /// The format that a path's extension names, if any.
    init?(path: String) {
        switch path.split(separator: "/").last?.split(separator: ".").dropFirst().last?.lowercased() {
        case "json": self = .json
        case "jsonl", "ndjson": self = .jsonl
        case "csv", "tsv": self = .csv
        default: return nil
        }
    }
}
