import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct GateTests {
    private static let models = [(Records.general.modelID, Records.general.version)]

    private func reports(
        _ store: Store, _ yaml: String = "", source: String? = nil, at now: Date = Date()
    ) async throws -> (reports: [GateReport], changes: [GateChange]) {
        let configuration = try Configuration.shipped(yaml)
        let readings = try await store.gateReadings(configuration, models: Self.models, source: source, at: now)
        return try await store.record(readings, configuration, at: now)
    }

    private func report(
        _ gate: Gate, _ store: Store, _ yaml: String = "", source: String? = nil, at now: Date = Date()
    ) async throws -> GateReport {
        try #require(try await reports(store, yaml, source: source, at: now).reports.first { $0.gate == gate })
    }

    @Test(arguments: [
        (Gate.sentimentCoverage, 0.95, 0.95, GateReport.Verdict.pass), (.sentimentCoverage, 0.9499, 0.95, .fail),
        (.backlog, 10, 10, .pass), (.backlog, 11, 10, .fail), (.oldestPending, 60, 60, .pass),
        (.oldestPending, 60.1, 60, .fail), (.integrity, 0, 0, .pass), (.integrity, 1, 0, .fail),
    ])
    func `both ends of a threshold pass`(gate: Gate, value: Double, threshold: Double, verdict: GateReport.Verdict) {
        #expect(GateReport.verdict(gate, value, threshold) == verdict)
        #expect(GateReport.verdict(gate, nil, threshold) == .unknown)
    }

    @Test func `of an empty database most is unknown and nothing is missed`() async throws {
        try await withStore { store in
            let (reports, changes) = try await reports(store)
            #expect(reports.map(\.gate) == Gate.allCases)
            let verdicts = Dictionary(uniqueKeysWithValues: reports.map { ($0.gate, $0.verdict) })
            #expect(
                verdicts == [
                    .requiredFields: .unknown, .integrity: .pass, .sentimentCoverage: .unknown,
                    .topicCoherence: .unknown, .entityResolution: .unknown, .backlog: .pass, .oldestPending: .pass,
                ])
            #expect(reports.filter { $0.verdict == .unknown }.allSatisfy { $0.why != nil })
            #expect(changes.isEmpty)
        }
    }

    @Test func `required fields are those of the source, else those of all`() async throws {
        try await withStore { store in
            let day = Date(timeIntervalSince1970: 1_700_000_000)
            _ = try await store.ingest(
                [
                    ContentDraft(externalID: "1", text: "a", author: "kim", publishedAt: day),
                    ContentDraft(externalID: "2", text: "b", author: "kim"),
                ], source: "one")
            _ = try await store.ingest(
                [ContentDraft(externalID: "1", text: nil, publishedAt: day), ContentDraft(externalID: "2", text: "c")],
                source: "two")
            #expect(try await report(.requiredFields, store).value == 0.5)
            let yaml = "sources: {one: {required: [text, author]}, two: {required: []}}"
            let all = try await report(.requiredFields, store, yaml)
            #expect((all.value, all.verdict) == (1, .pass))
            let two = try await report(.requiredFields, store, yaml, source: "two")
            #expect((two.value, two.verdict, two.why) == (nil, .unknown, "no field is required"))
            let missed = try await report(.requiredFields, store, source: "two")
            #expect((missed.value, missed.verdict, missed.why) == (0.5, .fail, "1 of 2 contents lack one"))
        }
    }

    @Test func `coverage, backlog and age follow from what the phases still have to see`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b", "c", "d", nil])
            _ = try await store.register([Records.general])
            let run = try await store.anyRun()
            let verdict = ModelOutcome.prediction(.of(Records.general, [0.1, 0.9]))
            for id in ids[0...2] { try await store.save(verdict, of: "general", on: id, run: run) }
            for phase in [Phase.language, .entities, .ner, .stories] { try await store.end(phase, on: ids[0...2]) }
            let now = Date()
            try await store.execute("UPDATE contents SET inserted_at = \(now.milliseconds - 3_600_000)")
            let coverage = try await report(.sentimentCoverage, store)
            #expect((coverage.value, coverage.verdict) == (0.75, .fail))
            // The fourth content waits for five phases, three wait for resolve; topics need a thousand new ones.
            let backlog = try await report(.backlog, store)
            #expect(backlog.value == 8)
            #expect(backlog.why == "language 1, entities 1, sentiment 1, ner 1, resolve 3, stories 1")
            let age = try await report(.oldestPending, store, "gates: {oldest_pending: 30m}", at: now)
            #expect((age.value?.rounded(), age.verdict) == (3600, .fail))
            // With fewer topics they count.
            #expect(try await report(.backlog, store, "phases: {topics: {minimum_contents: 4}}").value == 12)
            // A job that waits counts; one that classifies is the content that it is about.
            _ = try await store.enqueue([PhaseOrder(phase: .ner).draft, .classification(of: ids[3], textVersion: 1)])
            #expect(try await report(.backlog, store).value == 9)
            let off = "phases: {\(Phase.recorded.map { "\($0.rawValue): {enabled: false}" }.joined(separator: ", "))}"
            #expect(try await report(.backlog, store, off, source: "test").value == 1)
            #expect(
                try await report(.sentimentCoverage, store, "phases: {sentiment: {enabled: false}}").verdict == .unknown
            )
        }
    }

    @Test func `integrity counts what doctor would find`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a"])
            #expect(try await report(.integrity, store).verdict == .pass)
            try await store.execute("UPDATE contents SET text_hash = zeroblob(32)")
            let report = try await report(.integrity, store)
            #expect((report.value, report.verdict) == (1, .fail))
            #expect(report.why == "1 wrong hashes; volfefe doctor says more")
        }
    }

    @Test func `coherence and resolution are those of the last run`() async throws {
        try await withStore { store in
            let run = try await store.anyRun()
            let topics = try await store.phaseMethod(.topics, method: "nmf", revision: "sha256:1")
            let resolve = try await store.phaseMethod(.resolve, method: "bands", revision: "sha256:1")
            try await store.execute(
                """
                INSERT INTO corpus_runs (phase, state, besides, run_id, method_id, settings, started_at, finished_at, contents, coherence)
                VALUES ('topics', 'superseded', '[]', \(run), \(topics), '{}', 1, 2, 9, 0.9),
                    ('topics', 'current', '[]', \(run), \(topics), '{}', 3, 4, 9, 0.25);
                INSERT INTO resolution_checks (method_id, decided, "right", merged_wrongly, split_wrongly, reviewed, accuracy,
                    low, high, checked_at)
                VALUES (\(resolve), 100, 80, 10, 10, 0, 0.8, 0.7, 0.9, 1), (\(resolve), 100, 98, 1, 1, 0, 0.98, 0.93, 0.99, 2);
                """)
            let coherence = try await report(.topicCoherence, store)
            #expect((coherence.value, coherence.verdict) == (0.25, .fail))
            let resolution = try await report(.entityResolution, store)
            #expect((resolution.value, resolution.verdict) == (0.93, .pass))
        }
    }

    @Test func `a change is found once, a first pass is none, and its time stays`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a"])
            let start = Date(timeIntervalSince1970: 1_800_000_000)
            func changes(_ yaml: String, _ seconds: Double) async throws -> [String] {
                try await reports(store, yaml, at: start.addingTimeInterval(seconds)).changes.map {
                    "\($0.report.gate.rawValue) \($0.previous.rawValue) \($0.report.verdict.rawValue)"
                }
            }
            let strict = "gates: {backlog: 0, required_fields: off, sentiment_coverage: off, oldest_pending: off}"
            let lax = strict.replacing("backlog: 0", with: "backlog: 100")
            // A first look that fails is told, one that passes is not.
            #expect(try await changes(lax, 0) == [])
            #expect(try await changes(strict, 10) == ["backlog pass fail"])
            #expect(try await changes(strict, 20) == [])
            let report = try await report(.backlog, store, strict, at: start.addingTimeInterval(30))
            #expect(report.changedAt == start.addingTimeInterval(10))
            #expect(try await changes(lax, 40) == ["backlog fail pass"])
            #expect(
                try await store.texts(
                    "SELECT gate, source, verdict, threshold, changed_at FROM gates WHERE gate = 'backlog'")
                    == [["backlog", "-", "pass", "100.0", "2027-01-15T08:00:40.000Z"]])
        }
        try await withStore { store in
            try await store.ingest(texts: ["a"])
            let changes = try await reports(store).changes.map(\.report.gate)
            #expect(changes == [.requiredFields, .sentimentCoverage])
        }
    }

    @Test func `of many that look at once one finds the change`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a"])
            let configuration = try Configuration.shipped("gates: {backlog: 0}")
            let readings = try await store.gateReadings(configuration, models: Self.models)
            let found = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        try await store.record(readings, configuration).changes.count { $0.report.gate == .backlog }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(found == 1)
        }
    }

    @Test func `a source with thresholds of its own has gates of its own`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b"], source: "one")
            try await store.ingest(texts: ["c"], source: "two")
            let yaml = "sources: {one: {thresholds: {backlog: 1}}, unknown: {thresholds: {backlog: 1}}}"
            let found = try await reports(store, yaml).reports.filter { $0.gate == .backlog }
            #expect(found.map(\.source) == [nil, "one"])
            #expect(found.map(\.verdict) == [.pass, .fail])
            let two = try await reports(store, yaml, source: "two").reports
            #expect(two.map(\.gate) == Gate.allCases.filter(\.isPerSource))
            #expect(two.allSatisfy { $0.source == "two" })
            await #expect(throws: VolfefeError.self) { try await reports(store, source: "three") }
        }
    }
}
