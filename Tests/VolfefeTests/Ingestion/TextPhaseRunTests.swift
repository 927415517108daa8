import Foundation
import Inference
import Testing

@testable import Volfefe

/// Phases over what is stored already; scripted processes, real SQLite.
@Suite struct TextPhaseRunTests {
    private func run(
        _ phase: Phase, _ store: Store, _ selection: PhaseSelection = PhaseSelection(),
        _ configuration: PhasePoolConfiguration? = nil, limits: TextPhaseRun.Limits = .init(),
        stop: StopRequest = StopRequest(), onProgress: @escaping @Sendable (Int) -> Void = { _ in }
    ) async throws -> (report: PhaseReport, counts: PoolCounts) {
        try await withPhasePool(configuration ?? scriptedPhases(phases: Phase.text)) { pool in
            let run = TextPhaseRun(phase, pool: pool, limits: limits)
            return (try await run.run(selection, in: store, stop: stop, onProgress: onProgress), pool.counts)
        }
    }

    @Test func `a phase looks at what misses it, and the second run at nothing`() async throws {
        try await withStore { store in
            try await store.ingest(texts: (1...250).map { "W\($0) text" } + [nil])
            let limits = TextPhaseRun.Limits(page: 100, commit: 30)
            let first = try await run(.language, store, limits: limits)
            #expect(first.report.done == 250)
            #expect(try await store.number("SELECT count(*) FROM content_languages") == 250)
            let second = try await run(.language, store)
            #expect(second.report == PhaseReport(.language))
            #expect(second.counts.launches == 0)
            #expect(try await store.countPending(.entities, PhaseSelection()) == 250)
        }
    }

    @Test func `names of ner wait for resolve, names of entities have their entity`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["Nike rises", "Nike falls"])
            _ = try await run(.ner, store)
            #expect(
                try await store.texts("SELECT phase, name, state, entity_id FROM entity_names") == [
                    ["ner", "Nike", "open", "-"]
                ])
            _ = try await run(.entities, store)
            #expect(
                try await store.texts("SELECT phase, name, state, entity_id FROM entity_names ORDER BY 1") == [
                    ["entities", "Nike", "linked", "1"], ["ner", "Nike", "open", "-"],
                ])
            #expect(try await store.number("SELECT count(*) FROM mentions") == 4)
        }
    }

    @Test func `one source at a time`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b"], source: "x")
            try await store.ingest(texts: ["c"], source: "y")
            let report = try await run(.language, store, PhaseSelection(source: "y")).report
            #expect(report.done == 1)
            #expect(try await store.countPending(.language, PhaseSelection()) == 2)
        }
    }

    @Test func `failures count as attempts, and findings are never lost to one`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["well", "bad #raises"])
            for _ in 0..<3 { #expect(try await run(.entities, store).report.failed == 1) }
            #expect(
                try await store.texts("SELECT content_id, state, attempts, error_code FROM phase_status") == [
                    ["1", "done", "1", "-"], ["2", "failed", "3", "phase_error"],
                ])
            #expect(try await run(.entities, store).report == PhaseReport(.entities))
            try await store.save(
                [
                    AnnotatedContent(
                        contentID: 1, textVersion: 1,
                        annotations: Self.failing(PhaseFailure(code: "timeout", message: "no answer in time")))
                ], methods: [.entities: 1])
            #expect(try await store.number("SELECT count(*) FROM mentions WHERE content_id = 1") == 1)
            #expect(try await store.texts("SELECT state FROM phase_status WHERE content_id = 1") == [["done"]])
        }
    }

    @Test func `forced, everything is done again with the same result`() async throws {
        try await withStore { store in
            try await store.ingest(texts: (1...40).map { "W\($0) text" })
            _ = try await run(.entities, store)
            let before = try await store.texts("SELECT * FROM mentions")
            let again = try await run(
                .entities, store, PhaseSelection(isForced: true), limits: .init(page: 15, commit: 4))
            #expect(again.report.done == 40)
            #expect(try await store.texts("SELECT * FROM mentions") == before)
        }
    }

    @Test func `a text that is edited while a process looks at it stays to do`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["Nike rises"])
            var found = PhaseAnnotations()
            found.language = .success(LanguageFound(language: "en", score: 0.9))
            let method = try await store.phaseMethod(.language, method: "m", revision: "r")
            try await store.ingest(texts: ["Puma rises"])
            try await store.save(
                [AnnotatedContent(contentID: 1, textVersion: 1, annotations: found)], methods: [.language: method])
            #expect(try await store.countPending(.language, PhaseSelection()) == 1)
            #expect(try await store.number("SELECT count(*) FROM content_languages") == 0)
        }
    }

    @Test func `a stop ends after what is running, and what is committed stays`() async throws {
        try await withStore { store in
            try await store.ingest(texts: (1...300).map { "W\($0) text" })
            let stop = StopRequest()
            let first = try await run(
                .language, store, limits: .init(page: 50, commit: 10), stop: stop, onProgress: { _ in stop.request() })
            #expect(first.report.done >= 10)
            #expect(first.report.done < 300)
            let second = try await run(.language, store)
            #expect(first.report.done + second.report.done == 300)
        }
    }

    @Test func `findings that cannot be true are failures`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one"])
            var found = PhaseAnnotations()
            found.entities = .success([
                MentionFound(
                    start: 3, end: 1, text: "x", name: "X", type: "company", method: "m", rule: "r", confidence: 0.9)
            ])
            found.language = .success(LanguageFound(language: "en", score: 7))
            let methods = [
                Phase.entities: try await store.phaseMethod(.entities, method: "m", revision: "r"),
                .language: try await store.phaseMethod(.language, method: "m", revision: "r"),
            ]
            try await store.save([AnnotatedContent(contentID: 1, textVersion: 1, annotations: found)], methods: methods)
            #expect(try await store.texts("SELECT DISTINCT error_code FROM phase_status") == [["bad_reply"]])
        }
    }

    private static func failing(_ failure: PhaseFailure) -> PhaseAnnotations {
        var annotations = PhaseAnnotations()
        annotations.entities = .failure(failure)
        return annotations
    }
}
