import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreVerdictTests {
    private let up = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
    private let down = Prediction.of(Records.finance, [0.75, 0.125, 0.125])
    private func failed(_ code: String) -> ModelOutcome { .failure(.init(code: code, message: "it happened")) }

    @Test func savingTwiceLeavesOneEqualRow() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            for _ in 0..<2 { try await store.save(.prediction(up), of: "finance", on: id, run: run) }
            let stored = try await store.classifications(id)
            #expect(stored.map(\.outcome) == [.prediction(up)] && stored[0].attempt == 1)
        }
    }

    @Test func aFailureIsRetriedAsTheNextAttemptUntilItSucceeds() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            for attempt in 1...3 {
                try await store.save(failed("timeout"), of: "finance", on: id, run: run)
                #expect(try await store.classifications(id).map(\.attempt) == [attempt])
                #expect(try await store.allWork([Records.finance]).map(\.missing) == [["finance"]])
            }
            try await store.save(.prediction(up), of: "finance", on: id, run: run)
            let stored = try await store.classifications(id)
            #expect(stored.map(\.outcome) == [.prediction(up)] && stored[0].attempt == 4)
            #expect(try await store.allWork([Records.finance]).isEmpty)
        }
    }

    @Test func aPoisonedTextIsNotTriedAgainUnlessForcedOrEdited() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            try await store.save(failed("poison"), of: "finance", on: id, run: run)
            #expect(try await store.allWork([Records.finance]).isEmpty)
            #expect(try await store.allWork([Records.finance], force: true).count == 1)
            try await store.ingest(texts: ["b"])
            #expect(try await store.allWork([Records.finance]).count == 1)
        }
    }

    @Test func aFailureNeverReplacesAGoodVerdictOnTheSameText() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            try await store.save(.prediction(up), of: "finance", on: id, run: run)
            try await store.save(failed("timeout"), of: "finance", on: id, run: run)
            #expect(try await store.classifications(id).map(\.outcome) == [.prediction(up)])
            try await store.save(.prediction(down), of: "finance", on: id, run: run)
            #expect(try await store.classifications(id).map(\.outcome) == [.prediction(down)])
        }
    }

    @Test func versionsLiveSideBySide() async throws {
        try await withStore { store in
            var second = Records.finance
            second.version = "2.0"
            second.revision = "sha256:bb"
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            let first = try await store.register([Records.finance])
            try await store.save(.prediction(up), of: "finance", on: id, run: run)
            #expect(try await store.allWork([second]).count == 1)
            let next = try await store.register([second])
            #expect(first != next)
            var newer = down
            newer.modelVersion = "2.0"
            try await store.save(.prediction(newer), of: "finance", on: id, run: run)
            let stored = try await store.classifications(id)
            #expect(stored.map(\.modelVersion) == ["1.0", "2.0"])
            #expect(stored.map(\.outcome) == [.prediction(up), .prediction(newer)])
            #expect(try await store.register([Records.finance]) == first)
        }
    }

    @Test func otherWeightsUnderTheSameLabelAreRefusedAndBothHashesNamed() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            var changed = Records.finance
            changed.revision = "sha256:bb"
            let offered = changed
            let error = await #expect(throws: StoreError.self) { try await store.register([Records.general, offered]) }
            #expect(
                error == .revisionChanged(model: "finance", version: "1.0", stored: "sha256:aa", offered: "sha256:bb"))
            #expect(error?.exitCode == 78)
            for word in ["finance", "1.0", "sha256:aa", "sha256:bb"] {
                #expect(error?.description.contains(word) == true)
            }
            // Nothing of a refused registration stays.
            #expect(try await store.storedRevision(modelID: "general", version: "1.0") == nil)
            #expect(try await store.storedRevision(modelID: "finance", version: "1.0") == "sha256:aa")
        }
    }

    @Test func otherLabelsUnderTheSameVersionAreRefused() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            var changed = Records.finance
            changed.labels.swapAt(0, 1)
            let error = await #expect(throws: StoreError.self) { try await store.register([changed]) }
            #expect(error?.exitCode == 78)
        }
    }

    @Test func aResultOfAModelThatWasNeverRegisteredIsRefusedWhole() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            let results = ModelResults(
                models: ["finance": .prediction(up), "ghost": .prediction(up)], textInfo: nil)
            await #expect(throws: StoreError.notRegistered(model: "ghost", version: "1.0")) {
                try await store.save([.init(contentID: id, textVersion: 1, results: results)], run: run)
            }
            #expect(try await store.classifications(id).isEmpty)
        }
    }

    @Test func `an answer of a version that was not asked for is a bad reply, and its siblings are kept`() async throws
    {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["a"])[0]
            var strange = up
            strange.modelVersion = "7.0"
            let good = Prediction.of(Records.general, [0.25, 0.75])
            let models: [String: ModelOutcome] = ["finance": .prediction(strange), "general": .prediction(good)]
            try await store.save(
                [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
            let stored = try await store.classifications(id)
            #expect(stored.map(\.modelID) == ["finance", "general"] && stored[1].outcome == .prediction(good))
            guard case .failure(let failure) = stored[0].outcome else {
                Issue.record("\(stored[0].outcome)")
                return
            }
            #expect(failure.code == "bad_reply")
        }
    }

    @Test func aRunKeepsItsTotalsEvenIfItNeverEnds() async throws {
        try await withStore { store in
            try await store.register([Records.finance, Records.general])
            let run = try await store.beginRun(command: "classify --all", configuration: #"[{"id":"finance"}]"#)
            let ids = try await store.ingest(texts: ["a", "b"])
            try await store.updateRun(run, environment: #"{"python":"3.11"}"#)
            for id in ids {
                let models: [String: ModelOutcome] = ["finance": .prediction(up), "general": failed("timeout")]
                try await store.save(
                    [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
            }
            let open = try #require(try await store.run(run))
            #expect(open.state == .running && open.finishedAt == nil && open.environment == #"{"python":"3.11"}"#)
            #expect((open.contents, open.succeeded, open.failed) == (2, 2, 2))
            #expect(try await store.integrityReport().openRuns == 1)
            try await store.finishRun(run, interrupted: true)
            let ended = try #require(try await store.run(run))
            #expect(ended.state == .interrupted && ended.finishedAt != nil)
        }
    }

    @Test func theSummaryCountsCurrentVerdictsOfItsScope() async throws {
        try await withStore { store in
            let models = [("general", "1.0"), ("finance", "1.0"), ("ghost", "1.0")]
            try await store.register([Records.finance, Records.general])
            let ids = try await store.ingest(texts: ["a", "b", "c", "d"])
            let first = try await store.anyRun()
            let good = Prediction.of(Records.general, [0.25, 0.75])
            func save(_ id: Int64, _ finance: ModelOutcome, _ run: Int64) async throws {
                let models: [String: ModelOutcome] = ["finance": finance, "general": .prediction(good)]
                try await store.save(
                    [.init(contentID: id, textVersion: 1, results: .init(models: models, textInfo: nil))], run: run)
            }
            try await save(ids[0], .prediction(up), first)
            try await save(ids[1], .prediction(down), first)
            let second = try await store.anyRun()
            try await save(ids[2], failed("timeout"), second)
            try await save(ids[3], .prediction(up), second)
            try await store.ingest([.init(externalID: "4", text: "edited")], source: "test")

            let all = try await store.distribution(.all, models: models)
            #expect(all.map(\.modelID) == ["general", "finance"])
            #expect(all[0].predictions == [.positive: 3] && all[0].meanConfidence == 0.75)
            #expect(all[1].predictions == [.positive: 1, .negative: 1] && all[1].failures == ["timeout": 1])
            let agreement = AgreementReport(try await store.verdictPatterns(try await store.analysedModels()))
            let section = try #require(agreement.section(.words, .all))
            #expect((section.judgedByAll, section.unanimous) == (2, 1) && section.allAgree.value == 0.5)
            #expect(try await store.distribution(.run(second), models: models).map(\.total) == [1, 0])
            #expect(try await store.distribution(.contents([ids[1]]), models: models)[1].predictions == [.negative: 1])
            let early = AgreementReport(try await store.verdictPatterns(try await store.analysedModels(), run: first))
            #expect(early == agreement)
            let late = AgreementReport(try await store.verdictPatterns(try await store.analysedModels(), run: second))
            #expect(late.section(.words, .all)?.allAgree.value == nil)
        }
    }
}
