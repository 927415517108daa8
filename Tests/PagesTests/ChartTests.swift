import Testing

@testable import Pages

@Suite struct ChartTests {
    @Test func `ticks are round values within the ends`() {
        #expect(Scale(from: 0, to: 1, at: 0, 100).ticks(5) == [0, 0.2, 0.4, 0.6000000000000001, 0.8, 1])
        #expect(Scale(from: 0.3, to: 1, at: 0, 100).ticks(3).map { Format.decimals($0, 2) } == ["0.50", "1.00"])
        #expect(Scale(.logarithmic, from: 0.8, to: 1500, at: 0, 100).ticks(5) == [1, 10, 100, 1000])
        #expect(Scale(.logarithmic, from: 1, to: 20, at: 0, 100).ticks(9) == [1, 2, 5, 10, 20])
    }

    @Test func `a logarithmic scale gives every power of ten the same room`() {
        let scale = Scale(.logarithmic, from: 1, to: 1000, at: 0, 300)
        for (value, place) in [(1.0, 0.0), (10, 100), (100, 200), (1000, 300), (0.1, 0), (5000, 300)] {
            #expect(abs(scale(value) - place) < 1e-9)
        }
    }

    @Test func `a long name is shortened in the middle and fits`() {
        let name = "a-model-with-a-very-long-identifier@2025-10-31"
        let short = TextWidth.fitted(name, width: 120, size: 13)
        #expect(TextWidth.of(short, size: 13) <= 120 && short.contains("…"))
        #expect(short.hasPrefix("a-mod") && name.hasSuffix(short.split(separator: "…").last ?? "x"))
        #expect(TextWidth.fitted("short", width: 120, size: 13) == "short")
        #expect(TextWidth.fitted("anything", width: 1, size: 13) == "…")
    }

    @Test(arguments: [1.0, 312, 720])
    func `every chart can be drawn at any width, of nothing too`(width: Double) {
        let charts: [any Chart] = [
            StackedBars(rows: []),
            StackedBars(rows: [.init(name: "a", parts: [.init(.positive, "positive", count: 0)])]),
            HeatMap(names: [], values: []), HeatMap(names: ["a", "b"], values: [[nil, nil], [nil, nil]]),
            HistogramPanels(panels: []),
            HistogramPanels(panels: [.init(name: "a", note: "", bins: [0, 0], mark: nil)]),
            Ridges(rows: [], axis: .durations, showsShares: true),
            Ridges(
                rows: [.init(name: "a", note: "", bins: [.init(from: 1, to: 1, count: 1)])], axis: .durations,
                showsShares: true),
            IntervalDots(rows: [], domain: 0...1),
            IntervalDots(rows: [.init(name: "a", value: nil, low: nil, high: nil, text: "–")], domain: 0...1),
            ReliabilityPanels(panels: [.init(name: "a", note: "", bins: [])]),
        ]
        for chart in charts {
            let drawing = chart.drawing(width: width)
            let svg = Markup(drawing.marks).html
            #expect(drawing.height > 0 && !svg.contains("nan") && !svg.contains("inf"), "\(chart)")
        }
    }

    @Test func `the parts of a bar fill it, and each word stands somewhere`() {
        let bars = StackedBars(rows: [
            .init(
                name: "a",
                parts: [
                    .init(.negative, "negative", count: 1), .init(.neutral, "neutral", count: 1),
                    .init(.positive, "positive", count: 98),
                ])
        ])
        let svg = Markup(bars.drawing(width: 720).marks).html
        for word in ["negative", "neutral", "positive"] { #expect(svg.contains(word)) }
    }

    @Test func `κ is called what Landis and Koch call it`() {
        let words: [(Double, String)] = [
            (-0.1, "below chance"), (0, "slight"), (0.2, "fair"), (0.59, "moderate"), (0.6, "substantial"),
            (1, "almost perfect"),
        ]
        for (value, word) in words { #expect(HeatMap.word(value) == word) }
    }
}
