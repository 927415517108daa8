/// A day of the Gregorian calendar, in no time zone. Pure.
///
/// Conversion as in Howard Hinnant, *chrono-compatible low-level date algorithms*: years begin in March, so that the leap day
/// is the last.
struct LocalDay: Sendable, Hashable {
    /// Days since 1970-01-01.
    let number: Int
    let month, day: Int

    /// 0 is Sunday.
    var weekday: Int { ((number % 7) + 11) % 7 }

    init(number: Int) {
        self.number = number
        let shifted = number + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    }

    /// The day that holds a time of the wall clock, given in seconds since 1970-01-01 00:00 of that clock.
    init(containing seconds: Int) {
        self.init(number: seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400)
    }
}
