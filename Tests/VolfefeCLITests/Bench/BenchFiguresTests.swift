import Inference
import Testing

@testable import VolfefeCLI

/// The pure parts of `volfefe bench`.
@Suite struct BenchFiguresTests {
    @Test func `no text is handed out twice, and those that come again have a mark`() {
        var supply = TextSupply(["a", "b", "c"])
        #expect(supply.take(2) == ["a", "b"])
        #expect(!supply.hasMarked)
        let rest = supply.take(6)
        #expect(rest.first == "c")
        #expect(Set(["a", "b"] + rest).count == 8)
        #expect(supply.hasMarked)
    }

    @Test func `a spread has the median between the two in the middle`() throws {
        #expect(Spread([]) == nil)
        let odd = try #require(Spread([3, 1, 2]))
        #expect((odd.min, odd.median, odd.max) == (1, 2, 3))
        #expect(try #require(Spread([4, 1, 2, 3])).median == 2.5)
        #expect(Spread([2])?.text(1) == "2.0")
        #expect(Spread([1, 3])?.text(1) == "2.0 (1.0–3.0)")
    }

    @Test func `quantiles are values that were measured`() {
        let values = (1...100).map(Double.init).shuffled()
        #expect(values.quantile(0.5) == 50)
        #expect(values.quantile(0.99) == 99)
        #expect(values.quantile(1) == 100)
        #expect([7.0].quantile(0.95) == 7)
        #expect([Double]().quantile(0.5) == nil)
    }

    private func text(_ tokens: Int, together: Int) -> Prediction.Processing {
        .init(latencyMs: 1, batchSize: together, tokens: tokens, truncated: false, firstCall: false)
    }

    @Test func `batches are found again from lengths and sizes, in whatever order the texts came`() {
        var padding = Padding()
        // Batches of 10 and 20, of 30 alone, and of 40 and 50: what is padded is 10 and 10.
        padding.count(
            [
                text(50, together: 2), text(10, together: 2), text(30, together: 1), text(20, together: 2),
                text(40, together: 2),
            ],
            limit: nil)
        #expect(padding.tokens == 150)
        #expect(padding.computed == 170)
    }

    @Test func `a text that was cut counts with what was read, one without tokens not at all`() {
        var padding = Padding()
        padding.count([text(900, together: 1)], limit: 256)
        padding.count([.init(latencyMs: 1, batchSize: 1, tokens: nil, truncated: false, firstCall: false)], limit: 256)
        #expect(padding.tokens == 256)
        #expect(padding.overhead == 1)
    }

    @Test func `shares are of the best vector unit of the precision and of the tiles`() {
        let peaks = [
            UnitPeak(precision: "fp32", unit: "avx512", gops: 200),
            UnitPeak(precision: "int8", unit: "avx2", gops: 100),
            UnitPeak(precision: "int8", unit: "avx512_vnni", gops: 800),
            UnitPeak(precision: "int8", unit: "amx", gops: 4000),
        ]
        #expect(
            PeakShare.shares(of: 400, precision: "int8", peaks: peaks) == [
                PeakShare(unit: "avx512_vnni", share: 0.5), PeakShare(unit: "amx", share: 0.1),
            ])
        #expect(PeakShare.shares(of: 400, precision: "bf16", peaks: peaks).isEmpty)
    }
}
