import Foundation

@testable import Volfefe

/// What a reader gave for an input.
struct Reading {
    var drafts: [ContentDraft] = []
    var lines: [Int] = []
    var problems: [InputProblem] = []
    var duplicates = 0

    /// Reads `bytes`, handed over in pieces of `piece` bytes.
    init(
        _ bytes: [UInt8], as format: InputFormat? = nil, piece: Int = 1 << 16,
        settings: SourceSettings = SourceSettings(),
        maxLineBytes: Int = 1 << 20, maxTextBytes: Int = 1 << 20
    ) throws {
        var reader = try ContentReader(
            name: "posts", source: source(bytes, piece: piece), format: format, settings: settings,
            maxLineBytes: maxLineBytes, maxTextBytes: maxTextBytes)
        try take(&reader)
    }

    init(
        _ text: String, as format: InputFormat? = nil, piece: Int = 1 << 16, settings: SourceSettings = SourceSettings()
    )
        throws
    {
        try self.init(Array(text.utf8), as: format, piece: piece, settings: settings)
    }

    /// Reads a file.
    init(path: String) throws {
        var reader = try ContentReader(path: path, maxLineBytes: 1 << 23, maxTextBytes: 1 << 20)
        try take(&reader)
    }

    private mutating func take(_ reader: inout ContentReader) throws {
        while let record = try reader.next() {
            switch record {
            case .draft(let draft, let line):
                drafts.append(draft)
                lines.append(line)
            case .problem(let problem): problems.append(problem)
            }
        }
        duplicates = reader.duplicates
    }

    var ids: [String] { drafts.map(\.externalID) }
    var texts: [String?] { drafts.map(\.text) }
    /// `line:column` of each problem.
    var places: [String] { problems.map { "\($0.line)" + ($0.column.map { ":\($0)" } ?? "") } }
}

/// `bytes` in pieces of `piece` bytes.
func source(_ bytes: [UInt8], piece: Int) -> ByteSource {
    var rest = bytes[...]
    return ByteSource {
        guard !rest.isEmpty else { return nil }
        defer { rest = rest.dropFirst(piece) }
        return Array(rest.prefix(piece))
    }
}

/// Runs `body` with a fresh folder, which is removed afterwards.
func withFolder<Value>(_ body: (String) throws -> Value) throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "volfefe-test-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// Writes `text` to `path`, making folders on the way.
func write(_ text: String, to path: String) throws {
    try FileManager.default.createDirectory(
        atPath: URL(filePath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
    try text.write(toFile: path, atomically: false, encoding: .utf8)
}

/// The project's own folder.
let projectRoot = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().path

/// A file of the data for building and testing, which not every checkout has beside it.
func sharedData(_ name: String) -> String? {
    let environment = ProcessInfo.processInfo.environment["VOLFEFE_SHARED"].map { [$0] } ?? []
    return (environment + [projectRoot + "/../shared"]).map { $0 + "/data/" + name }
        .first { FileManager.default.fileExists(atPath: $0) }
}
