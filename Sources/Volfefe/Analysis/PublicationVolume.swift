import Foundation
import GRDB

/// How many contents were published when, source by source.
public struct PublicationVolume: Sendable, Hashable, Encodable {
    /// How time is divided; days and weeks (from Monday) are those of UTC.
    public enum Unit: String, Sendable, Hashable, Encodable {
        case day, week, month, year

        /// The finest that divides the time between two dates into at most 120.
        init(from first: Date, to last: Date) {
            self =
                switch last.timeIntervalSince(first) / 86_400 {
                case ...118: .day
                case ...830: .week
                case ...3600: .month
                default: .year
                }
        }
    }

    /// Contents of a source.
    public struct Row: Sendable, Hashable, Encodable {
        /// Name of the source.
        public var source: String
        /// Contents by unit of time, as many as there are starts.
        public var counts: [Int]
    }

    /// How time is divided.
    public var unit: Unit
    /// First day of every unit from the first to the last with a content, as `2025-10-22`; none is left out.
    public var starts: [String]
    /// Contents by source, those of the most contents first.
    public var rows: [Row]

    /// Fills the gaps between counts by source and start.
    init(unit: Unit, counts: [String: [String: Int]]) {
        self.unit = unit
        let found = counts.values.flatMap(\.keys)
        let starts = Self.units(unit, from: found.min(), to: found.max())
        self.starts = starts
        rows = counts.map { source, counts in Row(source: source, counts: starts.map { counts[$0] ?? 0 }) }
            .sorted { ($1.total, $0.source) < ($0.total, $1.source) }
    }

    private static func units(_ unit: Unit, from first: String?, to last: String?) -> [String] {
        let style = Date.ISO8601FormatStyle().year().month().day()
        guard let first, let last, var date = try? style.parse(first), let end = try? style.parse(last) else {
            return []
        }
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        var days: [String] = []
        while date <= end {
            days.append(style.format(date))
            let next = calendar.date(byAdding: unit.component, value: unit == .week ? 7 : 1, to: date)
            guard let next, next > date else { break }
            date = next
        }
        return days
    }
}

extension PublicationVolume.Row {
    /// All of them.
    public var total: Int { counts.reduce(0, +) }
}

extension PublicationVolume.Unit {
    fileprivate var component: Calendar.Component {
        switch self {
        case .day, .week: .day
        case .month: .month
        case .year: .year
        }
    }
}

extension Store {
    /// Contents by source and time of publication; nil when none has a date.
    static func publicationVolume(
        from first: Date?, to last: Date?, scope: StatementArguments, in db: Database
    ) throws -> PublicationVolume? {
        guard let first, let last else { return nil }
        let unit = PublicationVolume.Unit(from: first, to: last)
        let rows = try Row.fetchAll(
            db,
            sql: """
                SELECT
                    s.name,
                    CASE :unit
                        WHEN 'day' THEN date(c.published_at / 1000.0, 'unixepoch')
                        WHEN 'week' THEN date(c.published_at / 1000.0, 'unixepoch', 'weekday 0', '-6 days')
                        WHEN 'month' THEN date(c.published_at / 1000.0, 'unixepoch', 'start of month')
                        ELSE date(c.published_at / 1000.0, 'unixepoch', 'start of year')
                    END AS start,
                    count(*) AS contents
                FROM contents AS c JOIN sources AS s ON s.id = c.source_id
                WHERE c.published_at IS NOT NULL AND \(ContentScope.condition)
                GROUP BY s.id, start
                """,
            arguments: ["unit": unit.rawValue] &+ scope)
        var counts: [String: [String: Int]] = [:]
        for row in rows {
            // Dates that SQLite cannot write, after the year 9999, are left out.
            guard let start: String = row["start"] else { continue }
            counts[row["name"], default: [:]][start, default: 0] += row["contents"] as Int
        }
        return PublicationVolume(unit: unit, counts: counts)
    }
}
