import Foundation
import Testing

@testable import Volfefe

@Suite struct CronScheduleTests {
    /// The first times after `start`, as UTC.
    private func times(_ schedule: String, _ zone: String, after start: String, _ count: Int) throws -> [String] {
        let schedule = try CronSchedule(schedule)
        let zone = try #require(TimeZone(identifier: zone))
        var date = try Date(start, strategy: .iso8601)
        return try (0..<count).map { _ in
            date = try #require(schedule.next(after: date, in: zone))
            return date.formatted(.iso8601)
        }
    }

    @Test func `a time in the gap of spring comes at the first moment after it`() throws {
        // New York, 8 March 2026: 02:00 EST becomes 03:00 EDT.
        #expect(
            try times("30 2 * * *", "America/New_York", after: "2026-03-07T00:00:00Z", 3) == [
                "2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z",
            ])
        // Berlin, 29 March 2026: 02:00 CET becomes 03:00 CEST.
        #expect(
            try times("30 2 * * *", "Europe/Berlin", after: "2026-03-28T02:00:00Z", 2) == [
                "2026-03-29T01:00:00Z", "2026-03-30T00:30:00Z",
            ])
    }

    @Test func `several times in the gap come once`() throws {
        #expect(
            try times("*/15 2 * * *", "America/New_York", after: "2026-03-08T00:00:00Z", 2) == [
                "2026-03-08T07:00:00Z", "2026-03-09T06:00:00Z",
            ])
    }

    @Test func `a time that comes twice in autumn runs the first time round`() throws {
        // New York, 1 November 2026: 02:00 EDT becomes 01:00 EST.
        #expect(
            try times("30 1 * * *", "America/New_York", after: "2026-10-31T06:00:00Z", 3) == [
                "2026-11-01T05:30:00Z", "2026-11-02T06:30:00Z", "2026-11-03T06:30:00Z",
            ])
        #expect(
            try times("30 2 * * *", "Europe/Berlin", after: "2026-10-24T12:00:00Z", 2) == [
                "2026-10-25T00:30:00Z", "2026-10-26T01:30:00Z",
            ])
    }

    @Test func `a schedule for every hour follows the time that passes`() throws {
        #expect(
            try times("*/30 * * * *", "America/New_York", after: "2026-11-01T05:00:00Z", 5) == [
                "2026-11-01T05:30:00Z", "2026-11-01T06:00:00Z", "2026-11-01T06:30:00Z", "2026-11-01T07:00:00Z",
                "2026-11-01T07:30:00Z",
            ])
        #expect(
            try times("0 * * * *", "America/New_York", after: "2026-03-08T05:30:00Z", 3) == [
                "2026-03-08T06:00:00Z", "2026-03-08T07:00:00Z", "2026-03-08T08:00:00Z",
            ])
    }

    @Test func `half an hour of summer time is no problem`() throws {
        // Lord Howe, 4 October 2026: 02:00 (+10:30) becomes 02:30 (+11:00).
        #expect(
            try times("15 2 * * *", "Australia/Lord_Howe", after: "2026-10-02T16:00:00Z", 2) == [
                "2026-10-03T15:30:00Z", "2026-10-04T15:15:00Z",
            ])
    }

    @Test func `every time zone runs a daily entry once per local day`() throws {
        let start = try Date("2026-01-01T00:00:00Z", strategy: .iso8601)
        let end = try Date("2027-01-01T00:00:00Z", strategy: .iso8601)
        for zone in ["America/New_York", "Europe/Berlin", "Africa/Casablanca", "Pacific/Auckland", "America/Santiago"] {
            let zone = try #require(TimeZone(identifier: zone))
            for hour in [0, 1, 2, 3, 23] {
                let schedule = try CronSchedule("30 \(hour) * * *")
                #expect(schedule.times(after: start, through: end, in: zone, limit: .max).count == 365)
            }
        }
    }

    @Test func `days are joined as everywhere in cron`() throws {
        // The 13th, and every Friday.
        #expect(
            try times("0 0 13 * fri", "UTC", after: "2026-11-01T00:00:00Z", 4) == [
                "2026-11-06T00:00:00Z", "2026-11-13T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-27T00:00:00Z",
            ])
        // With a star, only narrowed: every second day of the month that is a Monday.
        #expect(
            try times("0 0 */2 * mon", "UTC", after: "2026-11-01T00:00:00Z", 3) == [
                "2026-11-09T00:00:00Z", "2026-11-23T00:00:00Z", "2026-12-07T00:00:00Z",
            ])
    }

    @Test func `leap days and nicknames come`() throws {
        #expect(
            try times("0 12 29 2 *", "UTC", after: "2026-01-01T00:00:00Z", 2) == [
                "2028-02-29T12:00:00Z", "2032-02-29T12:00:00Z",
            ])
        #expect(try times("@weekly", "UTC", after: "2026-11-21T00:00:00Z", 1) == ["2026-11-22T00:00:00Z"])
        #expect(try times("0 0 * * 7", "UTC", after: "2026-11-21T00:00:00Z", 1) == ["2026-11-22T00:00:00Z"])
        #expect(try times("0 0 * * sat-sun", "UTC", after: "2026-11-21T00:00:00Z", 1) == ["2026-11-22T00:00:00Z"])
    }

    @Test(arguments: [
        "", "* * * *", "* * * * * *", "60 * * * *", "* 24 * * *", "* * 0 * *", "* * * 13 *", "* * * * 8",
        "5/10 * * * *",
        "*/0 * * * *", "9-5 * * * *", "a * * * *", "1,,2 * * * *", "@reboot", "0 0 30 2 *", "-1 * * * *",
        "1-2-3 * * * *",
    ])
    func `a schedule that cannot be is refused with a reason`(_ schedule: String) {
        #expect(throws: CronSyntaxError.self) { try CronSchedule(schedule) }
    }
}
