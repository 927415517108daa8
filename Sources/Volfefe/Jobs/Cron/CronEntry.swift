import Foundation
import GRDB

/// What is done about runs whose time came while nobody was there.
public enum MissedRuns: String, Sendable, Hashable, Codable, CaseIterable {
    /// The last of them is run, once.
    case one
    /// Each of them is run.
    case all
    /// None of them is run.
    case skip

    /// Which of the times that have come are run, ascending; a time is missed when it is longer ago than `grace`. Pure.
    func chosen(of due: [Date], at now: Date, grace: Duration) -> [Date] {
        switch self {
        case .all: due
        case .one: Array(due.suffix(1))
        case .skip: due.filter { now.timeIntervalSince($0) <= grace / .seconds(1) }
        }
    }
}

/// Something that is to be put into a queue again and again.
public struct CronEntry: Sendable, Hashable, Codable {
    /// Where an entry comes from.
    public enum Origin: String, Sendable, Hashable, Codable {
        /// `volfefe cron add`.
        case command
        /// `cron:` in volfefe.yaml.
        case settings
    }

    /// Its name.
    public var name: String
    /// When it is due: five fields, or a nickname.
    public var schedule: String
    /// Name of the time zone that these are read in.
    public var timeZone: String
    /// What is done about runs that nobody was there for.
    public var missed: MissedRuns
    /// The kind of its jobs.
    public var kind: String
    /// What that kind needs to know, as JSON.
    public var arguments: String?
    /// Where its jobs go.
    public var queue: String
    /// 0 goes first, 9 last.
    public var priority: Int
    /// Where it comes from.
    public var origin: Origin
    /// Whether it runs at all.
    public var isPaused = false
    /// When it runs next; from the database.
    public internal(set) var nextAt: Date?
    /// The last time for which it ran; from the database.
    public internal(set) var lastAt: Date?

    /// Creates an entry; throws `CronSyntaxError` for a schedule or a time zone that cannot be read.
    public init(
        name: String, schedule: String, timeZone: String = "UTC", missed: MissedRuns = .one,
        kind: String = EnqueueHandler.name, arguments: String? = nil, queue: String = "default", priority: Int = 0,
        origin: Origin = .command
    ) throws {
        self.name = name
        self.schedule = try CronSchedule(schedule).text
        guard TimeZone(identifier: timeZone) != nil else {
            throw CronSyntaxError("\"\(timeZone)\" is no time zone; give a name such as Europe/Berlin, or UTC")
        }
        self.timeZone = timeZone
        self.missed = missed
        self.kind = kind
        self.arguments = arguments
        self.queue = queue
        self.priority = min(max(priority, 0), 9)
        self.origin = origin
    }

    init(_ row: Row) {
        name = row["name"]
        schedule = row["schedule"]
        timeZone = row["time_zone"]
        missed = MissedRuns(rawValue: row["missed"]) ?? .one
        kind = row["kind"]
        arguments = row["args"]
        queue = row["queue"]
        priority = row["priority"]
        origin = Origin(rawValue: row["origin"]) ?? .command
        isPaused = row["paused"]
        nextAt = isPaused ? nil : Date(milliseconds: row["next_at"])
        lastAt = (row["last_at"] as Int64?).map(Date.init(milliseconds:))
    }

    /// When it is due next after `date`; throws when its schedule cannot be read.
    public func next(after date: Date) throws -> Date? {
        try CronSchedule(schedule).next(after: date, in: TimeZone(identifier: timeZone) ?? .gmt)
    }

    enum CodingKeys: String, CodingKey {
        case name, schedule, missed, kind, arguments, queue, priority, origin
        case timeZone = "time_zone"
        case isPaused = "paused"
        case nextAt = "next_at"
        case lastAt = "last_at"
    }
}
