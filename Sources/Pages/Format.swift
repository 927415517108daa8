/// Figures as people read them; the same in every locale.
public enum Format {
    /// A space that does not break, before a unit.
    static let space = "\u{202F}"

    /// 0.694 as `69 %`; one digit after the point below 10 %, and `< 0.1 %` for what is more than nothing.
    public static func percent(_ share: Double) -> String {
        let percent = share * 100
        let size = percent.magnitude
        if size > 0, size < 0.05 { return "<\(space)0.1\(space)%" }
        let isWhole = size >= 9.95 || size == 0
        // What is not everything is not called so.
        if percent < 100, percent >= 99.5 { return (percent < 99.95 ? decimals(percent, 1) : "99.9") + space + "%" }
        return decimals(percent, isWhole ? 0 : 1) + space + "%"
    }

    /// With so many digits after the point.
    public static func decimals(_ value: Double, _ digits: Int) -> String {
        guard value.isFinite else { return "–" }
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (value.magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(value)" }
        let sign = value < 0 && scaled > 0 ? "−" : ""
        let whole = Int64(scaled / scale)
        guard digits > 0 else { return sign + grouped(Int(whole)) }
        let fraction = String(Int64(scaled) - whole * Int64(scale))
        return sign + grouped(Int(whole)) + "." + String(repeating: "0", count: digits - fraction.count) + fraction
    }

    /// With a comma every three digits.
    public static func grouped(_ number: Int) -> String {
        let digits = Array(String(number.magnitude))
        var result = number < 0 ? "−" : ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return result
    }

    /// Milliseconds in the unit that suits them: `0.4 ms`, `12 ms`, `1.8 s`, `3.2 min`.
    public static func duration(milliseconds: Double) -> String {
        func number(_ value: Double) -> String {
            // 9.96 is 10, not 10.0.
            value == 0 ? "0" : decimals(value, value < 0.095 ? 2 : value < 9.95 ? 1 : 0)
        }
        return switch milliseconds {
        case ..<999.5: number(milliseconds) + space + "ms"
        case ..<59_950: number(milliseconds / 1000) + space + "s"
        case ..<3_594_000: number(milliseconds / 60_000) + space + "min"
        default: number(milliseconds / 3_600_000) + space + "h"
        }
    }

    /// A tick of an axis of times: like `duration`, without zeros that say nothing.
    static func tick(milliseconds: Double) -> String {
        func number(_ value: Double) -> String {
            for digits in 0...3 {
                let text = decimals(value, digits)
                let shown = Double(text.replacing(",", with: "")) ?? value
                if digits == 3 || (shown - value).magnitude < value * 1e-9 { return text }
            }
            return ""
        }
        return milliseconds < 1000
            ? number(milliseconds) + space + "ms" : number(milliseconds / 1000) + space + "s"
    }

    /// `n text` or `n texts`.
    public static func count(_ number: Int, _ singular: String, _ plural: String? = nil) -> String {
        "\(grouped(number)) \(number == 1 ? singular : plural ?? singular + "s")"
    }
}
