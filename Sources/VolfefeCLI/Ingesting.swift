import Foundation
import Inference
import Volfefe

/// Brings files into the store, several at once; one that fails does not stop the others.
struct Ingesting: Sendable {
    let ingestion: FileIngestion
    let store: Store
    let phases: DraftPhases
    let stop: StopRequest
    let showsJSON: Bool
    /// Files at once, and chunks of each between reading and commit.
    let atOnce, depth: Int
    /// Gets the source and the contents of each chunk.
    var afterCommit: @Sendable (String, [Int64]) async throws -> Void = { _, _ in }

    /// Ingests the files, says and shows a report on each, and gives the status: that of the error when nothing could be read.
    func run(_ files: [String], input: InputOptions) async throws -> ExitStatus {
        let progress = Progress(total: nil, unit: "contents")
        let ended = try await withThrowingTaskGroup(of: (Int, Result<IngestReport, any Error>).self) { group in
            var next = 0
            var ended: [Int: Result<IngestReport, any Error>] = [:]
            while true {
                while next < files.count, next - ended.count < atOnce, !stop.isRequested {
                    let (place, file) = (next, files[next])
                    group.addTask {
                        do {
                            return (place, .success(try await ingest(file, progress)))
                        } catch is CancellationError {
                            throw CancellationError()
                        } catch {
                            return (place, .failure(error))
                        }
                    }
                    next += 1
                }
                guard let (place, result) = try await group.next() else { return ended }
                ended[place] = result
            }
        }
        progress.end()
        return try status(of: ended.sorted { $0.key < $1.key }.map { (files[$0.key], $0.value) }, input)
    }

    private func ingest(_ file: String, _ progress: Progress) async throws -> IngestReport {
        try await ingestion.run(file, into: store, phases: phases, depth: depth, afterCommit: afterCommit) {
            progress.advance($0)
        }
    }

    private func status(
        of ended: [(file: String, result: Result<IngestReport, any Error>)], _ input: InputOptions
    ) throws -> ExitStatus {
        var problems = 0
        var failed = 0
        var errors: [any Error] = []
        for (file, result) in ended {
            switch result {
            case .success(let report):
                problems += report.problems
                failed += report.findings?.failed.reduce(0) { $0 + $1.contents } ?? 0
                report.say()
                if showsJSON { Terminal.show(try JSON.line(report)) }
            case .failure(let error):
                errors.append(error)
                guard ended.count > 1 else { throw error }
                Terminal.say("volfefe: \("\(error)".contains(file) ? "" : "\(file): ")\(error)")
            }
        }
        if let first = errors.first, errors.count == ended.count {
            return ExitStatus(rawValue: exitCode(of: first)) ?? .internalError
        }
        let status = input.status(problems: problems)
        return status == .done && (!errors.isEmpty || failed > 0) ? .someFailed : status
    }
}
