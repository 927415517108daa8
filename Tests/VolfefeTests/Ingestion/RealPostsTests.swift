import Testing

@testable import Volfefe

@Suite struct RealPostsTests {
    @Test func everyExampleHasAText() throws {
        let reading = try Reading(path: projectRoot + "/examples/posts.jsonl")
        #expect(reading.drafts.count >= 60)
        #expect(reading.problems.isEmpty)
        #expect(reading.drafts.allSatisfy { $0.text != nil && $0.publishedAt != nil && $0.url != nil })
        #expect(Set(reading.texts).count == reading.drafts.count)
    }

    @Test(
        .enabled(if: sharedData("posts") != nil),
        arguments: [
            ("truth_archive_2025-10_sample.json", 140), ("truth_backfill_2025-10-25_31.jsonl", 140),
            ("truth_market_hours_2025.csv", 1255),
        ])
    func realFilesAreReadWithoutAProblem(name: String, count: Int) throws {
        let reading = try Reading(path: try #require(sharedData("posts/" + name)))
        #expect(reading.drafts.count + reading.duplicates == count)
        #expect(reading.problems.isEmpty)
        #expect(reading.drafts.allSatisfy { $0.publishedAt != nil && $0.externalID.allSatisfy(\.isNumber) })
        for text in reading.texts.compactMap(\.self) {
            #expect(!text.contains(#/<\/?(a|p|br|span)\b/#))
            #expect(!text.contains("&amp;") && !text.contains("  "))
        }
    }
}
