import Foundation
import Inference
import Testing

@testable import Volfefe

@Suite struct StoreContentTests {
    @Test func draftsAreInsertedOnceAndReportedInTheirOrder() async throws {
        try await withStore { store in
            let first = try await store.ingest(
                ["b", "a", "b"].map { ContentDraft(externalID: $0, text: "text of \($0)") }, source: "s")
            #expect(first.outcomes == [.inserted, .inserted, .unchanged])
            #expect(first.contentIDs == [1, 2, 1] && first.textVersions == [1, 1, 1])
            let other = try await store.ingest([.init(externalID: "a", text: "text of a")], source: "another")
            #expect(other.outcomes == [.inserted] && other.contentIDs == [3])
            #expect(try await store.ingest([], source: "empty").contentIDs.isEmpty)
            #expect(try await store.integrityReport().sources == 2)
        }
    }

    @Test(arguments: [
        "a\0b\0", "\0", "line\u{2028}line\u{85}\u{0B}", "👩‍👩‍👧‍👦🇩🇪e\u{301}", "\u{FEFF}bom", "\u{FFFD}",
        "'; DROP TABLE contents; --", String(repeating: "\n", count: 5000), String(repeating: "🔥", count: 25_000), " ",
    ])
    func aTextComesBackByteForByte(text: String) async throws {
        try await withStore { store in
            let id = try await store.ingest(texts: [text])[0]
            #expect(try await store.content(id)?.text.map { Array($0.utf8) } == Array(text.utf8))
            #expect(try await store.allWork([Records.finance]).map { Array($0.text.utf8) } == [Array(text.utf8)])
            #expect(try await store.ingest(texts: [text]) == [id])
            #expect(try await store.integrityReport().isHealthy)
        }
    }

    @Test func aSampleIsSpreadEvenlyOverWhatHasAText() async throws {
        try await withStore { store in
            #expect(try await store.sampleTexts(limit: 10).isEmpty)
            _ = try await store.ingest(texts: (0..<10).map { "text \($0)" })
            _ = try await store.ingest([.init(externalID: "empty", text: nil)], source: "without")
            #expect(try await store.sampleTexts(limit: 4) == ["text 2", "text 4", "text 7", "text 9"])
            #expect(try await store.sampleTexts(limit: 10).count == 10)
            #expect(try await store.sampleTexts(limit: 100) == (0..<10).map { "text \($0)" })
        }
    }

    @Test func allFieldsComeBack() async throws {
        try await withStore { store in
            let time = Date(timeIntervalSince1970: 1_761_430_550.076)
            let draft = ContentDraft(
                externalID: "x\0y", text: "t", author: "a", publishedAt: time, url: "https://e.x/1",
                meta: #"{"likes":1}"#)
            let id = try await store.ingest([draft], source: "s\0").contentIDs[0]
            let content = try #require(try await store.content(id))
            #expect(content.source == "s\u{FFFD}" && content.externalID == "x\u{FFFD}y" && content.author == "a")
            #expect(content.publishedAt == time && content.url == "https://e.x/1" && content.meta == #"{"likes":1}"#)
            #expect(try await store.content(id + 1) == nil)
        }
    }

    @Test func aSecondDraftAddsWhatItKnowsAndTakesNothingAway() async throws {
        try await withStore { store in
            let full = ContentDraft(externalID: "1", text: "t", author: "a", url: "u", meta: #"{"likes":1,"id":7}"#)
            let id = try await store.ingest([full], source: "s").contentIDs[0]
            let before = try #require(try await store.content(id))
            let again = try await store.ingest(
                [.init(externalID: "1", text: "t", meta: #"{"likes":2,"replies":3}"#)], source: "s")
            #expect(again.outcomes == [.unchanged])
            let after = try #require(try await store.content(id))
            #expect(after.meta == #"{"likes":2,"id":7,"replies":3}"# && after.author == "a" && after.url == "u")
            #expect(after.textVersion == before.textVersion)
        }
    }

    @Test func anEditedTextMakesItsVerdictsStaleAndDueAgain() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["before"])[0]
            let old = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
            try await store.save(
                [
                    .init(
                        contentID: id, textVersion: 1,
                        results: .init(models: ["finance": .prediction(old)], textInfo: .of("before")))
                ], run: run)
            #expect(try await store.allWork([Records.finance]).isEmpty)

            let edit = try await store.ingest([.init(externalID: "1", text: "after")], source: "test")
            #expect(edit.outcomes == [.edited] && edit.textVersions == [2])
            let stale = try await store.classifications(id)
            #expect(stale.map(\.isStale) == [true] && stale[0].outcome == .prediction(old))
            #expect(try await store.textInfo(id) == nil)
            let work = try await store.allWork([Records.finance])
            #expect(work == [.init(contentID: id, text: "after", textVersion: 2, missing: ["finance"])])

            let new = Prediction.of(Records.finance, [0.75, 0.125, 0.125])
            try await store.save(.prediction(new), of: "finance", on: id, textVersion: 2, run: run)
            // A late answer on the old text changes nothing any more.
            try await store.save(.prediction(old), of: "finance", on: id, textVersion: 1, run: run)
            let now = try await store.classifications(id)
            #expect(now.map(\.isStale) == [false] && now[0].outcome == .prediction(new))
        }
    }

    @Test func aTextThatDisappearsLeavesTheContentWithoutText() async throws {
        try await withStore { store in
            let id = try await store.ingest(texts: ["there"])[0]
            let gone = try await store.ingest([.init(externalID: "1", text: "")], source: "test")
            #expect(gone.outcomes == [.edited])
            let content = try #require(try await store.content(id))
            #expect(content.text == nil && content.textVersion == 2)
            #expect(try await store.allWork([Records.finance]).isEmpty)
        }
    }

    @Test func aResultOnATextThatWasEditedMeanwhileIsStoredAsStale() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let id = try await store.ingest(texts: ["before"])[0]
            try await store.ingest([.init(externalID: "1", text: "after")], source: "test")
            let late = Prediction.of(Records.finance, [0.125, 0.75, 0.125])
            try await store.save(.prediction(late), of: "finance", on: id, textVersion: 1, run: run)
            #expect(try await store.classifications(id).map(\.isStale) == [true])
            #expect(try await store.allWork([Records.finance]).map(\.textVersion) == [2])
        }
    }

    @Test func deletingAContentDeletesItsVerdicts() async throws {
        try await withStore { store in
            try await store.register([Records.finance])
            let run = try await store.anyRun()
            let ids = try await store.ingest(texts: ["a", "b"])
            for id in ids {
                try await store.save(.prediction(.of(Records.finance, [0, 1, 0])), of: "finance", on: id, run: run)
            }
            try await store.write { try $0.execute(sql: "DELETE FROM contents WHERE id = ?", arguments: [ids[0]]) }
            try await store.save(.prediction(.of(Records.finance, [0, 1, 0])), of: "finance", on: ids[0], run: run)
            let report = try await store.integrityReport()
            #expect(report.predictions == 1 && report.danglingReferences == 0)
        }
    }
}
