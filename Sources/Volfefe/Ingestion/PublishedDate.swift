import Foundation

/// Reads the dates that exports of posts hold, without the formatters' guesses: a date without a zone is UTC.
enum PublishedDate {
    /// ISO 8601 and its relatives (`2025-10-14 17:42:22.246000+00:00`), seconds, milliseconds or microseconds since 1970,
    /// RFC 2822 (`Wed, 10 Oct 2018 20:19:24 +0000`) and Twitter's `Wed Oct 10 20:19:24 +0000 2018`; nil for anything else.
    static func parse(_ text: String) -> Date? {
        let text = HTMLText.collapse(text)
        return epoch(text) ?? iso(text) ?? words(text)
    }

    private static func epoch(_ text: String) -> Date? {
        guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == 0x2E }), text.utf8.count >= 9,
            let number = Double(text)
        else { return nil }
        switch number {
        case ..<1e11: return Date(timeIntervalSince1970: number)
        case ..<1e14: return Date(timeIntervalSince1970: number / 1e3)
        case ..<1e17: return Date(timeIntervalSince1970: number / 1e6)
        default: return nil
        }
    }

    private static func iso(_ text: String) -> Date? {
        guard
            let match = text.wholeMatch(
                of:
                    #/(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s?([Zz]|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?)?/#
            )
        else { return nil }
        let parts = match.output
        return date(
            year: parts.1, month: Int(parts.2), day: parts.3, hour: parts.4 ?? "0", minute: parts.5 ?? "0",
            second: parts.6 ?? "0", fraction: parts.7, zone: parts.8)
    }

    private static func words(_ text: String) -> Date? {
        if let match = text.wholeMatch(
            of: #/[A-Za-z]{3} ([A-Za-z]{3}) (\d{1,2}) (\d{2}):(\d{2}):(\d{2}) ([+-]\d{4}|GMT|UTC) (\d{4})/#)
        {
            let parts = match.output
            return date(
                year: parts.7, month: month(parts.1), day: parts.2, hour: parts.3, minute: parts.4, second: parts.5,
                fraction: nil, zone: parts.6)
        }
        guard
            let match = text.wholeMatch(
                of:
                    #/(?:[A-Za-z]{3}, )?(\d{1,2}) ([A-Za-z]{3}) (\d{4}) (\d{2}):(\d{2})(?::(\d{2}))? ([+-]\d{4}|GMT|UTC|Z)/#
            )
        else { return nil }
        let parts = match.output
        return date(
            year: parts.3, month: month(parts.2), day: parts.1, hour: parts.4, minute: parts.5, second: parts.6 ?? "0",
            fraction: nil, zone: parts.7)
    }

    private static func month(_ name: Substring) -> Int? {
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
            .firstIndex(of: name.lowercased()).map { $0 + 1 }
    }

    private static func date(
        year: Substring, month: Int?, day: Substring, hour: Substring, minute: Substring, second: Substring,
        fraction: Substring?, zone: Substring?
    ) -> Date? {
        guard let year = Int(year), let month, let day = Int(day), let hour = Int(hour), let minute = Int(minute),
            let second = Int(second), (1...12).contains(month), (1...length(of: month, year)).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        let days = daysSince1970(year, month, day)
        let offset = secondsFromGMT(zone ?? "Z")
        let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset
        return Date(timeIntervalSince1970: Double(seconds) + (fraction.flatMap { Double("0." + $0) } ?? 0))
    }

    private static func secondsFromGMT(_ zone: Substring) -> Int {
        guard let sign = zone.first, sign == "+" || sign == "-" else { return 0 }
        let digits = zone.dropFirst().filter(\.isNumber)
        let hours = Int(digits.prefix(2)) ?? 0
        let minutes = Int(digits.dropFirst(2)) ?? 0
        return (sign == "-" ? -1 : 1) * (hours * 3600 + minutes * 60)
    }

    /// Days of a month.
    static func length(of month: Int, _ year: Int) -> Int {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days of the Gregorian calendar: years begin in March, so that the leap day is the last.
    static func daysSince1970(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let shifted = month > 2 ? year : year - 1
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        return shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
    }
}
