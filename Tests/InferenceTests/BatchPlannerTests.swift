import Testing

@testable import Inference

/// Random numbers that are the same in every run.
private struct Dice: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return state ^ (state >> 29)
    }
}

private struct Text: Hashable, Sendable {
    let number, bytes, tokens: Int
}

@Suite struct BatchPlannerTests {
    private let start = ContinuousClock.now

    private func limits(_ dice: inout Dice) -> BatchLimits {
        .init(
            texts: .random(in: 1...40, using: &dice), bytes: .random(in: 1...20_000, using: &dice),
            tokens: .random(in: 1...4000, using: &dice), window: .random(in: 1...200, using: &dice),
            maxDelay: .milliseconds(Int.random(in: 0...80, using: &dice)))
    }

    private func texts(_ count: Int, _ dice: inout Dice) -> [Text] {
        (0..<count).map {
            Text(number: $0, bytes: .random(in: 1...3000, using: &dice), tokens: .random(in: 1...800, using: &dice))
        }
    }

    private func all(_ planner: inout BatchPlanner<Text>, idle: Int = 1) -> [[Text]] {
        var batches: [[Text]] = []
        while let batch = planner.next(idle: idle, expectsMore: false, at: start) { batches.append(batch.items) }
        return batches
    }

    @Test(arguments: 1...60)
    func `every text is handed out exactly once, within the limits, with those that need the same models`(seed: UInt64)
    {
        var dice = Dice(state: seed)
        let limits = limits(&dice)
        var planner = BatchPlanner<Text>(limits)
        var arriving = texts(.random(in: 0...500, using: &dice), &dice)[...]
        let expected = arriving.map(\.number)
        var seen: [Int] = []
        while !arriving.isEmpty || planner.count > 0 {
            for text in arriving.prefix(.random(in: 0...100, using: &dice)) {
                let models = text.number.isMultiple(of: 5) ? ["a"] : ["a", "b"]
                planner.add(text, bytes: text.bytes, tokens: text.tokens, models: models, at: start)
                arriving = arriving.dropFirst()
            }
            let batch = planner.next(idle: .random(in: 0...3, using: &dice), expectsMore: !arriving.isEmpty, at: start)
            guard let batch else { continue }
            let items = batch.items
            #expect(!items.isEmpty && items.count <= limits.texts)
            #expect(Set(items.map { $0.number.isMultiple(of: 5) }).count == 1)
            #expect(batch.models == (items[0].number.isMultiple(of: 5) ? ["a"] : ["a", "b"]))
            let longest = items.map(\.tokens).max() ?? 0
            #expect(batch.tokens == longest * items.count)
            if items.count > 1 {
                #expect(batch.tokens <= limits.tokens && items.map(\.bytes).reduce(0, +) <= limits.bytes)
            }
            seen += items.map(\.number)
        }
        #expect(seen.sorted() == expected)
    }

    @Test(arguments: 1...60)
    func `the oldest text is in every batch, and none is overtaken from outside its window`(seed: UInt64) {
        var dice = Dice(state: seed)
        let limits = limits(&dice)
        var planner = BatchPlanner<Text>(limits)
        var waiting: [Int] = []
        for text in texts(400, &dice) {
            planner.add(text, bytes: text.bytes, tokens: text.tokens, at: start)
            waiting.append(text.number)
            guard Bool.random(using: &dice) else { continue }
            guard let batch = planner.next(idle: 1, expectsMore: true, at: start) else { continue }
            let gone = Set(batch.items.map(\.number))
            #expect(gone.contains(waiting[0]))
            #expect(gone.isSubset(of: waiting.prefix(limits.window)))
            waiting.removeAll(where: gone.contains)
        }
    }

