import Testing

@testable import Inference

/// Who is launched, recycled and let go: decided without a process and without a clock.
@Suite struct RosterTests {
    @Test func `it opens with the minimum and grows with the demand as far as memory goes`() {
        var pool = Stage(minimum: 1, maximum: 4)
        #expect(pool.open() == [.launch(slot: 1, generation: 1, after: .zero)])
        #expect(pool.demand(waiting: 1) == [])  // the one that starts will take it
        pool.memory = 2
        #expect(
            pool.demand(waiting: 9) == [
                .launch(slot: 2, generation: 2, after: .zero)
            ])
        pool.memory = 9
        #expect(
            pool.demand(waiting: 9) == [
                .launch(slot: 3, generation: 3, after: .zero), .launch(slot: 4, generation: 4, after: .zero),
            ])
        #expect(pool.demand(waiting: 99) == [])
    }

    @Test func `a request that comes before the pool has opened launches no worker twice`() {
        var pool = Stage(minimum: 2, maximum: 2)
        #expect(pool.demand(waiting: 1) == [.launch(slot: 1, generation: 1, after: .zero)])
        #expect(pool.open() == [.launch(slot: 2, generation: 2, after: .zero)])
    }

    @Test func `a worker that has answered its share goes when its successor is ready`() {
        var pool = Stage(minimum: 1, maximum: 1, recycling: .init(requests: 10))
        pool.openAndReady()
        for _ in 1..<10 { #expect(pool.answer(1) == []) }
        #expect(pool.answer(1) == [.launch(slot: 1, generation: 2, after: .zero)])
        #expect(pool.answer(1) == [])  // it goes on until then
        #expect(pool.ready(2) == [.retire(generation: 1)])
        #expect(pool.end(1, .maxRequests) == [])
        #expect(pool.roster.slots[0].restarts == [.maxRequests: 1])
    }

    @Test func `without memory for two at once, the old worker goes first`() {
        var pool = Stage(minimum: 1, maximum: 1, recycling: .init(requests: 1))
        pool.openAndReady()
        pool.memory = 0
        #expect(pool.answer(1) == [.retire(generation: 1)])
        #expect(pool.end(1, .maxRequests) == [.launch(slot: 1, generation: 2, after: .zero)])
    }

    @Test func `a successor that cannot start leaves the old worker at work, however often`() {
        var pool = Stage(minimum: 1, maximum: 1, recycling: .init(age: .seconds(100)))
        pool.openAndReady()
        pool.now += .seconds(101)
        var generation = 1
        for _ in 0..<20 {
            generation += 1
            #expect(pool.tick() == [.launch(slot: 1, generation: generation, after: .zero)])
            #expect(pool.end(generation, .exited, wasReady: false) == [])
            #expect(pool.tick() == [])  // not before a pause
            pool.now += .seconds(31)
        }
        #expect(pool.roster.serving.map(\.generation) == [1])
    }

    @Test func `extra workers leave when they are idle, the minimum stays`() {
        var pool = Stage(minimum: 1, maximum: 3, recycling: .init(idleAge: .seconds(60)))
        pool.openAndReady()
        _ = pool.take(1)
        _ = pool.demand(waiting: 2)
        _ = pool.ready(2)
        _ = pool.ready(3)
        _ = pool.answer(1)
        pool.now += .seconds(59)
        #expect(pool.tick() == [])
        pool.now += .seconds(2)
        #expect(pool.tick() == [.retire(generation: 1), .retire(generation: 2)])
        #expect(pool.end(1, .idle) == [])
        #expect(pool.end(2, .idle) == [])
        #expect(pool.tick() == [])
        #expect(pool.roster.serving.map(\.generation) == [3])
    }

    @Test func `an idle worker is probed, and a probe is no work`() {
        var pool = Stage(minimum: 1, maximum: 2, recycling: .init(idleAge: .seconds(40)), probe: .seconds(15))
        pool.openAndReady()
        _ = pool.take(1)
        _ = pool.demand(waiting: 1)
        _ = pool.ready(2)
        _ = pool.answer(1)
        for _ in 0..<2 {
            pool.now += .seconds(16)
            #expect(pool.tick() == [.probe(generation: 1), .probe(generation: 2)])
            #expect(pool.answer(1, texts: 0) == [])
            #expect(pool.answer(2, texts: 0) == [])
        }
        pool.now += .seconds(10)
        #expect(pool.tick() == [.retire(generation: 1)])
    }

    @Test func `memory over the soft limit recycles between requests, over the hard one kills at once`() {
        var pool = Stage(minimum: 1, maximum: 1)
        pool.openAndReady()
        let ready: UInt64 = 300 << 20
        #expect(pool.measure(1, ready) == [])
        _ = pool.take(1)
        #expect(pool.measure(1, 2 * ready + 257 << 20) == [])  // in the middle of a request
        #expect(pool.answer(1) == [.launch(slot: 1, generation: 2, after: .zero)])
        #expect(pool.measure(1, 4 * ready + 513 << 20) == [.kill(generation: 1)])
        #expect(pool.measure(1, 5 * ready) == [])  // once is enough
        #expect(pool.end(1, .hardMemory) == [])  // the successor is on its way
        #expect(pool.ready(2) == [])
    }

    @Test func `a rolling reset replaces one worker after the other`() {
        var pool = Stage(minimum: 3, maximum: 3)
        pool.openAndReady()
        #expect(pool.reset(rolling: true) == [.launch(slot: 1, generation: 4, after: .zero)])
        #expect(pool.tick() == [])
        #expect(pool.ready(4) == [.retire(generation: 1)])
        #expect(pool.end(1, .reset) == [.launch(slot: 2, generation: 5, after: .zero)])
        #expect(pool.end(2, .killed) == [.launch(slot: 3, generation: 6, after: .zero)])  // it died by itself meanwhile
        #expect(pool.ready(5) == [])
        #expect(pool.ready(6) == [.retire(generation: 3)])
        #expect(pool.end(3, .reset) == [])
        #expect(pool.roster.serving.map(\.generation).sorted() == [4, 5, 6])
    }

    @Test func `a reset at once lets all go and launches as many`() {
        var pool = Stage(minimum: 2, maximum: 2)
        pool.openAndReady()
        #expect(pool.reset(rolling: false) == [.retire(generation: 1), .retire(generation: 2)])
        #expect(pool.end(1, .reset) == [.launch(slot: 1, generation: 3, after: .zero)])
        #expect(pool.end(2, .reset) == [.launch(slot: 2, generation: 4, after: .zero)])
    }

    @Test func `a death is followed by a launch, and by nothing once the pool closes`() {
        var pool = Stage(minimum: 2, maximum: 2)
        pool.openAndReady()
        #expect(pool.end(1, .killed) == [.launch(slot: 1, generation: 3, after: .zero)])
        pool.roster.close()
        #expect(pool.end(2, .killed) == [])
        #expect(pool.tick() == [])
    }

    @Test func `the circuit opens when nobody becomes ready, and not while a launch in between does`() {
        var pool = Stage(minimum: 1, maximum: 1)
        _ = pool.open()
        for generation in 1..<5 { #expect(pool.end(generation, .exited, wasReady: false)?.count == 1) }
        #expect(pool.end(5, .exited, wasReady: false) == nil)

        pool = Stage(minimum: 1, maximum: 1)
        _ = pool.open()
        for generation in stride(from: 1, to: 99, by: 2) {
            #expect(pool.end(generation, .killed, wasReady: false)?.count == 1)
            _ = pool.ready(generation + 1)
            _ = pool.answer(generation + 1)
            #expect(pool.end(generation + 1, .killed)?.count == 1)
        }
    }

    @Test func `after a few deaths in a row a worker has to prove itself first`() {
        var pool = Stage(minimum: 1, maximum: 1)
        pool.openAndReady()
        for generation in 1...5 {
            #expect(!pool.roster.wantsCanary)
            _ = pool.end(generation, .killed)
            _ = pool.ready(generation + 1)
        }
        #expect(pool.roster.wantsCanary)
        _ = pool.answer(6, texts: 0)
        #expect(!pool.roster.wantsCanary)
    }
}

/// A roster with a clock and a memory that the test sets. Memory is counted in workers.
private struct Stage {
    var roster: Roster
    var now = ContinuousClock.now
    var memory = 100

    init(minimum: Int, maximum: Int, recycling: RecyclingLimits = .init(), probe: Duration? = nil) {
        roster = Roster(
            limits: .init(minimum: minimum, maximum: maximum, recycling: recycling, probeInterval: probe),
            policy: RestartPolicy(
                initialBackoff: .seconds(1), maximumBackoff: .seconds(30), limit: 5, window: .seconds(60)))
    }

    private var affords: () -> Bool { { [memory] in memory > 0 } }

    mutating func open() -> [Roster.Action] { roster.open(at: now, chance: 0.5) }

    mutating func openAndReady() {
        for case .launch(_, let generation, _) in open() { _ = ready(generation) }
    }

    mutating func demand(waiting: Int) -> [Roster.Action] {
        roster.demand(waiting: waiting, at: now, chance: 0.5) { [memory] in $0 <= memory }
    }

    mutating func ready(_ generation: Int) -> [Roster.Action] {
        roster.ready(
            generation, pid: Int32(generation), models: ["a"], at: now, chance: 0.5, affords: affords)
    }

    mutating func take(_ generation: Int) -> [Roster.Action] {
        roster.took(generation)
        return []
    }

    mutating func answer(_ generation: Int, texts: Int = 1) -> [Roster.Action] {
        roster.took(generation)
        return roster.answered(
            generation, texts: texts, latency: .zero, at: now, chance: 0.5, affords: affords)
    }

    mutating func measure(_ generation: Int, _ bytes: UInt64) -> [Roster.Action] {
        roster.measured(generation, memory: bytes)
    }

    mutating func tick() -> [Roster.Action] { roster.tick(at: now, chance: 0.5, affords: affords) }

    mutating func reset(rolling: Bool) -> [Roster.Action] {
        roster.reset(rolling: rolling, at: now, chance: 0.5, affords: affords)
    }

    mutating func end(_ generation: Int, _ kind: EndingKind, wasReady: Bool = true) -> [Roster.Action]? {
        roster.ended(
            generation, kind, reason: kind.rawValue, wasReady: wasReady, at: now, chance: 0.5, affords: affords)
    }
}
