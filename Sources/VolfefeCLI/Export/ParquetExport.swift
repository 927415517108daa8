import Foundation
import Subprocess
import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Writes Parquet: the rows go as CSV to `export.py`, which knows the columns' types and has pyarrow.
struct ParquetExport {
    private let export: Export

    init(_ export: Export) { self.export = export }

    /// What `export.py` is told.
    private struct Order: Encodable {
        struct Column: Encodable {
            let name, type: String
        }
        let output: String
        let columns: [Column]
        let metadata: [String: String]
    }

    /// Writes the rows into `file` and gives their number. Throws `CommandError` with what `export.py` says.
    func write(to file: UnfinishedFile, stop: StopRequest) async throws -> Int {
        let order = Order(
            output: file.temporaryPath,
            columns: export.selection.columns.map { .init(name: $0.name, type: $0.type.rawValue) },
            metadata: [
                "volfefe_version": VolfefeCommand.configuration.version, "layout": export.selection.layout.rawValue,
                "schema_version": try await export.store.schemaVersion(),
            ])
        let python = try export.settings.installation.python(export.settings.configuration.python)
        let arguments = [export.settings.installation.exportScript, try JSON.line(order)]
        let pipe = try Self.pipe()
        async let converter = Subprocess.run(
            python.contains("/") ? .path(.init(python)) : .name(python), arguments: .init(arguments),
            input: .fileDescriptor(.init(rawValue: pipe.read), closeAfterSpawningProcess: true),
            output: .discarded, error: .string(limit: 1 << 16))
        let isWanted: @Sendable ([UInt8]) -> Bool = { !stop.isRequested && Terminal.write($0, to: pipe.write) }
        let rows: Int
        do {
            rows = try await export.store.export(export.selection, isCSV: true, write: isWanted)
            close(pipe.write)
        } catch {
            close(pipe.write)
            throw error
        }
        let ended = try await converter
        guard case .exited(0) = ended.terminationStatus else {
            throw failure(ended.terminationStatus, ended.standardError)
        }
        return rows
    }

    private func failure(_ status: TerminationStatus, _ talk: String) -> CommandError {
        let reason = talk.trimmingCharacters(in: .whitespacesAndNewlines)
        guard case .exited(let code) = status, let known = ExitStatus(rawValue: code), known != .someFailed else {
            return CommandError(.internalError, "writing Parquet failed (\(status)): \(reason)")
        }
        return CommandError(known, reason)
    }

    /// A pipe whose ends no other child gets.
    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard makePipe(&ends) == 0 else {
            throw CommandError(.inputOutput, "cannot make a pipe: \(String(cString: strerror(errno))).")
        }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }
}

private func makePipe(_ ends: UnsafeMutablePointer<Int32>) -> Int32 { pipe(ends) }
