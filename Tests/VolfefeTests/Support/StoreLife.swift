import Foundation
import GRDB
import Inference

@testable import Volfefe

/// A store to which things happen at random, the same things for the same seed.
struct StoreLife {
    private struct Dice: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// What can happen.
    enum Operation: CaseIterable {
        case ingest, edit, date, verdicts, manyVerdicts, claim, force, pipe, forget, move, delete
    }

    private let store: Store
    private let models: [ModelVersionRecord]
    private var dice: Dice
    private var runs: [Int64] = []
    private var nextID = 0
    private let texts = ["one", "two", "three", nil]
    private let dates: [Date?] = [nil, -86_400.001, -0.5, 0, 86_399.999, 1_761_436_800].map {
        $0.map(Date.init(timeIntervalSince1970:))
    }

    init(_ store: Store, _ models: [ModelVersionRecord], seed: UInt64) {
        self.store = store
        self.models = models
        dice = Dice(state: seed)
    }

    /// Registers the models and a run.
    mutating func begin() async throws {
        try await store.register(models)
        try await beginRun()
    }

    /// Lets something happen, and says what.
    mutating func live() async throws -> Operation {
        let operation = pick(Operation.allCases + [.verdicts, .verdicts, .manyVerdicts, .ingest])
        let contents = try await store.read { db in
            try Row.fetchAll(db, sql: "SELECT id, text_version FROM contents").map { ($0[0] as Int64, $0[1] as Int) }
        }
        guard let some = contents.randomElement(using: &dice), operation != .ingest else {
            try await ingest((0..<roll(4)).map { _ in draft("\(number())") })
            return .ingest
        }
        switch operation {
        case .ingest: break
        case .edit: try await ingest([draft("\(roll(nextID + 1))")])
        case .date:
            try await ingest([ContentDraft(externalID: "\(roll(nextID + 1))", text: nil, publishedAt: pick(dates))])
        case .verdicts: try await store.save([verdict(on: some)], run: pick(runs))
        case .manyVerdicts:
            var items: [ClassifiedText] = []
            for content in contents where roll(2) == 0 { items.append(verdict(on: content)) }
            try await store.save(items, run: pick(runs))
        case .claim:
            try await beginRun()
            let request = WorkRequest(
                models: models.map { ($0.modelID, $0.version) }, force: false,
                effort: try await store.effort(of: runs[runs.count - 1]))
            _ = try await store.claim(request, in: Int64.min...Int64.max, page: 5)
        case .force:
            var again = verdict(on: some)
            again.results.models = again.results.models.mapValues { _ in .prediction(prediction(models[0])) }
            try await store.save([again], run: pick(runs))
        case .pipe:
            let drafts = (0..<3).map { _ in draft("\(roll(nextID + 2))") }
            let results = drafts.map { _ in verdict(on: (0, 1)).results }
            _ = try await store.ingest(drafts, source: pick(["x", "y"]), results: results, run: pick(runs))
        case .forget: try await execute("DELETE FROM classifications WHERE content_id = \(some.0)")
        case .move:
            try await execute(
                """
                UPDATE contents
                SET source_id = (SELECT max(id) FROM sources), external_id = external_id || '-' || id
                WHERE id = \(some.0)
                """)
        case .delete: try await execute("DELETE FROM contents WHERE id = \(some.0)")
        }
        return operation
    }

    private mutating func beginRun() async throws {
        let run = try await store.anyRun()
        try await store.updateRun(run, environment: "{}", models: models)
        runs.append(run)
    }

    private mutating func ingest(_ drafts: [ContentDraft]) async throws {
        try await store.ingest(drafts, source: pick(["x", "y"]))
    }

    private func execute(_ sql: String) async throws {
        try await store.write { db in try db.execute(sql: sql) }
    }

    private mutating func number() -> Int {
        nextID += 1
        return nextID
    }

    private mutating func draft(_ id: String) -> ContentDraft {
        ContentDraft(externalID: id, text: pick(texts), publishedAt: pick(dates))
    }

    /// What some of the models say about a content, now and then about the text that it had before.
    private mutating func verdict(on content: (id: Int64, textVersion: Int)) -> ClassifiedText {
        var outcomes: [String: ModelOutcome] = [:]
        for model in models where roll(4) > 0 {
            outcomes[model.modelID] =
                roll(4) == 0
                ? .failure(.init(code: pick(["timeout", "poison"]), message: "it failed", detail: "words"))
                : .prediction(prediction(model))
        }
        var item = ClassifiedText(
            contentID: content.id, textVersion: max(content.textVersion - (roll(6) == 0 ? 1 : 0), 1),
            results: ModelResults(models: outcomes, textInfo: roll(2) == 0 ? .of("text") : nil))
        if roll(5) == 0 {
            item.reusedFrom = outcomes.filter { $0.value.isPrediction }.mapValues { _ in content.id + 1000 }
        }
        return item
    }

    private mutating func prediction(_ model: ModelVersionRecord) -> Prediction {
        let one = Double.random(in: 0...1, using: &dice)
        let two = Double.random(in: 0...(1 - one), using: &dice)
        var prediction = Prediction.of(
            model, [one, two, 1 - one - two].shuffled(using: &dice),
            latency: pick([0, 0.004, 0.01, 0.5, 12.345, 1234.5, 1e9]), flags: pick([[], ["perfect_score"]]))
        prediction.meta.processing.truncated = roll(3) == 0
        prediction.meta.processing.firstCall = roll(3) == 0
        return prediction
    }

    private mutating func roll(_ sides: Int) -> Int { Int.random(in: 0..<max(sides, 1), using: &dice) }

    private mutating func pick<Value>(_ values: [Value]) -> Value { values[roll(values.count)] }
}

extension ModelOutcome {
    fileprivate var isPrediction: Bool { if case .prediction = self { true } else { false } }
}
