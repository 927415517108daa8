extension FileIngestion {
    /// What happens to a chunk.
    private enum Event: Sendable {
        case read(FileReading.Chunk)
        case annotated(DraftPhases.Annotated, number: Int)
        case committed(IngestResult, DraftPhases.Annotated)
    }

    /// Reads `file` into `store`, each content in one commit with what the phases find in it.
    ///
    /// Reading, looking at texts and committing go on at the same time, at most `depth` chunks between them. `afterCommit` gets the
    /// source and the ids of each chunk's contents. `onProgress` gets the number of records after each commit.
    public func run(
        _ file: String, into store: Store, phases: DraftPhases, depth: Int,
        afterCommit: @escaping @Sendable (_ source: String, _ contents: [Int64]) async throws -> Void = { _, _ in },
        onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> IngestReport {
        var report = IngestReport(file: file)
        var findings = FindingsTally()
        let source = sourceName(of: file)
        let chunk = max(configuration.phases.chunk, 1)
        let reading = FileReading { try open(file) }
        try await withThrowingTaskGroup(of: Event.self) { group in
            var order = RestoredOrder<Int, DraftPhases.Annotated>()
            var waiting: [DraftPhases.Annotated] = []
            var uncommitted = 0
            var (isReading, isCommitting, isExhausted) = (false, false, false)
            while true {
                if !isReading, !isExhausted, !stop.isRequested, uncommitted < max(depth, 1) {
                    isReading = true
                    group.addTask { .read(try await reading.next(chunk, stop: stop)) }
                }
                if !isCommitting, !waiting.isEmpty {
                    isCommitting = true
                    let next = waiting.removeFirst()
                    group.addTask {
                        let stored = try await store.ingest(
                            next.drafts, source: source, annotations: next.annotations, methods: next.methods)
                        try await afterCommit(source, stored.contentIDs)
                        return .committed(stored, next)
                    }
                }
                guard isReading || uncommitted > 0, let event = try await group.next() else { break }
                switch event {
                case .read(let chunk):
                    isReading = false
                    isExhausted = chunk.isLast
                    report.add(chunk)
                    guard !chunk.drafts.isEmpty else { continue }
                    uncommitted += 1
                    let number = order.expect(chunk.drafts.count)
                    group.addTask {
                        .annotated(try await phases.annotate(chunk.drafts, source: source), number: number)
                    }
                case .annotated(let annotated, let number):
                    order.put(annotated, at: number)
                    waiting += order.take().values
                case .committed(let stored, let annotated):
                    isCommitting = false
                    uncommitted -= 1
                    report.add(stored)
                    findings.add(annotated.annotations)
                    onProgress(annotated.drafts.count)
                }
            }
        }
        report.findings = findings.report
        return report
    }
}

extension IngestReport {
    /// Counts what was read.
    fileprivate mutating func add(_ chunk: FileReading.Chunk) {
        chunk.problems.forEach { add($0) }
        read += chunk.drafts.count + chunk.duplicates
        unchanged += chunk.duplicates
        withoutText += chunk.drafts.count { $0.text == nil }
    }

    /// Counts what was stored. The contents' ids are not kept: there may be millions.
    fileprivate mutating func add(_ stored: IngestResult) {
        inserted += stored.inserted
        edited += stored.edited
        unchanged += stored.unchanged
    }
}
