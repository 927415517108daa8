import Foundation
import Volfefe

/// The texts that engines are measured on, as a file for `prepare.py`: given ones, or a sample of a database.
struct ComparisonTexts {
    /// Texts that are taken from a database at most, spread evenly over it.
    static let sampleSize = 1024

    /// Runs `body` with the flags that name the texts; a sample lies in a file that only this user can read, for as long.
    static func withFlags(file: String?, store: Store?, body: ([String]) async throws -> Void) async throws {
        if let file {
            guard FileManager.default.fileExists(atPath: file) else {
                throw CommandError(.notFound, "\(file): there is no such file; --texts takes a .txt or .jsonl file.")
            }
            return try await body(["--texts", file])
        }
        guard let store else { return try await body([]) }
        let texts = try await store.sampleTexts(limit: sampleSize)
        guard !texts.isEmpty else { return try await body([]) }
        let folder = FileManager.default.temporaryDirectory.appending(path: "volfefe-\(UUID().uuidString)")
        try FileManager.default.createDirectory(
            at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        defer { try? FileManager.default.removeItem(at: folder) }
        let sample = folder.appending(path: "texts.jsonl")
        let lines = try texts.map { try JSON.line(["text": $0]) + "\n" }
        try Data(lines.joined().utf8).write(to: sample)
        try await body(["--texts", sample.path])
    }
}
