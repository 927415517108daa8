/// Writes rows as bytes, CSV (RFC 4180, with line feeds) or JSON Lines: a value at a time, nothing kept but the row.
///
/// A value that is missing is nothing between two commas, or `null`. In CSV texts stand in quotes, so that an empty text is
/// another thing than a missing one.
struct ExportEncoder {
    private let isCSV: Bool
    private let keys: [[UInt8]]
    private(set) var bytes: [UInt8] = []
    private var column = 0

    /// `isCSV` false: JSON Lines.
    init(columns: [ExportColumn], isCSV: Bool) {
        self.isCSV = isCSV
        keys = columns.map { column in
            var key: [UInt8] = []
            Self.quote(Array(column.name.utf8), to: &key)
            return key + [0x3A]
        }
        bytes.reserveCapacity(1 << 17)
    }

    /// The names of the columns, where the format has a place for them.
    mutating func header(_ columns: [ExportColumn]) {
        guard isCSV else { return }
        for column in columns { text(column.name) }
        end()
    }

    /// Forgets what has been written elsewhere.
    mutating func clear() { bytes.removeAll(keepingCapacity: true) }

    mutating func null() {
        begin()
        if !isCSV { bytes += "null".utf8 }
    }

    mutating func integer(_ value: Int64?) {
        guard let value else { return null() }
        begin()
        bytes += String(value).utf8
    }

    mutating func real(_ value: Double?) {
        guard let value, value.isFinite else { return null() }
        begin()
        bytes += value.description.utf8
    }

    mutating func boolean(_ value: Bool?) {
        guard let value else { return null() }
        begin()
        bytes += (value ? "true" : "false").utf8
    }

    mutating func text(_ value: String?) {
        guard var value else { return null() }
        value.withUTF8 { text($0) }
    }

    /// A text as UTF-8.
    mutating func text(_ value: some Collection<UInt8>) {
        begin()
        if isCSV { Self.quoteForCSV(value, to: &bytes) } else { Self.quote(value, to: &bytes) }
    }

    /// A time in milliseconds since 1970.
    mutating func time(_ milliseconds: Int64?) {
        guard let milliseconds else { return null() }
        begin()
        if !isCSV { bytes.append(0x22) }
        ISOTime.append(milliseconds, to: &bytes)
        if !isCSV { bytes.append(0x22) }
    }

    mutating func names(_ value: [String]?) {
        guard let value else { return null() }
        begin()
        guard !isCSV else { return Self.quoteForCSV(Array(value.joined(separator: ";").utf8), to: &bytes) }
        bytes.append(0x5B)
        for (index, name) in value.enumerated() {
            if index > 0 { bytes.append(0x2C) }
            Self.quote(Array(name.utf8), to: &bytes)
        }
        bytes.append(0x5D)
    }

    /// Ends the row.
    mutating func end() {
        if !isCSV { bytes.append(0x7D) }
        bytes.append(0x0A)
        column = 0
    }

    private mutating func begin() {
        if isCSV {
            if column > 0 { bytes.append(0x2C) }
        } else {
            bytes.append(column == 0 ? 0x7B : 0x2C)
            bytes += keys[column]
        }
        column += 1
    }

    private static func quoteForCSV(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(0x22)
        for byte in text {
            if byte == 0x22 { bytes.append(0x22) }
            bytes.append(byte)
        }
        bytes.append(0x22)
    }

    private static func quote(_ text: some Collection<UInt8>, to bytes: inout [UInt8]) {
        let hex = Array("0123456789abcdef".utf8)
        bytes.append(0x22)
        for byte in text {
            switch byte {
            case 0x22, 0x5C: bytes += [0x5C, byte]
            case 0x0A: bytes += [0x5C, 0x6E]
            case 0x0D: bytes += [0x5C, 0x72]
            case 0x09: bytes += [0x5C, 0x74]
            case 0..<0x20: bytes += [0x5C, 0x75, 0x30, 0x30, hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        bytes.append(0x22)
    }
}

/// ISO 8601 times in UTC with milliseconds.
enum ISOTime {
    /// Appends `2025-10-31T17:24:49.426Z`; years before 0 and after 9999 are clipped.
    static func append(_ milliseconds: Int64, to bytes: inout [UInt8]) {
        let (day, time) = milliseconds.dividedFloor(by: 86_400_000)
        // Civil from days (Hinnant): years begin in March, so that the leap day is the last.
        let (era, dayOfEra) = (day + 719_468).dividedFloor(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let month = (5 * dayOfYear + 2) / 153
        let year = min(max(yearOfEra + era * 400 + (month < 10 ? 0 : 1), 0), 9999)
        func append(_ number: Int64, _ digits: Int, then mark: UInt8) {
            var divisor: Int64 = 1
            for _ in 1..<digits { divisor *= 10 }
            while divisor > 0 {
                bytes.append(0x30 + UInt8(number / divisor % 10))
                divisor /= 10
            }
            bytes.append(mark)
        }
        append(year, 4, then: 0x2D)
        append(month < 10 ? month + 3 : month - 9, 2, then: 0x2D)
        append(dayOfYear - (153 * month + 2) / 5 + 1, 2, then: 0x54)
        append(time / 3_600_000, 2, then: 0x3A)
        append(time / 60_000 % 60, 2, then: 0x3A)
        append(time / 1000 % 60, 2, then: 0x2E)
        append(time % 1000, 3, then: 0x5A)
    }
}

extension Int64 {
    /// Quotient rounded down, and the remainder, which is never negative.
    fileprivate func dividedFloor(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
