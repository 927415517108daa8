import Foundation

/// Brings the contents of one file into the store, in commits of a thousand; what is committed survives any end.
public struct FileIngestion: Sendable {
    let configuration: Configuration
    private let source: String?
    private let map: [String: String]
    private let format: InputFormat?
    let stop: StopRequest

    /// Prepares an ingestion. `source` nil: the file's name without its extension. `map` (our field → theirs) wins over
    /// the source's settings.
    public init(
        _ configuration: Configuration, source: String?, map: [String: String] = [:], format: InputFormat? = nil,
        stop: StopRequest = StopRequest()
    ) {
        self.configuration = configuration
        self.source = source
        self.map = map
        self.format = format
        self.stop = stop
    }

    /// Reads `file` ("-" is standard input) into `store`. `onProgress` gets the number of records after each commit.
    public func run(_ file: String, into store: Store, onProgress: (Int) -> Void = { _ in }) async throws
        -> IngestReport
    {
        try await run(file, onProgress: onProgress) { try await store.ingest($0, source: $1) }
    }

    /// The same with a classification job for each content that is new or has a new text, in the commit that stores it.
    public func run(
        _ file: String, into store: Store, enqueueing placement: JobPlacement, _ jobRun: Int64
    ) async throws -> (report: IngestReport, jobs: EnqueueResult) {
        var jobs = EnqueueResult()
        let report = try await run(file, onProgress: { _ in }) { drafts, source in
            let (stored, part) = try await store.ingest(
                drafts, source: source, enqueueing: placement, jobRun: jobRun)
            jobs.inserted += part.inserted
            jobs.known += part.known
            jobs.dead += part.dead
            return stored
        }
        jobs.jobRun = jobs.inserted > 0 ? jobRun : nil
        return (report, jobs)
    }

    private func run(
        _ file: String, onProgress: (Int) -> Void,
        storing: (_ drafts: [ContentDraft], _ source: String) async throws -> IngestResult
    ) async throws -> IngestReport {
        var report = IngestReport(file: file)
        var reader = try open(file)
        var drafts: [ContentDraft] = []
        let name = sourceName(of: file)
        func commit() async throws {
            let result = try await storing(drafts, name)
            report.inserted += result.inserted
            report.edited += result.edited
            report.unchanged += result.unchanged
            report.contentIDs += result.contentIDs
            onProgress(drafts.count)
            drafts.removeAll(keepingCapacity: true)
        }
        while !stop.isRequested, let record = try reader.next() {
            switch record {
            case .problem(let problem): report.add(problem)
            case .draft(let draft, _):
                report.read += 1
                if draft.text == nil { report.withoutText += 1 }
                drafts.append(draft)
                if drafts.count >= 1000 { try await commit() }
            }
        }
        if !drafts.isEmpty { try await commit() }
        report.read += reader.duplicates
        report.unchanged += reader.duplicates
        return report
    }

    /// Reads `file` without storing anything; `show` gets every content that has a text.
    public func list(_ file: String, show: (ContentDraft) -> Void) throws -> IngestReport {
        var report = IngestReport(file: file)
        var reader = try open(file)
        while !stop.isRequested, let record = try reader.next() {
            switch record {
            case .problem(let problem): report.add(problem)
            case .draft(let draft, _):
                report.read += 1
                if draft.text == nil { report.withoutText += 1 } else { show(draft) }
            }
        }
        return report
    }

    /// A reader of the file with the source's settings.
    func open(_ file: String) throws -> ContentReader {
        var settings = configuration.sources[sourceName(of: file)] ?? SourceSettings()
        settings.fields.merge(map) { $1 }
        return try ContentReader(
            path: file, format: format, settings: settings, maxLineBytes: configuration.maxLineBytes,
            maxTextBytes: configuration.maxTextBytes)
    }

    /// The source that the contents of a file belong to.
    public func sourceName(of file: String) -> String {
        source ?? (file == "-" ? "stdin" : URL(filePath: file).deletingPathExtension().lastPathComponent)
    }
}
