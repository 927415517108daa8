import Foundation

/// When something is to run: the five fields of cron, read in a time zone. Pure.
///
/// Both fields of days given: one of them is enough, as everywhere in cron; one that begins with `*` only narrows the other.
///
/// Where clocks are put forward or back, a schedule for fixed hours runs exactly once a day: at the first moment after the gap
/// when its time does not exist, and the first time round when it exists twice. One that runs in every hour follows the time that
/// passes: nothing is made up in the gap, and the doubled hour counts twice. (So does Vixie's cron, in cron(8).)
public struct CronSchedule: Sendable, Hashable {
    /// The schedule as it was written.
    public let text: String
    private let minutes, hours, days, months, weekdays: CronField
    private var runsEveryHour: Bool { hours.values.count == 24 }

    private static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// Reads `minute hour day-of-month month day-of-week`, or `@hourly`, `@daily`, `@weekly`, `@monthly`, `@yearly`. Throws
    /// `CronSyntaxError`, also for a schedule that never comes, such as the 30th of February.
    public init(_ text: String) throws {
        let trimmed = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if trimmed.hasPrefix("@"), Self.nicknames[trimmed.lowercased()] == nil {
            throw CronSyntaxError(
                "\"\(trimmed)\" is not known; known are \(Self.nicknames.keys.sorted().joined(separator: ", "))")
        }
        let fields = (Self.nicknames[trimmed.lowercased()] ?? trimmed).split(separator: " ").map(String.init)
        guard fields.count == 5 else {
            throw CronSyntaxError(
                "\"\(trimmed)\" has \(fields.count) fields and needs 5: minute, hour, day of the month, month, day of the week"
            )
        }
        self.text = trimmed
        minutes = try CronField(fields[0], .minute)
        hours = try CronField(fields[1], .hour)
        days = try CronField(fields[2], .day)
        months = try CronField(fields[3], .month)
        weekdays = try CronField(fields[4], .weekday)
        guard next(after: Date(timeIntervalSince1970: 0), in: .gmt) != nil else {
            throw CronSyntaxError("\"\(trimmed)\" never comes: no such month has such a day")
        }
    }

    /// The first time after `date`; nil when there is none within 28 years.
    public func next(after date: Date, in zone: TimeZone) -> Date? {
        let after = Int(date.timeIntervalSince1970.rounded(.down))
        // A day earlier: what is doubled around midnight may belong to yesterday.
        let first = LocalDay(containing: after + zone.secondsFromGMT(for: date)).number - 1
        for number in first...(first + 28 * 366) {
            let day = LocalDay(number: number)
            guard includes(day) else { continue }
            if let time = instants(on: day, in: zone).first(where: { $0 > after }) {
                return Date(timeIntervalSince1970: Double(time))
            }
        }
        return nil
    }

    /// All times after `start` up to and with `end`, ascending, the first `limit`.
    public func times(after start: Date, through end: Date, in zone: TimeZone, limit: Int) -> [Date] {
        let after = Int(start.timeIntervalSince1970.rounded(.down))
        let last = Int(end.timeIntervalSince1970.rounded(.down))
        var found: [Date] = []
        guard last > after else { return [] }
        let first = LocalDay(containing: after + zone.secondsFromGMT(for: start)).number - 1
        let final = LocalDay(containing: last + zone.secondsFromGMT(for: end)).number + 1
        for number in first...final {
            let day = LocalDay(number: number)
            guard includes(day) else { continue }
            for time in instants(on: day, in: zone) where time > after && time <= last {
                found.append(Date(timeIntervalSince1970: Double(time)))
                if found.count == limit { return found }
            }
        }
        return found
    }

    private func includes(_ day: LocalDay) -> Bool {
        guard months.values.contains(day.month) else { return false }
        let byDay = days.values.contains(day.day)
        let byWeekday = weekdays.values.contains(day.weekday)
        return days.isStarred || weekdays.isStarred ? byDay && byWeekday : byDay || byWeekday
    }

    /// The times of a day, in seconds since 1970, ascending and each once.
    private func instants(on day: LocalDay, in zone: TimeZone) -> [Int] {
        var found = Set<Int>()
        let clock = WallClock(zone, around: day)
        for hour in hours.values {
            for minute in minutes.values {
                let times = clock.instants(of: day.number * 86_400 + hour * 3600 + minute * 60)
                if runsEveryHour {
                    found.formUnion(times.existing)
                } else {
                    found.insert(times.existing.first ?? times.afterGap)
                }
            }
        }
        return found.sorted()
    }
}
