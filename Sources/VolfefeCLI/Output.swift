import ArgumentParser
import Foundation
import Inference

/// The one switch on the output format.
struct OutputOptions: ParsableArguments {
    @Flag(name: .long, help: "Print JSON on stdout, for machines.")
    var json = false

    /// Prints `value` as JSON, or the table that `human` makes of it.
    func show<Value: Encodable>(_ value: Value, human: (Value) -> String) throws {
        Terminal.show(json ? try JSON.line(value) : human(value))
    }
}

/// JSON as this program prints it.
enum JSON {
    /// One line, keys in a stable order.
    static func line(_ value: some Encodable) throws -> String {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes])
    }

    /// Indented on a terminal, one line elsewhere.
    static func document(_ value: some Encodable) throws -> String {
        var formatting: JSONEncoder.OutputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if Terminal.showsToPerson { formatting.insert(.prettyPrinted) }
        return try encode(value, formatting)
    }

    /// Indented, for files that people read too.
    static func pretty(_ value: some Encodable) throws -> String {
        try encode(value, [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted])
    }

    private static func encode(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}

/// An aligned table: text to the left, numbers to the right.
struct Table {
    enum Alignment { case left, right }

    private let columns: [(title: String, alignment: Alignment)]
    private var rows: [[String]] = []

    init(_ columns: (String, Alignment)...) {
        self.columns = columns.map { (title: $0.0, alignment: $0.1) }
    }

    init(columns: [(String, Alignment)]) {
        self.columns = columns.map { (title: $0.0, alignment: $0.1) }
    }

    mutating func add(_ cells: String...) { rows.append(cells) }
    mutating func add(cells: [String]) { rows.append(cells) }

    func rendered(indent: String = "") -> String {
        let widths = columns.indices.map { column in
            (rows.map { $0[column].visibleWidth } + [columns[column].title.visibleWidth]).max() ?? 0
        }
        func line(_ cells: [String], style: (String) -> String = { $0 }) -> String {
            let padded = cells.indices.map { column in
                let space = String(repeating: " ", count: widths[column] - cells[column].visibleWidth)
                let cell = style(cells[column])
                return columns[column].alignment == .left ? cell + space : space + cell
            }
            return indent + padded.joined(separator: "  ").trimmingTrailingSpaces
        }
        let lines = [line(columns.map(\.title), style: Style.bold.callAsFunction)] + rows.map { line($0) }
        return lines.joined(separator: "\n")
    }
}

extension String {
    /// Characters that take room on a terminal: escape sequences do not, wide characters take two cells.
    var visibleWidth: Int {
        var width = 0
        var inEscape = false
        for scalar in unicodeScalars {
            if inEscape {
                if scalar == "m" { inEscape = false }
            } else if scalar == "\u{1B}" {
                inEscape = true
            } else if scalar.properties.isVariationSelector || scalar.properties.generalCategory == .nonspacingMark
                || scalar == "\u{200D}"
            {
                continue
            } else {
                width += scalar.isWide ? 2 : 1
            }
        }
        return width
    }

    fileprivate var trimmingTrailingSpaces: String {
        var end = endIndex
        while end > startIndex, self[index(before: end)] == " " { end = index(before: end) }
        return String(self[..<end])
    }

    /// The first `width` cells on one line, with an ellipsis when something is left out.
    func preview(_ width: Int) -> String {
        let line = String(self.map { $0.isNewline || $0 == "\t" ? " " : $0 }.filter { !$0.isControl })
        guard line.visibleWidth > width else { return line }
        var short = ""
        var used = 0
        for character in line {
            let cells = String(character).visibleWidth
            guard used + cells < width else { break }
            short.append(character)
            used += cells
        }
        return short + "…"
    }
}

extension Character {
    fileprivate var isControl: Bool { unicodeScalars.allSatisfy { $0.properties.generalCategory == .control } }
}

extension Unicode.Scalar {
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
            0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}

extension Double {
    /// With `digits` after the point, whatever the locale.
    func digits(_ digits: Int) -> String {
        guard isFinite else { return "–" }
        let negative = self < 0 ? "-" : ""
        var scale = 1.0
        for _ in 0..<digits { scale *= 10 }
        let scaled = (magnitude * scale).rounded()
        guard scaled < 9e15 else { return "\(self)" }
        let whole = Int64(scaled / scale)
        guard digits > 0 else { return "\(negative)\(whole)" }
        let fraction = String(Int64(scaled) - whole * Int64(scale))
        return "\(negative)\(whole)." + String(repeating: "0", count: digits - fraction.count) + fraction
    }
}

extension Int {
    /// With a comma every three digits.
    var grouped: String {
        let digits = String(magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index).isMultiple(of: 3) { result.append(",") }
            result.append(digit)
        }
        return (self < 0 ? "-" : "") + result
    }
}

extension Sentiment {
    /// The word in its colour.
    var coloured: String {
        switch self {
        case .positive: Style.green(rawValue)
        case .negative: Style.red(rawValue)
        case .neutral: Style.yellow(rawValue)
        }
    }
}
