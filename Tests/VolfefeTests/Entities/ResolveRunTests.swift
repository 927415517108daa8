import Foundation
import Inference
import Synchronization
import Testing

@testable import Volfefe

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Found names become entities; the real worker, real SQLite.
@Suite struct ResolveRunTests {
    @Test func `Nike, Nike Inc and Nike, Inc. become one, and the enhanced names its aliases`() async throws {
        try await withStore { store in
            try await store.find([[.sure("Nike")], [.seen("Nike Inc")], [.seen("Nike, Inc.", "company", 0.7)]])
            #expect(try await store.resolve().done == 3)
            #expect(
                try await store.standings() == ["Nike|linked|Nike", "Nike Inc|linked|Nike", "Nike, Inc.|linked|Nike"])
            #expect(try await store.entityStates() == ["Nike|active"])
            let merged = try await store.entityDecisions(DecisionFilter(actor: "resolve"))
            #expect(merged.map(\.action) == [.merge, .merge])
            #expect(merged.allSatisfy { $0.score == 1 && $0.why?.isEmpty == false })
        }
    }

    @Test func `what nothing is like is new when it is sure enough, and for a person otherwise`() async throws {
        try await withStore { store in
            try await store.find([
                [
                    .seen("Gary Player", "person", 0.95), .seen("Heritage Committee", "organisation", 0.7, at: 20),
                ]
            ])
            try await store.resolve()
            #expect(
                try await store.standings() == ["Gary Player|linked|Gary Player", "Heritage Committee|review|-"])
            let conflicts = try await store.nameConflicts(ConflictFilter())
            #expect(conflicts.total == 1)
            #expect(conflicts.shown.first?.candidates.isEmpty == true)
            #expect(conflicts.shown.first?.why?.contains("confidence is not above 0.8") == true)
        }
    }

    @Test func `a name of several entities is for a person, with all of them as candidates`() async throws {
        try await withStore { store in
            try await store.find([
                [.sure("John A. Zorblatt", "person"), .sure("John B. Zorblatt", "person", at: 30)],
                [.seen("John Zorblatt", "person", 0.95)],
            ])
            try await store.resolve()
            let conflict = try await store.nameConflicts(ConflictFilter()).shown.first
            #expect(conflict?.name == "John Zorblatt")
            #expect(conflict?.why == "several entities match")
            #expect(Set(conflict?.candidates.map(\.name) ?? []) == ["John A. Zorblatt", "John B. Zorblatt"])
        }
    }

    @Test func `the middle band is for a person, and conservative entities that nothing matches stay`() async throws {
        try await withStore { store in
            try await store.find([[.sure("Zorblatt Widgets"), .sure("Nike", at: 40)], [.seen("Zorblatt", "company")]])
            try await store.resolve()
            let conflict = try await store.nameConflicts(ConflictFilter()).shown.first
            #expect(conflict?.candidates.map(\.name) == ["Zorblatt Widgets"])
            #expect(conflict?.candidates.first.map { (0.75..<0.9).contains($0.score) } == true)
            #expect(try await store.entityStates() == ["Nike|active", "Zorblatt Widgets|active"])
        }
    }

    @Test func `a name merges into an entity that the same run has made, in this chunk and the next`() async throws {
        try await withStore { store in
            try await store.find([
                [.seen("Gary Player", "person", 0.95)], [.seen("Mr. Gary Player", "person", 0.9)],
                [.seen("President Gary Player", "person", 0.9)],
            ])
            #expect(try await store.resolve(chunk: 2).done == 3)
            #expect(try await store.entityStates() == ["Gary Player|active"])
            #expect(try await store.number("SELECT count(*) FROM entity_names WHERE entity_id = 1") == 3)
        }
    }

    @Test func `the second run does nothing, and new contents bring new names only`() async throws {
        try await withStore { store in
            try await store.find([[.seen("Gary Player", "person", 0.95)]])
            #expect(try await store.resolve().done == 1)
            #expect(try await store.resolve() == PhaseReport(.resolve))
            try await store.find([[.seen("Gary Player", "person", 0.95)]], firstID: 2)
            #expect(try await store.resolve().done == 1)
            #expect(try await store.number("SELECT count(*) FROM entity_decisions") == 2)
            #expect(try await store.number("SELECT count(*) FROM phase_status WHERE phase = 'resolve'") == 2)
        }
    }

    @Test func `contents that have not been through ner are not due`() async throws {
        try await withStore { store in
            try await store.ingest(texts: ["one", "two"])
            #expect(try await store.resolve() == PhaseReport(.resolve))
        }
    }

    @Test func `each run measures its accuracy, and writes it down once while it is the same`() async throws {
        try await withStore { store in
            try await store.resolve()
            try await store.resolve()
            let check = try #require(try await store.resolutionCheck())
            #expect(check.decided > 100 && check.low ?? 0 > 0.9)
            #expect(try await store.number("SELECT count(*) FROM resolution_checks") == 1)
        }
    }

    // MARK: - People

    @Test func `a rejected name stays rejected when it is found again, and forced`() async throws {
        try await withStore { store in
            try await store.find([[.seen("Secure Border", "organisation", 0.95)]])
            try await store.resolve()
            _ = try await store.reject(names: [try await store.nameID("Secure Border")], by: "kim")
            try await store.find([[.seen("Secure Border", "organisation", 0.99)]], firstID: 2)
            try await store.resolve(PhaseSelection(isForced: true))
            #expect(try await store.standings() == ["Secure Border|rejected|-"])
            #expect(try await store.entityStates() == ["Secure Border|rejected"])
        }
    }

    @Test func `a merge that was taken back is not made again`() async throws {
        try await withStore { store in
            try await store.find([[.sure("Nike")], [.seen("Nike Inc")]])
            try await store.resolve()
            let merge = try #require(try await store.entityDecisions(DecisionFilter(actor: "resolve")).first)
            _ = try await store.undo(merge.decision, by: "kim")
            try await store.find([[.seen("Nike Inc")]], firstID: 3)
            try await store.resolve(PhaseSelection(isForced: true))
            #expect(try await store.standings() == ["Nike|linked|Nike", "Nike Inc|review|-"])
            let conflict = try await store.nameConflicts(ConflictFilter()).shown.first
            #expect(conflict?.candidates.map(\.name) == ["Nike"])
        }
    }

    @Test func `a name in review is looked at again when it is found again and more is known`() async throws {
        try await withStore { store in
            try await store.find([[.seen("Zorblatt Committee", "organisation", 0.7)]])
            try await store.resolve()
            #expect(try await store.standings() == ["Zorblatt Committee|review|-"])
            try await store.find(
                [
                    [
                        .seen("Zorblatt Committee", "organisation", 0.7),
                        .sure("Zorblatt Committee", "organisation", at: 9),
                    ]
                ],
                firstID: 2)
            try await store.resolve()
            #expect(
                try await store.standings() == [
                    "Zorblatt Committee|linked|Zorblatt Committee", "Zorblatt Committee|linked|Zorblatt Committee",
                ])
        }
    }

    // MARK: - Deaths and races

    @Test func `after the death of its process a run repeats nothing that was committed`() async throws {
        try await withStore { store in
            try await store.find((0..<60).map { [.seen(Self.person($0), "person", 0.95)] })
            let done = Mutex(0)
            await #expect(throws: InferenceError.self) {
                try await withPhasePool(realResolve()) { pool in
                    let pid = try await pool.ready().pid
                    _ = try await ResolveRun(pool: pool, chunk: 20).run(
                        PhaseSelection(), in: store, stop: StopRequest(),
                        onProgress: { contents in
                            done.withLock { $0 += contents }
                            kill(pid, SIGKILL)
                        })
                }
            }
            let committed = done.withLock { $0 }
            #expect(committed == 20)
            let log = try await store.number("SELECT count(*) FROM entity_decisions")
            #expect(try await store.resolve().done == 60 - committed)
            #expect(try await store.number("SELECT count(*) FROM entity_decisions") == 3 * log)
            #expect(try await store.number("SELECT count(*) FROM entities") == 60)
        }
    }

    @Test func `what was decided on what others have changed meanwhile is not stored`() async throws {
        try await withStore { store in
            try await store.find([[.seen("Gary Player", "person", 0.95)], [.seen("Mr. Gary Player", "person", 0.95)]])
            let method = try await store.phaseMethod(.resolve, method: "m", revision: "r")
            let first = try await store.resolutionWork(PhaseSelection(), after: 0, limit: 1, known: nil)
            let second = try await store.resolutionWork(PhaseSelection(), after: 1, limit: 1, known: nil)
            #expect(try await store.save(first.names.map(Self.new), for: first, method: method) != nil)
            #expect(try await store.save(second.names.map(Self.new), for: second, method: method) == nil)
            #expect(try await store.entityStates() == ["Gary Player|active"])
            #expect(try await store.countPending(.resolve, PhaseSelection()) == 1)
        }
    }

    @Test func `two runs at once make no entity twice`() async throws {
        try await withStore { store in
            // Each name comes in two spellings, far apart.
            let names = (0..<40).map(Self.person)
            try await store.find(names.map { [.seen($0, "person", 0.95)] })
            try await store.find(names.reversed().map { [.seen("Mr. " + $0, "person", 0.95)] }, firstID: 41)
            let other = try Store(path: store.path)
            async let one = store.resolve(chunk: 10)
            async let two = other.resolve(chunk: 7)
            #expect(try await one.done + two.done >= 80)
            #expect(try await store.number("SELECT count(*) FROM entities") == 40)
            #expect(try await store.number("SELECT count(*) FROM entity_names WHERE state = 'linked'") == 80)
            #expect(try await store.number("SELECT count(*) FROM entity_decisions WHERE name_id IS NOT NULL") == 80)
            #expect(try await store.countPending(.resolve, PhaseSelection()) == 0)
            try other.close()
        }
    }

    private static func new(_ name: FoundName) throws -> Resolution {
        guard case .text(let key) = name.key else { throw CancellationError() }
        let json = #"{"key":"\#(key)","verdict":"new","why":"nothing known is like it","candidates":[]}"#
        return try JSONDecoder().decode(Resolution.self, from: Data(json.utf8))
    }

    /// A person of a name that no other number's is like.
    private static func person(_ number: UInt64) -> String {
        func word(_ number: UInt64) -> String {
            var state = number &* 2_654_435_761 &+ 12345
            let letters = (0..<8).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return Character(UnicodeScalar(UInt8(ascii: "a") + UInt8((state >> 33) % 26)))
            }
            return String(letters).capitalized
        }
        return "\(word(2 * number)) \(word(2 * number + 1))"
    }
}
