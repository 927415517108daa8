import Foundation
import Inference
import Testing

@testable import Volfefe

/// What people decide about names and entities, and take back.
@Suite struct EntityDecisionTests {
    /// Three entities of one name each, and a name in review that may be the first or the second.
    private func withEntities(_ body: (Store) async throws -> Void) async throws {
        try await withStore { store in
            try await store.find([
                [.sure("Nike"), .sure("Puma", at: 10), .sure("Adidas", at: 20)], [.seen("Nikke", "company", 0.7)],
            ])
            let candidates =
                #"[{"entity_id": 1, "score": 0.85, "why": "spelled alike"}, "#
                + #"{"entity_id": 2, "score": 0.8, "why": "spelled alike"}]"#
            try await store.write { db in
                try db.execute(
                    sql: """
                        UPDATE entity_names SET state = 'review', decided_at = 1, candidates = ?, why = 'spelled alike'
                        WHERE phase = 'ner'
                        """, arguments: [candidates])
            }
            try await body(store)
        }
    }

    @Test func `merged entities give their names away, and get them back`() async throws {
        try await withEntities { store in
            let before = try await store.entityState()
            let merge = try await store.merge([.name("puma"), .id(3)], into: .name("NIKE"), by: "kim")
            #expect(merge.names.count == 2 && merge.entity == 1)
            #expect(try await store.entityStates() == ["Adidas|merged", "Nike|active", "Puma|merged"])
            #expect(try await store.entity(.name("adidas")).entity.name == "Nike")
            let detail = try await store.entity(.id(1))
            #expect(detail.absorbed.map(\.name) == ["Puma", "Adidas"])
            #expect(detail.names.count == 3)
            #expect(detail.decisions.first?.actor == "kim")
            _ = try await store.undo(try #require(merge.decision), by: "kim")
            #expect(try await store.entityState().map { $0.dropLast() } == before.map { $0.dropLast() })
        }
    }

    @Test func `candidates that were merged since are what they were merged into`() async throws {
        try await withEntities { store in
            _ = try await store.merge([.id(2)], into: .id(1), by: "kim")
            let conflict = try await store.nameConflicts(ConflictFilter()).shown.first
            #expect(conflict?.candidates.map(\.entityID) == [1])
            let accepted = try await store.accept([try await store.nameID("Nikke")], as: .candidate, by: "kim")
            #expect(accepted.map(\.entity) == [1])
        }
    }

    @Test func `one of several candidates has to be chosen`() async throws {
        try await withEntities { store in
            let name = try await store.nameID("Nikke")
            await #expect(throws: EntityError.severalCandidates(name: name, ["1 (Nike)", "2 (Puma)"])) {
                _ = try await store.accept([name], as: .candidate, by: "kim")
            }
            let accepted = try await store.accept([name], as: .entity(.id(2)), by: "kim")[0]
            #expect(try await store.standings().contains("Nikke|linked|Puma"))
            #expect(try await store.nameConflicts(ConflictFilter()).total == 0)
            _ = try await store.undo(try #require(accepted.decision), by: "kim")
            #expect(try await store.standings().contains("Nikke|review|-"))
            #expect(try await store.nameConflicts(ConflictFilter()).shown.first?.candidates.count == 2)
        }
    }

    @Test func `a name may be an entity of its own, and that be taken back`() async throws {
        try await withEntities { store in
            let name = try await store.nameID("Nikke")
            let accepted = try await store.accept([name], as: .new, by: "kim")[0]
            #expect(try await store.entityStates().contains("Nikke|active"))
            _ = try await store.undo(try #require(accepted.decision), by: "kim")
            #expect(try await store.entityStates().contains("Nikke|rejected"))
            #expect(try await store.standings().contains("Nikke|review|-"))
        }
    }

    @Test func `all names are accepted or none`() async throws {
        try await withEntities { store in
            let before = try await store.entityState()
            await #expect(throws: EntityError.noName("99")) {
                _ = try await store.accept([try await store.nameID("Nikke"), 99], as: .entity(.id(1)), by: "kim")
            }
            #expect(try await store.entityState() == before)
        }
    }

    @Test func `names leave for an entity of their own, but never all of them`() async throws {
        try await withEntities { store in
            _ = try await store.merge([.id(2), .id(3)], into: .id(1), by: "kim")
            let split = try await store.split(.id(1), names: ["puma"], as: "Puma SE", by: "kim")
            #expect(try await store.standings().contains("Puma|linked|Puma SE"))
            await #expect(throws: EntityError.self) {
                _ = try await store.split(.id(1), names: ["Nike", "Adidas"], by: "kim")
            }
            let error = await #expect(throws: EntityError.self) {
                _ = try await store.split(.id(1), names: ["Reebok"], by: "kim")
            }
            #expect(error?.description.contains("Nike") == true)
            _ = try await store.undo(try #require(split.decision), by: "kim")
            #expect(try await store.standings().contains("Puma|linked|Nike"))
            #expect(try await store.entityStates().contains("Puma SE|rejected"))
        }
    }

