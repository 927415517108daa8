import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// A consensus of a real database, and what is kept of it.
@Suite struct ConsensusStoreTests {
    private static let a = Records.ternary("a")
    private static let b = Records.ternary("b")
    private static let binary = Records.binary("binary")

    private func version(
        _ store: Store, _ method: ConsensusMethod = .majority, minimumModels: Int = 1, weights: [Double]? = nil
    ) async throws -> ConsensusVersion {
        try ConsensusVersion(
            method: method, models: try await store.analysedModels(nil), weights: weights, minimumModels: minimumModels)
    }

    private func rows(_ store: Store, _ sql: String) async throws -> [String] {
        try await store.read { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "NULL" : "\($0.storage.value ?? "")" }.joined(separator: "|")
            }
        }
    }

    @Test func `two models that differ only where one cannot say neutral agree in everything that both can say`()
        async throws
    {
        try await withStore { store in
            let lines = ["++", "--", "++", "0+", "0-", "--", "0-", "++"]
            try await store.judge([Self.a, Self.binary], lines)
            let models = try await store.analysedModels(nil)
            // Agreement, comparison and consensus all say that three contents could not be expressed.
            let shared = AgreementReport(try await store.verdictPatterns(models)).sections[0]
            #expect(shared.labels == .shared && shared.allAgree.value == 1 && shared.inexpressible == 3)
            #expect(isClose(shared.krippendorffAlpha.value, 1) && isClose(shared.pairs[0].kappa.value, 1))
            let compared = try await store.compare(models[0], models[1], top: 9)
            #expect(compared.sharedAgreement.value == 1 && compared.inexpressible == 3)
            for method in [ConsensusMethod.majority, .weighted] {
                let report = try await store.consensus(try await version(store, method))
                let said = report.contents.map { $0.decision.sentiment }
                #expect(said == lines.map { $0.first.flatMap { Signs.sentiments[$0] } })
                #expect(report.contents.allSatisfy { $0.decision.agreement == 1 })
                #expect(report.summary.inexpressible == 3 && report.summary.ties == 0)
                #expect(report.summary.models.map(\.agreement.value) == [1, 1])
                #expect(report.summary.models.map(\.contents) == [8, 5])
                #expect(report.summary.models.map(\.inexpressible) == [0, 3])
            }
            // Without the one that can say neutral, these three change, and nothing else.
            let redundancy = try await store.redundancy(try await version(store))
            #expect(redundancy.models.map(\.model) == ["binary@1.0", "a@1.0"])
            #expect(redundancy.models.map(\.changed.value) == [0, 3.0 / 8])
            #expect(redundancy.models.map(\.inexpressible) == [3, 3])
            #expect(redundancy.models.allSatisfy { $0.agreement.value == 1 })
        }
    }

    @Test func `failures, missing verdicts, edited texts and contents without a text are not counted`() async throws {
        try await withStore { store in
            try await store.judge([Self.a, Self.b], ["++", "+!", " -", "+-", "!!", "  "])
            try await store.ingest([.init(externalID: "1", text: "another text")], source: "test")
            try await store.ingest([.init(externalID: "x", text: nil)], source: "test")
            let report = try await store.consensus(try await version(store, minimumModels: 2))
            #expect(report.contents.map(\.contentID) == [2, 3, 4])
            #expect(report.contents.map { $0.decision.reason } == ["too_few", "too_few", "tie"])
            #expect(report.summary.contents == 6 && report.summary.judged == 3)
            #expect(report.summary.tooFew == 2 && report.summary.ties == 1 && report.summary.positive == 0)
            let any = try await store.consensus(try await version(store))
            #expect(any.contents.map { $0.decision.sentiment } == [.positive, .negative, nil])
        }
    }

    @Test func `what is stored reads back through the view, and touches no verdict`() async throws {
        try await withStore { store in
            try await store.judge([Self.a, Self.b], ["++", "+-", "0 "])
            let before = try await rows(store, "SELECT * FROM classifications")
            let report = try await store.consensus(try await version(store, minimumModels: 2), storing: true)
            #expect(report.isStored)
            let stored = try await rows(
                store,
                """
                SELECT
                    content_id, method, sentiment, confidence, agreement, models, reason, tied, score_negative,
                    text_version, stale
                FROM content_consensus WHERE consensus = '\(report.name)'
                """)
            #expect(
                stored == [
                    "1|majority|positive|1.0|1.0|2|NULL|NULL|NULL|1|0",
                    "2|majority|NULL|NULL|NULL|2|tie|positive, negative|0.5|1|0",
                    "3|majority|NULL|NULL|NULL|1|too_few|NULL|NULL|1|0",
                ])
            #expect(try await rows(store, "SELECT * FROM classifications") == before)
            #expect(try await store.integrityReport().isHealthy)
            let models = "SELECT model_version_id, weight FROM consensus_models"
            #expect(try await rows(store, models) == ["1|NULL", "2|NULL"])
        }
    }

    @Test func `an edited text and a newer verdict make a stored row stale, and computing it again replaces it`()
        async throws
    {
        try await withStore { store in
            try await store.judge([Self.a, Self.b], ["++", "--", "+ "])
            let version = try await self.version(store)
            let name = try await store.consensus(version, storing: true).name
            let query = "SELECT content_id, sentiment, stale FROM content_consensus"
            #expect(try await rows(store, query) == ["1|positive|0", "2|negative|0", "3|positive|0"])
            try await store.ingest([.init(externalID: "1", text: "another text")], source: "test")
            // The clock has gone on since.
            try await store.write {
                try $0.execute(sql: "UPDATE consensus_versions SET computed_at = computed_at - 1000")
            }
            let run = try await store.anyRun()
            try await store.save(.prediction(.of(Self.b, [0.75, 0.125, 0.125])), of: "b", on: 3, run: run)
            try await store.write {
                try $0.execute(sql: "UPDATE classifications SET inserted_at = inserted_at - 5000 WHERE content_id < 3")
            }
            #expect(try await rows(store, query) == ["1|positive|1", "2|negative|0", "3|positive|1"])
            // The first content has no verdict on its new text, so no consensus any more.
            #expect(try await store.consensus(version, storing: true).name == name)
            try await store.write { try $0.execute(sql: "UPDATE consensus_versions SET computed_at = computed_at + 1") }
            #expect(try await rows(store, query) == ["2|negative|0", "3|NULL|0"])
            // Other parameters are another version beside it.
            _ = try await store.consensus(
                try await self.version(store, .weighted, weights: [0.2, 0.4]), storing: true)
            #expect(try await rows(store, "SELECT count(*) FROM consensus_versions") == ["2"])
            #expect(try await rows(store, "SELECT count(*) FROM consensus") == ["4"])
            #expect(try await rows(store, "SELECT weight FROM consensus_models WHERE weight > 0") == ["0.2", "0.4"])
        }
    }

    @Test func `a deleted content takes its consensus along`() async throws {
        try await withStore { store in
            try await store.judge([Self.a, Self.b], ["++", "--"])
            _ = try await store.consensus(try await version(store), storing: true)
            try await store.write { try $0.execute(sql: "DELETE FROM contents WHERE id = 1") }
            #expect(try await rows(store, "SELECT content_id FROM consensus") == ["2"])
        }
    }

    @Test func `Dawid and Skene's estimate is stored with its errors, and is that of the counts`() async throws {
        try await withStore { store in
            let lines = ["+++", "+++", "---", "00-", "00+", "+0+", "---", "0--", "+++"]
            try await store.judge([Self.a, Self.b, Self.binary], lines)
            let report = try await store.consensus(try await version(store, .dawidSkene), storing: true)
            let errors = try #require(report.errors)
            #expect(errors.models.map(\.model) == ["a@1.0", "b@1.0", "binary@1.0"] && errors.caution == nil)
            #expect(errors.models[2].confusion["neutral"]?["neutral"] == 0)
            let counted = DawidSkene(
                Dictionary(grouping: lines) { $0 }.map { .init(pattern: Signs.pattern($0), count: $1.count) }, voters: 3
            )
            #expect(errors.logLikelihood == counted.logLikelihood && errors.iterations == counted.iterations)
            let details = try await rows(store, "SELECT details ->> 'iterations' FROM consensus_versions")
            #expect(details == ["\(errors.iterations)"])
            let neutral = try #require(report.contents.first { $0.contentID == 4 })
            #expect(neutral.decision.confidence == counted.posterior(Signs.pattern("00-"))?.max())
        }
    }

    @Test func `an empty database has no consensus, and none can be stored`() async throws {
        try await withStore { store in
            let version = try await self.version(store)
            for method in ConsensusMethod.allCases {
                let report = try await store.consensus(try await self.version(store, method))
                #expect(report.contents.isEmpty && report.summary.judged == 0)
            }
            let error = await #expect(throws: VolfefeError.self) { try await store.consensus(version, storing: true) }
            #expect(error?.exitCode == 66)
            #expect(try await store.redundancy(version).models.isEmpty)
        }
    }
}
