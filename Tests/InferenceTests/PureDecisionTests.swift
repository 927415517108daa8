import Testing

@testable import Inference

/// The decisions that need no process and no clock.
@Suite struct PureDecisionTests {
    @Test func `lines are cut at newlines only, whatever the chunks`() {
        let stream = Array("one\r\ntwo\u{2028}still two\u{0B}\u{85}\n\nlong-long-long-long-long-long\nlast\ntail".utf8)
        let expected: [LineFramer.Line] = [
            .bytes(Array("one\r".utf8)), .bytes(Array("two\u{2028}still two\u{0B}\u{85}".utf8)), .bytes([]), .tooLong,
            .bytes(Array("last".utf8)),
        ]
        var random = SplitMix(state: 7)
        for round in 0..<200 {
            var framer = LineFramer(limit: 24)
            var lines: [LineFramer.Line] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let size = round == 0 ? 1 : Int.random(in: 1...rest.count, using: &random)
                Array(rest.prefix(size)).withUnsafeBytes { lines += framer.append($0) }
                rest = rest.dropFirst(size)
            }
            #expect(lines == expected)
        }
    }

    @Test func `a deadly text among n costs at most log2 n plus three deaths`() {
        for size in [1, 2, 3, 32, 33, 100, 1000] {
            for poison in [0, size / 2, size - 1] {
                var work = [(0..<size, 0)]
                var deaths = 0
                var aside: [Range<Int>] = []
                var answered = 0
                while let (range, before) = work.popLast() {
                    guard range.contains(poison) else {
                        answered += range.count
                        continue
                    }
                    deaths += 1
                    switch RequestPart.fate(range: range, deaths: before + 1, maxAttempts: 2) {
                    case .retry: work.append((range, before + 1))
                    case .split(let halves): work += halves.map { ($0.range, $0.deaths) }
                    case .setAside: aside.append(range)
                    }
                }
                #expect(aside == [poison..<poison + 1])
                #expect(answered == size - 1)
                #expect(deaths <= Int(Double(size).log2Rounded) + 3)
            }
        }
    }

    @Test func `where workers die anyway, a text needs more evidence against it`() {
        var background = Background()
        for _ in 0..<1000 { background.answered(after: 0) }
        #expect(background.evidence == 0)
        background.diedIdle()
        #expect(background.evidence == 2)  // one in a thousand
        for _ in 0..<250 { background.answered(after: 1) }
        #expect(background.evidence == 7)  // one in six
        for _ in 0..<10_000 { background.diedIdle() }
        #expect(background.evidence == 20)
        let alone = 0..<1
        #expect(RequestPart.fate(range: alone, deaths: 2, maxAttempts: 2, evidence: 7) == .retry)
        #expect(RequestPart.fate(range: alone, deaths: 7, maxAttempts: 2, evidence: 7) == .setAside)
    }

    @Test func `fifty lines of log a second pass, and the next one says how many did not`() {
        var throttle = LogThrottle()
        let start = ContinuousClock.now
        let decisions = (0..<80).map { _ in throttle.next(at: start) }
        #expect(decisions.count { $0 == .pass(dropped: 0) } == 50)
        #expect(decisions.suffix(30).allSatisfy { $0 == .drop })
        #expect(throttle.next(at: start + .seconds(1)) == .pass(dropped: 30))
        #expect(throttle.next(at: start + .seconds(1)) == .pass(dropped: 0))
    }

    @Test func `quantiles are never too low and at most a fifth too high`() {
        var distribution = Distribution()
        #expect(distribution.times == Times())
        for ms in 1...1000 { distribution.record(.milliseconds(ms)) }
        let times = distribution.times
        #expect(times.count == 1000 && times.sumMs == 500_500 && times.maxMs == 1000)
        for (quantile, exact) in [(times.p50Ms, 500.0), (times.p95Ms, 950), (times.p99Ms, 990)] {
            #expect((exact...exact * 1.19).contains(quantile ?? 0))
        }
    }

    @Test func `failed launches back off exponentially and give up within the window`() {
        var policy = RestartPolicy(
            initialBackoff: .seconds(1), maximumBackoff: .seconds(3), limit: 4, window: .seconds(60))
        let start = ContinuousClock.now
        #expect(policy.ended(.neverReady, at: start, chance: 0.5) == .relaunch(after: .seconds(1)))
        #expect(policy.ended(.neverReady, at: start + .seconds(1), chance: 0.5) == .relaunch(after: .seconds(2)))
        #expect(policy.ended(.neverReady, at: start + .seconds(2), chance: 0.5) == .relaunch(after: .seconds(3)))
        #expect(policy.ended(.neverReady, at: start + .seconds(120), chance: 0) == .relaunch(after: .milliseconds(500)))
        for second in 121...122 { _ = policy.ended(.neverReady, at: start + .seconds(second), chance: 0) }
        #expect(policy.ended(.neverReady, at: start + .seconds(123), chance: 0) == .giveUp)
    }

    @Test func `deaths at work only add up while nobody answers`() {
        var policy = RestartPolicy(
            initialBackoff: .seconds(1), maximumBackoff: .seconds(3), limit: 2, window: .seconds(60))
        for _ in 0..<100 {
            #expect(policy.ended(.diedAtWork, at: .now, chance: 0.5) == .relaunch(after: .zero))
            policy.answered()
        }
        let decisions = (0..<7).map { _ in policy.ended(.diedAtWork, at: .now, chance: 0.5) }
        #expect(decisions.last == .giveUp)
        #expect(decisions.dropLast().last == .relaunch(after: .seconds(3)))
    }

    @Test func `workers fit the cores and the memory, and there is at least one`() {
        let gigabyte: UInt64 = 1 << 30
        func count(_ cores: Int, _ threads: Int, _ free: UInt64) -> Int {
            WorkerPoolConfiguration.workerCount(
                cores: cores, threadsPerWorker: threads, available: free, perWorker: gigabyte)
        }
        #expect(count(8, 1, 100 * gigabyte) == 8)
        #expect(count(8, 2, 100 * gigabyte) == 4)
        #expect(count(8, 1, 3 * gigabyte) == 3)
        #expect(count(8, 1, 0) == 1)
        #expect(count(1, 4, 100 * gigabyte) == 1)
    }
}

extension Double {
    fileprivate var log2Rounded: Double {
        self <= 1 ? 0 : (sequence(first: 1.0) { $0 * 2 }.prefix { $0 < self }.reduce(0) { sum, _ in sum + 1 })
    }
}

/// A seeded generator, so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