    @Test func `an entity is rejected with its names, and by the loss of its last one`() async throws {
        try await withEntities { store in
            let before = try await store.entityState()
            let whole = try await store.reject(.name("Nike"), by: "kim")
            #expect(try await store.standings().contains("Nike|rejected|-"))
            let last = try await store.reject(names: [try await store.nameID("Puma")], by: "kim")
            #expect(try await store.entityStates() == ["Adidas|active", "Nike|rejected", "Puma|rejected"])
            for decision in [whole, last] { _ = try await store.undo(try #require(decision.decision), by: "kim") }
            #expect(try await store.entityState().map { $0.dropLast() } == before.map { $0.dropLast() })
        }
    }

    @Test func `decisions are taken back in any order unless a later one stands in the way`() async throws {
        try await withEntities { store in
            let first = try #require(try await store.merge([.id(2)], into: .id(1), by: "kim").decision)
            let other = try #require(try await store.reject(.id(3), by: "lee").decision)
            let later = try #require(try await store.split(.id(1), names: ["Puma"], by: "lee").decision)
            let error = await #expect(throws: EntityError.self) { _ = try await store.undo(first, by: "kim") }
            #expect(error?.description.contains("volfefe entities undo \(later)") == true)
            #expect(error?.exitCode == 1)
            _ = try await store.undo(later, by: "kim")
            _ = try await store.undo(first, by: "kim")
            #expect(
                try await store.entityStates() == ["Adidas|rejected", "Nike|active", "Puma|active", "Puma|rejected"])
            _ = try await store.undo(other, by: "kim")
            await #expect(throws: EntityError.self) { _ = try await store.undo(other, by: "kim") }
            await #expect(throws: EntityError.noDecision(999)) { _ = try await store.undo(999, by: "kim") }
        }
    }

    @Test func `taking back that a decision was taken back makes it stand again`() async throws {
        try await withEntities { store in
            let merge = try #require(try await store.merge([.id(2)], into: .id(1), by: "kim").decision)
            let merged = try await store.standings()
            let undo = try #require(try await store.undo(merge, by: "kim").decision)
            _ = try await store.undo(undo, by: "kim")
            #expect(try await store.standings() == merged)
            _ = try await store.undo(merge, by: "kim")
            #expect(try await store.standings() != merged)
        }
    }

    @Test func `random decisions taken back from last to first leave everything as it was`() async throws {
        for seed in 1...8 as ClosedRange<UInt64> {
            try await withEntities { store in
                var dice = Dice(state: seed)
                let before = try await store.standings()
                var decisions: [Int64] = []
                for _ in 0..<60 {
                    if let made = try? await Self.decide(store, &dice) { decisions += made.compactMap(\.decision) }
                }
                #expect(decisions.count > 5)
                for decision in decisions.reversed() { _ = try await store.undo(decision, by: "kim") }
                #expect(try await store.standings() == before)
                #expect(try await store.number("SELECT count(*) FROM entities WHERE state = 'active'") == 3)
                #expect(
                    try await store.number(
                        "SELECT count(*) FROM entity_names AS n JOIN entities AS e ON e.id = n.entity_id "
                            + "WHERE e.state <> 'active'") == 0)
            }
        }
    }

    private static func decide(_ store: Store, _ dice: inout Dice) async throws -> [EntityDecision] {
        let entities = Int64(try await store.number("SELECT max(id) FROM entities"))
        let (one, two) = (Int64.random(in: 1...entities, using: &dice), Int64.random(in: 1...entities, using: &dice))
        let name = Int64.random(in: 1...4, using: &dice)
        switch Int.random(in: 0..<6, using: &dice) {
        case 0: return [try await store.merge([.id(one)], into: .id(two), by: "kim")]
        case 1: return [try await store.split(.id(one), names: ["\(name)"], by: "kim")]
        case 2: return [try await store.reject(names: [name], by: "kim")]
        case 3: return [try await store.reject(.id(one), by: "kim")]
        case 4: return try await store.accept([name], as: .new, by: "kim")
        default: return try await store.accept([name], as: .entity(.id(one)), by: "kim")
        }
    }

    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }

    @Test func `what is not there, or not clear, is said`() async throws {
        try await withEntities { store in
            try await store.find([[.sure("Nike", "place")]], firstID: 9)
            let several = await #expect(throws: EntityError.self) { _ = try await store.entity(.name("Nike")) }
            #expect(several?.exitCode == 64)
            await #expect(throws: EntityError.noEntity("77")) { _ = try await store.entity(.id(77)) }
            await #expect(throws: EntityError.self) { _ = try await store.merge([.id(1)], into: .id(1), by: "kim") }
            _ = try await store.merge([.id(2)], into: .id(1), by: "kim")
            let merged = await #expect(throws: EntityError.self) {
                _ = try await store.merge([.id(3)], into: .id(2), by: "kim")
            }
            #expect(merged?.description.contains("merged into 1 (Nike)") == true)
        }
    }
}
