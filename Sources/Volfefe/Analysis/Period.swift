import Foundation

/// Days, weeks, months or years in UTC, first and last included: `2025-01..2025-03`, `2025-W05`, `2025-01-15..2025-02-20`.
public struct Period: Sendable, Hashable, Encodable, CustomStringConvertible {
    /// As it was written.
    public var description: String
    /// Its beginning.
    public var start: Date
    /// The beginning of what comes after it.
    public var end: Date

    enum CodingKeys: String, CodingKey {
        case start, end
        case description = "period"
    }

    /// Reads a period. Throws `VolfefeError.usage` for one that cannot be read or ends before it begins.
    public init(_ text: String) throws {
        let ends = text.components(separatedBy: "..")
        guard ends.count <= 2, let first = Self.days(ends[0]), let last = ends.count == 2 ? Self.days(ends[1]) : first
        else {
            throw VolfefeError.usage(
                "\"\(text)\" is no period; write it as 2025-01..2025-03, 2025-01-15..2025-02-20, 2025-W05..2025-W08 or 2025."
            )
        }
        guard first.lowerBound < last.upperBound else {
            throw VolfefeError.usage("\"\(text)\" ends before it begins; write the earlier one first.")
        }
        description = text
        start = Date(timeIntervalSince1970: Double(first.lowerBound) * 86_400)
        end = Date(timeIntervalSince1970: Double(last.upperBound) * 86_400)
    }

    /// Whether some moment is in both.
    public func overlaps(_ other: Period) -> Bool { start < other.end && other.start < end }

    /// Days since 1970 of a day, an ISO 8601 week (from Monday), a month or a year.
    private static func days(_ text: String) -> Range<Int>? {
        guard let match = text.wholeMatch(of: #/(\d{4})(?:-(?:[Ww](\d{2})|(\d{2})(?:-(\d{2}))?))?/#),
            let year = Int(match.1)
        else { return nil }
        if let week = match.2.flatMap({ Int($0) }) { return days(ofWeek: week, year) }
        guard let month = match.3.flatMap({ Int($0) }) else {
            return PublishedDate.daysSince1970(year, 1, 1)..<PublishedDate.daysSince1970(year + 1, 1, 1)
        }
        guard (1...12).contains(month) else { return nil }
        let first = PublishedDate.daysSince1970(year, month, 1)
        let length = PublishedDate.length(of: month, year)
        guard let digits = match.4 else { return first..<first + length }
        guard let day = Int(digits), (1...length).contains(day) else { return nil }
        return first + day - 1..<first + day
    }

    private static func days(ofWeek week: Int, _ year: Int) -> Range<Int>? {
        let first = monday(ofYear: year) + 7 * (week - 1)
        return week >= 1 && first < monday(ofYear: year + 1) ? first..<first + 7 : nil
    }

    /// The Monday of the week with 4 January in it, in days since 1970, which began on a Thursday.
    private static func monday(ofYear year: Int) -> Int {
        let day = PublishedDate.daysSince1970(year, 1, 4)
        return day - (day + 3) % 7
    }
}
