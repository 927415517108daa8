import Foundation
import Volfefe

/// A folder with metrics: JSON, a CSV file per table, and a page.
struct MetricsFolder {
    private let path: String

    /// Makes the folder where it is missing; the one above it has to be there. Throws `CommandError`.
    init(_ path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else {
                throw CommandError(.inputOutput, "\(path) is a file; name a folder with --export.")
            }
            return
        }
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } catch {
            throw CommandError(
                .inputOutput,
                "the folder \(path) cannot be made; make the one above it, or name another one with --export.")
        }
    }

    /// Writes all files under temporary names and renames them when the last is complete, metrics.json last: where it is new,
    /// the others are. Gives their number.
    func write(_ metrics: CollectionMetrics) throws -> Int {
        let tables = MetricsTables(metrics)
        let grids: [(String, Grid)] = [
            ("sources", tables.sources()), ("phases", tables.phases), ("languages", tables.languages),
            ("models", tables.models), ("entities", tables.entities), ("topics", tables.topics),
            ("weeks", tables.weeks),
        ]
        var files: [UnfinishedFile] = []
        for (name, grid) in grids { files.append(try file("\(name).csv", grid.csv + "\n")) }
        files.append(try file("report.html", MetricsDocument(metrics).document.html))
        files.append(try file("metrics.json", try JSON.pretty(metrics) + "\n"))
        for file in files { try file.finish() }
        return files.count
    }

    private func file(_ name: String, _ text: String) throws -> UnfinishedFile {
        let file = try UnfinishedFile(path: path + "/" + name, option: "--export")
        try file.append(Array(text.utf8))
        return file
    }
}
