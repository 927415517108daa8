import ArgumentParser
import Foundation
import Volfefe

/// A point in time as an argument gives it: a day, or ISO 8601 with its zone; UTC where there is none.
struct Moment: ExpressibleByArgument {
    let date: Date

    init?(argument: String) {
        let hasTime = argument.contains("T")
        let text = hasTime ? argument : argument + "T00:00:00Z"
        guard let date = (try? Date(text, strategy: .iso8601)) ?? (try? Date(text + "Z", strategy: .iso8601)) else {
            return nil
        }
        self.date = date
    }
}

/// A length of time as an argument gives it: `90s`, `15m`, `1h`, `7d`.
struct Span: ExpressibleByArgument {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    init?(argument: String) {
        guard let duration = Duration(setting: argument) else { return nil }
        self.duration = duration
    }

    var seconds: Double { duration / .seconds(1) }
    var defaultValueDescription: String { "\(Int(seconds))s" }
}

extension Date {
    /// `2026-11-21 17:04:05`, UTC.
    var shown: String {
        formatted(
            .iso8601.year().month().day().dateSeparator(.dash).time(includingFractionalSeconds: false)
                .dateTimeSeparator(.space).timeSeparator(.colon))
    }
}

extension Double {
    /// A number of seconds as `2 d 3 h`, `1:02:03`, `42 s`.
    var spanned: String {
        let whole = Int(self.rounded())
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        switch whole {
        case ..<60: return "\(whole) s"
        case ..<86_400: return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
        default: return "\(whole / 86_400) d \(whole / 3600 % 24) h"
        }
    }
}
