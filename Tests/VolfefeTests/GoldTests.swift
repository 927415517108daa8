import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// Gold labels from files into a real database, and what is asked of them.
@Suite struct GoldTests {
    private func gold(_ store: Store) async throws -> [String?] {
        try await store.labelledTexts(matching: GoldFilter(limit: 100)).map { $0.gold?.rawValue }
    }

    @Test func `a content is found by its id, by its id in a source, and by its text`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"], source: "posts")
            let report = try await store.load(
                """
                {"content_id": 1, "label": "positive"}
                {"external_id": "2", "source": "posts", "label": "Neg"}
                {"text": "three", "label": ["NEUTRAL"]}
                """)
            #expect((report.read, report.new, report.problems) == (3, 3, 0))
            #expect(try await gold(store) == ["positive", "negative", "neutral"])
            let csv = try await store.load("id,label\n1,pos\n2,neg\n3,neu\n", as: "l.csv", source: "posts")
            #expect((csv.unchanged, csv.new, csv.changed, csv.problems) == (3, 0, 0, 0))
        }
    }

    @Test func `a file read twice changes nothing, and a label that differs is replaced and kept`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two"])
            let first = "id,label,annotator\n1,positive,kim\n2,neutral,kim\n"
            #expect(try await store.load(first, as: "a.csv").new == 2)
            let again = try await store.load(first, as: "a.csv")
            #expect((again.new, again.changed, again.unchanged) == (0, 0, 2))
            #expect(try await store.load("id,label,annotator\n1,negative,kim\n", as: "b.csv").changed == 1)
            #expect(try await gold(store) == ["negative", "neutral"])
            let history = try await store.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT content_id, annotator, sentiment, replaced_at >= inserted_at FROM gold_history"
                )
                .map { $0.databaseValues.map(\.description).joined(separator: " ") }
            }
            #expect(history == [#"1 "kim" 1 1"#])
            #expect(try await store.goldTotals().replaced == 1)
        }
    }

    @Test func `bad lines are named and cost only themselves`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", nil])
            let report = try await store.load(
                """
                id,label,text
                1,positive,
                2,glad,
                9,neutral,
                3,neutral,
                2,neutral,quite different
                x,neutral,
                1,negative,
                2,,
                """, as: "l.csv")
            #expect((report.new, report.problems, report.unlabelled) == (1, 6, 1))
            let expected = [
                "l.csv:3: the label \"glad\"", "l.csv:7: the id is one in a source", "l.csv:4: there is no content 9",
                "l.csv:5: content 3 has no text", "l.csv:6: no stored content has this text",
                "l.csv:8: this content has another label on line 2",
            ]
            for sentence in expected {
                #expect(report.firstProblems.contains { $0.contains(sentence) }, "\(sentence): \(report.firstProblems)")
            }
            #expect(report.firstProblems.allSatisfy { !$0.contains("quite different") })
        }
    }

    @Test func `an id with a text must fit it, and a text alone labels all that are equal`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["same", "same", "other"])
            let report = try await store.load(#"{"text": "same", "label": "positive"}"#)
            #expect((report.read, report.new) == (1, 2))
            let one = try await store.load(
                #"{"id": 2, "text": "same", "label": "negative"}"# + "\n"
                    + #"{"content_id": 3, "text": "same", "label": "neutral"}"#, annotator: "kim")
            #expect(one.new == 1 && one.firstProblems.first?.contains("content 3 has another text") == true)
            // The file's own numbering does no harm.
            let numbered = try await store.load(#"{"id": 77, "text": "other", "label": "neutral"}"#)
            #expect(numbered.new == 1 && numbered.problems == 0)
            let wrong = try await store.load(
                #"{"id": "3", "source": "test", "text": "same", "label": "positive"}"#)
            #expect(wrong.firstProblems.first?.contains("content 3 has another text") == true)
        }
    }

    @Test func `numbers are never guessed, and names may be given`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"])
            let file = "id,label\n1,0\n2,2\n3,mixed\n"
            #expect(try await store.load(file, as: "l.csv").problems == 3)
            let names = try LabelNames("0=negative,1=neutral,2=positive,mixed=skip")
            let report = try await store.load(file, as: "l.csv", labels: names)
            #expect((report.new, report.unlabelled, report.problems) == (2, 1, 0))
            #expect(try await gold(store) == ["negative", "positive"])
            for wrong in ["", "0", "0=glad", "=positive"] {
                #expect(throws: VolfefeError.self) { try LabelNames(wrong) }
            }
        }
    }

    @Test func `what a model said is no label`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one"])
            let report = try await store.load("id,model,sentiment\n1,vader,positive\n", as: "l.csv")
            #expect(report.problems == 1 && report.firstProblems[0].contains("what a model said"))
            #expect(try await store.load("id,sentiment\n1,positive\n", as: "l.csv").new == 1)
        }
    }

    @Test func `a table without a label column says which columns it has`() async throws {
        try await withStore { store in
            let error = await #expect(throws: VolfefeError.self) {
                _ = try await store.load("id,note\n1,x\n", as: "l.csv")
            }
            #expect(error?.exitCode == 65 && "\(error.map(String.init(describing:)) ?? "")".contains("id, note"))
        }
    }

    @Test func `an edited text makes its labels stale until the new text is labelled`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one"])
            let file = "id,label\n1,positive\n"
            #expect(try await store.load(file, as: "l.csv").new == 1)
            try await store.ingest(texts: ["edited"])
            #expect(try await gold(store) == [nil])
            let totals = try await store.goldTotals()
            #expect((totals.contents, totals.stale) == (0, 1))
            // The old file says nothing about the new text.
            let again = try await store.load(file, as: "l.csv")
            #expect((again.stale, again.changed) == (1, 0))
            let new = try await store.load("id,label,text\n1,positive,edited\n", as: "n.csv")
            #expect(new.changed == 1)
            #expect(try await gold(store) == ["positive"])
        }
    }

    @Test func `most annotators decide, ties are shown and left out, and annotators' agreement is told`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two", "three"])
            let report = try await store.load(
                """
                id,label,annotator
                1,positive,kim
                1,positive,lee
                1,negative,ana
                2,positive,kim
                2,negative,lee
                3,neutral,kim
                3,neutral,lee
                """, as: "l.csv")
            #expect(report.new == 7)
            #expect(try await gold(store) == ["positive", nil, "neutral"])
            var filter = GoldFilter(limit: 9)
            filter.tiesOnly = true
            #expect(try await store.labelledTexts(matching: filter).map(\.contentID) == [2])
            let statistics = try await store.goldStatistics()
            #expect((statistics.totals.contents, statistics.totals.ties, statistics.labelledTwice) == (2, 1, 3))
            #expect(statistics.allAgree.value == 1.0 / 3)
            // krippendorff.alpha(level_of_measurement="nominal") of the same table.
            #expect(isClose(statistics.krippendorffAlpha.value, 0.25))
            #expect(statistics.annotators.map(\.annotator) == ["ana", "kim", "lee"])
            #expect(statistics.annotators.map(\.withMajority.value) == [0, 1, 1])
            #expect(statistics.pairs.map(\.contents) == [1, 1, 3] && statistics.pairs[2].agreement.value == 2.0 / 3)
            #expect(statistics.sources.map(\.gold) == [2])
        }
    }
}