    @Test(arguments: 1...40)
    func `a text is never held back while a worker is idle, and never longer than the bound`(seed: UInt64) {
        var dice = Dice(state: seed)
        let limits = limits(&dice)
        var planner = BatchPlanner<Text>(limits)
        var arrivals: [Int: ContinuousClock.Instant] = [:]
        var now = start
        for text in texts(300, &dice) {
            now += .milliseconds(Int.random(in: 0...30, using: &dice))
            planner.add(text, bytes: text.bytes, tokens: text.tokens, at: now)
            arrivals[text.number] = now
            let idle = Int.random(in: 0...1, using: &dice)
            // Whoever asks until there is nothing leaves nothing that should have gone.
            while let batch = planner.next(idle: idle, expectsMore: true, at: now) {
                for item in batch.items { arrivals[item.number] = nil }
            }
            #expect(idle == 0 || planner.count == 0)
            #expect(planner.count < limits.window)
            if let oldest = arrivals.values.min() {
                #expect(now - oldest < limits.maxDelay)
                #expect(planner.deadline == oldest + limits.maxDelay)
            } else {
                #expect(planner.deadline == nil)
            }
        }
    }

    @Test func `while all workers are busy a text waits for company, until its time has come or no more can come`() {
        func planner() -> BatchPlanner<Text> {
            var planner = BatchPlanner<Text>(.init(maxDelay: .milliseconds(50)))
            planner.add(Text(number: 1, bytes: 5, tokens: 5), bytes: 5, tokens: 5, at: start)
            return planner
        }
        var (early, late, last, idle) = (planner(), planner(), planner(), planner())
        #expect(early.next(idle: 0, expectsMore: true, at: start + .milliseconds(49)) == nil)
        #expect(late.next(idle: 0, expectsMore: true, at: start + .milliseconds(50)) != nil)
        #expect(last.next(idle: 0, expectsMore: false, at: start) != nil)
        #expect(idle.next(idle: 1, expectsMore: true, at: start) != nil)
        #expect(idle.next(idle: 1, expectsMore: true, at: start) == nil)
    }

    @Test func `little work is shared among idle workers, but not in crumbs`() {
        func shares(_ texts: Int, tokens: Int, idle: Int) -> [Int] {
            var planner = BatchPlanner<Text>()
            for number in 0..<texts {
                planner.add(Text(number: number, bytes: 9, tokens: tokens), bytes: 9, tokens: tokens, at: start)
            }
            var left = idle
            var shares: [Int] = []
            while let batch = planner.next(idle: left, expectsMore: true, at: start) {
                shares.append(batch.items.count)
                left -= 1
            }
            return shares
        }
        #expect(shares(32, tokens: 50, idle: 2) == [16, 16])
        #expect(shares(30, tokens: 50, idle: 3) == [10, 10, 10])
        #expect(shares(8, tokens: 8, idle: 4) == [8])
        #expect(shares(32, tokens: 50, idle: 1) == [32])
    }

    @Test func `batches of real posts are padded by 3 in 10 at most, and by 3 in 100 in the worker's parts`() {
        var dice = Dice(state: 7)
        var posts: [Text] = []
        for round in 0..<12 {
            for (index, post) in RealLengths.posts.shuffled(using: &dice).enumerated() {
                posts.append(Text(number: round * 1000 + index, bytes: post.bytes, tokens: post.tokens))
            }
        }
        // The planner knows only the bytes.
        let estimate = TokenEstimate()
        var planner = BatchPlanner<Text>()
        for post in posts {
            planner.add(post, bytes: post.bytes, tokens: estimate.tokens(bytes: post.bytes), at: start)
        }
        let planned = all(&planner)
        let unsorted = stride(from: 0, to: posts.count, by: 32).map { Array(posts[$0..<min($0 + 32, posts.count)]) }
        #expect(overhead(planned) <= 0.3, "\(overhead(planned))")
        #expect(overhead(unsorted) >= 3, "\(overhead(unsorted))")
        #expect(overhead(planned.flatMap(parts)) <= 0.03, "\(overhead(planned.flatMap(parts)))")
        #expect(overhead(unsorted.flatMap(parts)) >= 0.045, "\(overhead(unsorted.flatMap(parts)))")
        #expect(planned.count <= unsorted.count * 3, "\(planned.count) batches")
    }

