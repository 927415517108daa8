import Foundation
import GRDB
import Inference
import Testing

@testable import Volfefe

/// Topics and stories: real SQLite; the real finder where it matters what is found, else a scripted one, which finds one topic.
@Suite struct CorpusRunTests {
    @discardableResult
    private func run(
        _ phase: Phase, _ store: Store, _ selection: PhaseSelection = PhaseSelection(), isReal: Bool = false,
        minimum: Int = 100, stop: StopRequest = StopRequest()
    ) async throws -> (report: PhaseReport, launches: Int) {
        try await withPhasePool(isReal ? CorpusTexts.pool : scriptedPhases(phases: [phase])) { pool in
            let run = CorpusRun(phase, pool: pool, settings: ["minimum_contents": .integer(minimum)], page: 30)
            let report = try await run.run(selection, in: store, stop: stop, onProgress: { _ in })
            return (report, pool.counts.launches)
        }
    }

    private static let forced = PhaseSelection(isForced: true)
    private static let dead = Owner(boot: Owner.current.boot, pid: Owner.current.pid, start: 1)

    @Test(.enabled(if: CorpusTexts.canBeFound, "requirements-phases.txt is not installed"))
    func `topics are the subjects that texts were made of, and every content has been through the phase`()
        async throws
    {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(200) + [nil, "https://t.co/x"])
            let report = try await run(.topics, store, isReal: true).report
            #expect(report == PhaseReport(.topics).with(done: 201))
            let found = try await store.topics(models: [], examples: 3, withTexts: true)
            #expect(found.topics.count == 4 && found.run?.contents == 201 && found.run?.new == 0)
            #expect(found.topics.map(\.size).reduce(0, +) + (found.run?.outliers ?? 0) == 201)
            #expect(found.run?.withoutWords == 1)
            #expect(try #require(found.run?.coherence) > 0.6)
            for topic in found.topics {
                let words = Set(topic.words.map(\.word))
                #expect(CorpusTexts.subjects.contains { words.isSubset(of: $0) }, "\(words)")
                #expect(topic.examples.count == 3 && topic.examples.allSatisfy { $0.text != nil })
                #expect(topic.sources == [.init(source: "test", contents: topic.size)])
            }
            // One subject, one topic.
            #expect(
                try await store.number(
                    """
                    SELECT max(subjects)
                    FROM (
                        SELECT count(DISTINCT (c.external_id - 1) % 4) AS subjects
                        FROM content_topic AS t JOIN contents AS c ON c.id = t.content_id
                        WHERE t.topic IS NOT NULL
                        GROUP BY t.topic)
                    """) == 1)
            #expect(try await store.countPending(.topics, PhaseSelection()) == 0)
            #expect(try await store.number("SELECT count(*) FROM corpus_runs WHERE state = 'current'") == 1)
            #expect(try await store.texts("SELECT DISTINCT state FROM runs") == [["finished"]])
        }
    }

    @Test func `topics wait for enough contents and for enough new ones, and launch nothing meanwhile`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(99))
            let few = try await run(.topics, store, Self.forced)
            #expect(few.report.reason == "topics need 100 contents with a text, and there are 99")
            #expect(few.launches == 0)
            #expect(try await store.topics(models: []).reason == "the phase topics has not run yet")
            try await store.ingest(texts: CorpusTexts.texts(150))
            #expect(try await run(.topics, store).report.done == 150)
            try await store.ingest(texts: CorpusTexts.texts(249))
            let early = try await run(.topics, store)
            #expect(
                early.report.reason?.contains("wait for 100 new contents since the last time, and there are 99") == true
            )
            #expect(early.launches == 0)
            #expect(try await run(.topics, store, Self.forced).report.done == 249)
            #expect(
                try await store.texts("SELECT state, contents FROM corpus_runs ORDER BY id") == [
                    ["superseded", "150"], ["current", "249"],
                ])
            // Of the older run nothing is left but what is told of it.
            #expect(try await store.number("SELECT count(*) FROM corpus_contents") == 249)
        }
    }

    @Test(.enabled(if: CorpusTexts.canBeFound, "requirements-phases.txt is not installed"))
    func `the same collection gives the same topics`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(120))
            try await run(.topics, store, isReal: true)
            let first = try await store.texts("SELECT topic, size, coherence, words FROM current_topics")
            let places = try await store.texts("SELECT * FROM content_topic ORDER BY content_id")
            try await run(.topics, store, Self.forced, isReal: true)
            #expect(try await store.texts("SELECT topic, size, coherence, words FROM current_topics") == first)
            #expect(try await store.texts("SELECT * FROM content_topic ORDER BY content_id") == places)
        }
    }

    @Test func `a source has topics of its own beside those of the collection`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(120), source: "x")
            try await store.ingest(texts: CorpusTexts.texts(110), source: "y")
            try await run(.topics, store)
            #expect(try await run(.topics, store, PhaseSelection(source: "x")).report.done == 120)
            #expect(try await store.topics(models: []).run?.contents == 230)
            #expect(try await store.topics(of: "x", models: []).run?.contents == 120)
            #expect(try await store.topics(of: "y", models: []).run == nil)
            #expect(
                try await store.texts(
                    "SELECT of_source, count(*) FROM content_topic GROUP BY of_source ORDER BY of_source") == [
                        ["-", "230"], ["x", "120"],
                    ])
            await #expect(throws: VolfefeError.self) { try await run(.topics, store, PhaseSelection(source: "z")) }
            await #expect(throws: VolfefeError.self) { _ = try await store.topics(only: 0, models: []) }
        }
    }

    @Test func `a content that is edited is stale and new, one that is deleted is gone`() async throws {
        try await withStore { store in
            let texts = CorpusTexts.texts(120)
            let ids = try await store.ingest(texts: texts)
            try await run(.topics, store)
            try await run(.stories, store)
            try await store.ingest(texts: ["something else altogether now"] + texts.dropFirst())
            try await store.write { db in try db.execute(sql: "DELETE FROM contents WHERE id = \(ids[1])") }
            #expect(try await store.topics(models: []).run?.new == 1)
            #expect(try await store.texts("SELECT content_id FROM content_topic WHERE stale") == [["\(ids[0])"]])
            #expect(try await store.number("SELECT count(*) FROM corpus_contents WHERE content_id = \(ids[1])") == 0)
            #expect(try await store.countPending(.topics, PhaseSelection()) == 1)
            #expect(try await run(.stories, store).report.done == 119)
        }
    }

    @Test func `what a dead process has built is swept away, and nobody ever saw it`() async throws {
        try await withStore { store in
            let ids = try await store.ingest(texts: CorpusTexts.texts(120))
            try await run(.topics, store)
            let seen = try await store.texts("SELECT * FROM content_topic ORDER BY content_id")
            let method = try await store.phaseMethod(.topics, method: "m", revision: "r")
            // Killed halfway: contents are held and some have their topic.
            guard
                case .begun(let build) = try await store.beginCorpusRun(.topics, method: method, owner: Self.dead)
            else { throw CancellationError() }
            let items = try await store.pending(.topics, PhaseSelection(isForced: true), after: 0, limit: 50)
            #expect(try await store.hold(items, in: build))
            let part = #"{"assigned": [{"key": \#(ids[0]), "topic": 3, "likeness": 1.0000001}]}"#
            let found = try JSONDecoder().decode(FoundPart.self, from: Data(part.utf8))
            #expect(try await store.save(found, stories: 0, in: build))
            #expect(try await store.texts("SELECT * FROM content_topic ORDER BY content_id") == seen)

            #expect(try await run(.topics, store, Self.forced).report.done == 120)
            #expect(try await store.number("SELECT count(*) FROM corpus_contents") == 120)
            #expect(
                try await store.texts("SELECT state FROM corpus_runs ORDER BY id") == [["superseded"], ["current"]])
            // Whoever wakes up after that writes nothing.
            #expect(try await store.hold(items, in: build) == false)
            #expect(try await store.save(found, stories: 0, in: build) == false)
            let summary = #"{"contents": 1, "topics": []}"#
            #expect(
                try await store.finish(
                    build, JSONDecoder().decode(FoundSummary.self, from: Data(summary.utf8))) == false)
        }
    }

    @Test func `of two at once the second says who is at it`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(120), source: "x")
            let method = try await store.phaseMethod(.topics, method: "m", revision: "r")
            guard
                case .begun(let build) = try await store.beginCorpusRun(.topics, method: method)
            else { throw CancellationError() }
            let second = try await run(.topics, store).report
            #expect(second.done == 0)
            #expect(second.reason?.contains("process \(Owner.current.pid) has been at it since") == true)
            // Stories, and topics of a source, are other work.
            #expect(try await run(.stories, store).report.done == 120)
            #expect(try await run(.topics, store, PhaseSelection(source: "x")).report.done == 120)
            try await store.abandon(build)
            #expect(try await run(.topics, store).report.done == 120)
        }
    }

    @Test func `a process that dies while it finds leaves what was there`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b", "c", "d", "e"])
            #expect(try await run(.topics, store, minimum: 2).report.done == 5)
            try await store.ingest(texts: ["a", "b", "c", "d #exit 3", "e"])
            await #expect(throws: InferenceError.self) { try await run(.topics, store, Self.forced, minimum: 2) }
            #expect(try await store.texts("SELECT state, contents FROM corpus_runs") == [["current", "5"]])
            #expect(try await store.number("SELECT count(*) FROM corpus_contents") == 5)
            #expect(try await store.texts("SELECT state FROM runs ORDER BY id") == [["finished"], ["interrupted"]])
            #expect(try await store.countPending(.topics, PhaseSelection()) == 1)
        }
    }

    @Test func `a source that is left out is neither looked at nor missed`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(100), source: "x")
            try await store.ingest(texts: CorpusTexts.texts(30), source: "y")
            let selection = PhaseSelection(besides: ["y"])
            #expect(try await store.corpusDue(.topics, selection) == CorpusDue(contents: 100, new: 100))
            #expect(try await run(.topics, store, selection).report.done == 100)
            #expect(try await store.topics(models: []).run?.new == 0)
            #expect(try await store.corpusDue(.topics, PhaseSelection()) == CorpusDue(contents: 130, new: 30))
        }
    }

    @Test func `a stop ends it with nothing changed`() async throws {
        try await withStore { store in
            try await store.ingest(texts: CorpusTexts.texts(120))
            let stop = StopRequest()
            stop.request()
            let report = try await run(.stories, store, stop: stop).report
            #expect(report.done == 0 && report.reason == "it was stopped before anything was found")
            #expect(try await store.number("SELECT count(*) FROM corpus_runs") == 0)
            #expect(try await store.countPending(.stories, PhaseSelection()) == 120)
        }
    }

    @Test func `contents that vanish between reading and holding are left out`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["a", "b"])
            let method = try await store.phaseMethod(.stories, method: "m", revision: "r")
            guard
                case .begun(let build) = try await store.beginCorpusRun(.stories, method: method)
            else { throw CancellationError() }
            let items = try await store.pending(.stories, PhaseSelection(), after: 0, limit: 9)
            try await store.write { db in try db.execute(sql: "DELETE FROM contents WHERE external_id = '1'") }
            #expect(try await store.hold(items, in: build))
            let part =
                #"{"stories": [{"sources": 1, "contents": [{"key": 1, "likeness": 1}, {"key": 2, "likeness": 1}]}]}"#
            #expect(
                try await store.save(
                    JSONDecoder().decode(FoundPart.self, from: Data(part.utf8)), stories: 0, in: build))
            let summary = #"{"contents": 2, "stories": 1, "in_stories": 2}"#
            #expect(try await store.finish(build, JSONDecoder().decode(FoundSummary.self, from: Data(summary.utf8))))
            #expect(try await store.stories(StoryFilter()).stories.map(\.contents) == [1])
        }
    }

    @Test(.enabled(if: CorpusTexts.canBeFound, "requirements-phases.txt is not installed"))
    func `reposts and corrected versions are stories, across sources where they are`() async throws {
        try await withStore { store in
            let news = "The Federal Reserve has cut its key rate by a quarter of a point after inflation fell"
            let other = "A hospital in Ohio has opened its new clinic for patients with a rare virus this week"
            func drafts(_ texts: [String], day: Int) -> [ContentDraft] {
                texts.enumerated().map { index, text in
                    ContentDraft(
                        externalID: "\(index)", text: text,
                        publishedAt: Date(timeIntervalSince1970: Double(1_761_436_800 + 86_400 * (day + index))))
                }
            }
            try await store.ingest(drafts([news, other, other + "."], day: 0), source: "x")
            try await store.ingest(drafts(["nothing else is like this text of ours", news + "!"], day: 1), source: "y")
            #expect(try await run(.stories, store, isReal: true).report.done == 5)
            #expect(try await run(.stories, store).report.reason == "nothing is new since the last time")
            let all = try await store.stories(StoryFilter(withTexts: true))
            #expect(all.total == 2 && all.inStories == 4)
            #expect(Set(all.stories.map(\.sources)) == [["x", "y"], ["x"]])
            let across = try await store.stories(StoryFilter(acrossSources: true))
            #expect(across.total == 1 && across.stories.map(\.sources) == [["x", "y"]])
            let story = try #require(across.stories.first)
            #expect(story.text == nil && story.members.isEmpty)
            let shown = try #require(
                try await store.stories(StoryFilter(only: story.story, withTexts: true)).stories.first)
            #expect(shown.members.map(\.text) == [news, news + "!"])
            #expect(shown.first == shown.members.first?.publishedAt && shown.last == shown.members.last?.publishedAt)
            await #expect(throws: VolfefeError.self) { _ = try await store.stories(StoryFilter(only: 9)) }
            #expect(
                try await store.texts("SELECT count(*), count(DISTINCT story) FROM content_stories") == [["4", "2"]])
        }
    }
}

extension PhaseReport {
    fileprivate func with(done: Int) -> PhaseReport {
        var report = self
        report.done = done
        return report
    }
}
