/// Something that can be drawn at any width.
public protocol Chart: Sendable {
    /// Draws it; text keeps its size, so a narrow drawing is arranged otherwise and not a smaller picture of the wide one.
    func drawing(width: Double) -> Drawing
}

/// Marks on an area.
public struct Drawing: Sendable {
    /// Width and height in pixels.
    public var width, height: Double
    /// What is on it, the last on top.
    public var marks: [Markup]
}

/// How a mark is filled; the style sheet has the colours of light, dark and print.
public enum Tone: String, Sendable, Hashable {
    case positive, neutral, negative
    /// What has no meaning by itself.
    case accent

    /// The mark that stands for it where there is no room for a word.
    var sign: String {
        switch self {
        case .positive: "+"
        case .neutral: "○"
        case .negative: "−"
        case .accent: ""
        }
    }
}

/// The marks that all charts share.
enum Mark {
    static let labelSize = 13.0
    static let smallSize = 12.0

    enum Anchor: String { case start, middle, end }

    /// Text whose baseline is at `y`.
    static func text(
        _ text: String, x: Double, y: Double, _ style: String = "label", anchor: Anchor = .start
    ) -> Markup {
        .element(
            "text", ["x": number(x), "y": number(y), "class": style, "text-anchor": anchor.rawValue],
            Markup(text: text))
    }

    /// Text that is shortened to `width`; the whole is shown when pointed at.
    static func name(_ text: String, x: Double, y: Double, width: Double, anchor: Anchor = .start) -> Markup {
        let short = TextWidth.fitted(text, width: width, size: labelSize, isBold: true)
        let whole = short == text ? [] : [Markup.element("title", [:], Markup(text: text))]
        return .element(
            "text", ["x": number(x), "y": number(y), "class": "name halo", "text-anchor": anchor.rawValue],
            [Markup(text: short)] + whole)
    }

    static func rect(x: Double, y: Double, width: Double, height: Double, _ style: String) -> Markup {
        .element(
            "rect",
            [
                "x": number(x), "y": number(y), "width": number(max(width, 0)), "height": number(max(height, 0)),
                "class": style,
            ], [])
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> Markup {
        .element(
            "line", ["x1": number(x1), "y1": number(y1), "x2": number(x2), "y2": number(y2), "class": style], [])
    }

    static func circle(x: Double, y: Double, radius: Double, _ style: String) -> Markup {
        .element("circle", ["cx": number(x), "cy": number(y), "r": number(radius), "class": style], [])
    }

    /// Ticks with their labels under an axis, those left out that would touch the one before.
    static func axis(_ ticks: [(place: Double, label: String)], y: Double, from left: Double, to right: Double)
        -> [Markup]
    {
        var end = -Double.infinity
        return ticks.flatMap { tick -> [Markup] in
            let half = TextWidth.of(tick.label, size: smallSize) / 2
            // A label at an end of the axis is moved inside.
            let middle = min(max(tick.place, left + half), max(right - half, left + half))
            guard middle - half > end + 6, abs(middle - tick.place) <= half + 0.5 else { return [] }
            end = middle + half
            return [
                line(tick.place, y, tick.place, y + 4, "axis"),
                text(tick.label, x: middle, y: y + 17, "small", anchor: .middle),
            ]
        }
    }

    /// At most two digits after the point.
    static func number(_ value: Double) -> String {
        let hundredths = (value * 100).rounded()
        guard hundredths.magnitude < 1e12 else { return "0" }
        let whole = Int(hundredths)
        let sign = whole < 0 ? "-" : ""
        let fraction = Int(whole.magnitude % 100)
        let digits =
            fraction == 0
            ? "" : fraction % 10 == 0 ? ".\(fraction / 10)" : fraction < 10 ? ".0\(fraction)" : ".\(fraction)"
        return sign + String(whole.magnitude / 100) + digits
    }
}