    @Test func `what waits can be given back in the order of arrival`() {
        var dice = Dice(state: 3)
        var planner = BatchPlanner<Text>()
        let texts = texts(200, &dice)
        for text in texts { planner.add(text, bytes: text.bytes, tokens: text.tokens, at: start) }
        let gone = Set(planner.next(idle: 1, expectsMore: true, at: start)?.items ?? [])
        #expect(planner.removeAll() == texts.filter { !gone.contains($0) })
        #expect(planner.count == 0 && planner.next(idle: 1, expectsMore: false, at: start) == nil)
    }

    /// Padded tokens beyond the real ones, as a share of the real ones.
    private func overhead(_ batches: [[Text]]) -> Double {
        let padded = batches.map { $0.count * ($0.map(\.tokens).max() ?? 0) }.reduce(0, +)
        return Double(padded) / Double(batches.joined().map(\.tokens).reduce(0, +)) - 1
    }

    /// How a worker runs a request: in parts of 256 padded tokens at most, by exact lengths.
    private func parts(of batch: [Text]) -> [[Text]] {
        var parts: [[Text]] = []
        for text in batch.sorted(by: { $0.tokens < $1.tokens }) {
            if let last = parts.last, (last.count + 1) * text.tokens <= 256 {
                parts[parts.count - 1].append(text)
            } else {
                parts.append([text])
            }
        }
        return parts
    }
}

@Suite struct TokenEstimateTests {
    @Test func `before anything is measured, the constant is right for real posts within a seventh`() {
        let estimate = TokenEstimate()
        let guessed = RealLengths.posts.map { estimate.tokens(bytes: $0.bytes) }.reduce(0, +)
        let real = RealLengths.posts.map(\.tokens).reduce(0, +)
        #expect(abs(Double(guessed) / Double(real) - 1) < 1.0 / 7)
    }

    @Test func `it follows what the models report, and a few texts are enough`() {
        var estimate = TokenEstimate()
        // Another script: half a token per byte.
        for _ in 0..<50 { estimate.observe(bytes: 400, tokens: 202) }
        #expect(abs(estimate.ratio - 0.5) < 0.05)
        for _ in 0..<2000 { estimate.observe(bytes: 400, tokens: 82) }
        #expect(abs(estimate.ratio - 0.2) < 0.001)
        #expect(estimate.tokens(bytes: 1000) == 203 || estimate.tokens(bytes: 1000) == 202)
    }

    @Test func `what no tokenizer makes does not count`() {
        var estimate = TokenEstimate()
        for (bytes, tokens) in [(0, 5), (10, 0), (10, 2), (10, 13), (10, .max), (-1, 1)] {
            estimate.observe(bytes: bytes, tokens: tokens)
        }
        #expect(estimate == TokenEstimate())
        #expect(
            estimate.tokens(bytes: 0) == TokenEstimate.special && estimate.tokens(bytes: -5) == TokenEstimate.special)
    }

    @Test func `of several models the one that reads most counts, failures and silence do not`() {
        func prediction(_ tokens: Int?) -> ModelOutcome {
            .prediction(
                Prediction(
                    sentiment: .neutral, confidence: 1, modelVersion: "1",
                    meta: .init(
                        rawScores: ["neutral": 1], rawModelOutput: [],
                        processing: .init(
                            latencyMs: 1, batchSize: 1, tokens: tokens, truncated: false, firstCall: false),
                        quality: .init(scoreMargin: 1, entropy: 0, flags: []))))
        }
        var one = TokenEstimate()
        var other = one
        one.observe(
            bytes: 100,
            ModelResults(
                models: [
                    "a": prediction(12), "b": prediction(40), "c": prediction(nil),
                    "d": .failure(.init(code: "timeout", message: "")),
                ], textInfo: nil))
        other.observe(bytes: 100, tokens: 40)
        #expect(one == other)
        one.observe(bytes: 100, ModelResults(models: ["c": prediction(nil)], textInfo: nil))
        #expect(one == other)
    }
}
