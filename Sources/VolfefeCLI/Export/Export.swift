import Foundation
import Volfefe

/// An export on its way to a file or to stdout.
struct Export: Sendable {
    let store: Store
    let selection: ExportSelection
    let format: ExportFormat
    let settings: LoadedSettings

    /// Writes CSV or JSON Lines to stdout; a reader that goes away ends it.
    func print(stop: StopRequest) async throws {
        let rows = try await store.export(selection, isCSV: format == .csv) { bytes in
            !stop.isRequested && Terminal.write(bytes, to: STDOUT_FILENO)
        }
        Terminal.say("\(rows.grouped) rows")
    }

    /// Writes the file and its manifest. Each has another name until it is complete, and nothing is left when it does not
    /// become so.
    func write(to path: String, stop: StopRequest) async throws {
        let file = try UnfinishedFile(path: path)
        let rows =
            switch format {
            case .csv, .jsonl:
                try await store.export(selection, isCSV: format == .csv) { bytes in
                    try file.append(bytes)
                    return !stop.isRequested
                }
            case .parquet: try await ParquetExport(self).write(to: file, stop: stop)
            }
        guard !stop.isRequested else { return }
        let (bytes, sha256) = try file.sizeAndHash()
        let manifest = ExportManifest(
            selection, file: URL(filePath: path).lastPathComponent, format: format, rows: rows, bytes: bytes,
            sha256: sha256, schemaVersion: try await store.schemaVersion(),
            volfefeVersion: VolfefeCommand.configuration.version)
        let description = try UnfinishedFile(path: path + ".manifest.json")
        try description.append(Array((try JSON.pretty(manifest) + "\n").utf8))
        try file.finish()
        try description.finish()
        Terminal.say("\(path): \(rows.grouped) rows, \(bytes.grouped) bytes, sha256 \(sha256)")
    }
}
