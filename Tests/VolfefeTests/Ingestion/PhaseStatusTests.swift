import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct PhaseStatusTests {
    private static let models = [Records.finance, Records.general].map { ($0.modelID, $0.version) }

    private func status(
        _ phase: Phase, in store: Store, _ yaml: String = "", source: String? = nil
    ) async throws -> PhaseStatus {
        let statuses = try await store.phaseStatuses(.shipped(yaml), models: Self.models, source: source)
        #expect(statuses.map(\.phase) == Phase.allCases)
        return try #require(statuses.first { $0.phase == phase })
    }

    @Test func `an empty database has nothing due and nothing done`() async throws {
        try await withStore { store in
            let status = try await status(.ner, in: store)
            #expect(status == PhaseStatus(.ner, .on, due: 0, done: 0, failed: 0))
            #expect(status.pending == 0 && status.coverage == nil && status.secondsLeft == nil)
        }
    }

    @Test func `each phase counts what it is due for, has done and has failed on`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b", "c", "d", nil])
            try await store.end(.language, on: ids[0...3])
            try await store.end(.ner, on: ids[0...1])
            try await store.end(.ner, on: ids[2...2], failing: true)
            // It is tried twice more.
            var ner = try await status(.ner, in: store)
            #expect((ner.due, ner.done, ner.failed, ner.pending) == (4, 2, 0, 2))
            for _ in 0..<2 { try await store.end(.ner, on: ids[2...2], failing: true) }
            ner = try await status(.ner, in: store)
            #expect((ner.due, ner.done, ner.failed, ner.pending) == (4, 2, 1, 1))
            #expect(ner.coverage == 0.5)
            #expect(try await status(.language, in: store).coverage == 1)
            // resolve is due for what ner has done.
            #expect(try await status(.resolve, in: store).due == 2)
            #expect(try await status(.analytics, in: store).due == nil)
        }
    }

    @Test func `an edited text is pending again`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b"])
            try await store.end(.language, on: ids)
            try await store.ingest(texts: ["a", "another"])
            let language = try await status(.language, in: store)
            #expect((language.done, language.pending) == (1, 1))
        }
    }

    @Test func `sentiment is done with every model's verdict and failed with nothing but failures left`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b", "c", "d"])
            _ = try await store.register([Records.finance, Records.general])
            let run = try await store.anyRun()
            let finance = ModelOutcome.prediction(.of(Records.finance, [0.1, 0.7, 0.2]))
            let general = ModelOutcome.prediction(.of(Records.general, [0.1, 0.9]))
            let failure = ModelOutcome.failure(.init(code: "timeout", message: "too late"))
            for id in ids[0...2] { try await store.save(finance, of: "finance", on: id, run: run) }
            try await store.save(general, of: "general", on: ids[0], run: run)
            try await store.save(failure, of: "general", on: ids[1], run: run)
            let sentiment = try await status(.sentiment, in: store)
            #expect((sentiment.due, sentiment.done, sentiment.failed, sentiment.pending) == (4, 1, 1, 2))
            let failures = try await store.phaseFailures(Phase.allCases, models: Self.models, limit: 10)
            #expect(failures.map(\.contentID) == [ids[1]])
            #expect(failures.first?.model == "general" && failures.first?.code == "timeout")
            #expect(try await store.phaseFailures([.ner], models: Self.models, limit: 10).isEmpty)
        }
    }

    @Test func `a phase that is off for a source is not due there`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: ["a", "b"], source: "one")
            try await store.ingest(texts: ["c", "d", "e"], source: "two")
            try await store.end(.ner, on: ids)
            let yaml = "sources: {two: {phases: {ner: false}}}\nphases: {topics: {enabled: false}}"
            let ner = try await status(.ner, in: store, yaml)
            #expect((ner.state, ner.due, ner.done) == (.some, 2, 2))
            let topics = try await status(.topics, in: store, yaml)
            #expect((topics.state, topics.due, topics.pending) == (.off, 0, 0))
            let two = try await status(.language, in: store, yaml, source: "two")
            #expect((two.state, two.due) == (.on, 3))
            #expect(try await status(.ner, in: store, yaml, source: "two").state == .off)
            #expect(try await store.countPending(.ner, PhaseSelection(besides: ["two"])) == 0)
            #expect(try await store.countPending(.ner, PhaseSelection()) == 3)
            await #expect(throws: VolfefeError.self) { try await status(.ner, in: store, source: "three") }
        }
    }

    @Test func `the rate is that between the commits of the last minute`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: (0..<50).map { "text \($0)" })
            let now = Date(timeIntervalSince1970: 1_800_000_000)
            try await store.end(.language, on: ids[0..<10], at: now.addingTimeInterval(-300))
            try await store.end(.language, on: ids[10..<20], at: now.addingTimeInterval(-4))
            var language = try await status(.language, in: store)
            #expect(language.rate == nil)
            try await store.end(.language, on: ids[20..<30], at: now.addingTimeInterval(-2))
            try await store.end(.language, on: ids[30..<40], at: now)
            language = try await status(.language, in: store)
            #expect(language.rate == 5)
            #expect(language.secondsLeft == 2)
            #expect(language.lastAt == now)
        }
    }

    @Test func `a status says null in JSON where nothing is known`() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        #expect(
            String(decoding: try encoder.encode(PhaseStatus(.analytics, .on)), as: UTF8.self)
                == #"{"coverage":null,"done":null,"due":null,"eta_s":null,"failed":null,"last_at":null,"pending":null,"phase":"analytics","rate":null,"state":"on"}"#
        )
    }
}
